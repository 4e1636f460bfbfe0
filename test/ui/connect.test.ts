import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { connectors } from '../../connectors/registry.ts'
import { makeShopifySandbox } from '../../connectors/shopify/sandbox.ts'
import { readAccounts } from '../../db/accounts.ts'
import { close } from '../../db/connect.ts'
import { makeTryAccount } from '../../jobs/try-account.ts'
import { platformFacts } from '../../src/main-platforms.ts'
import { unsealText } from '../../src/values/sealed.ts'
import { everyStage, stageOf } from '../connectors/platform-stage.ts'
import { shopifyKeys } from '../connectors/shopify-stage.ts'
import { logIn } from '../http/stage.ts'
import { holdsNone, played, secretsOf, typedFor, wrongAt } from './connect-stage.ts'
import { englishLeft } from './one-language.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let admin: Person

beforeAll(async () => {
  stage = await setUiStage()
  admin = await stage.person('admin')
})
afterAll(() => close(stage.sql, 1))

const accounts = async () => (await readAccounts(stage.sql)).map(account => account.name)

const keptIn = (html: string): string => /name="kept" value="([^"]*)"/.exec(html)?.[1] ?? ''

describe.each(await everyStage())('$connector.title', ({ connector, live }) => {
  const { platform, title } = connector

  test('is asked for exactly its settings and credentials, each with where it is found, in both languages', async () => {
    const form = platformFacts[platform]?.form
    const keys = (shape: unknown): string[] => Object.keys((shape as { properties?: object }).properties ?? {})
    const credentials = z.toJSONSchema(connector.credentials)
    expect(form?.settings.map(field => field.name)).toEqual(keys(z.toJSONSchema(connector.settings)))
    expect(form?.ways.map(way => way.fields.map(field => field.name))).toEqual((credentials.anyOf ?? [credentials]).map(keys))
    const fields = [...(form?.settings ?? []), ...(form?.ways.flatMap(way => way.fields) ?? [])]
    for (const field of fields) {
      expect(field.where, `${platform}: ${field.name} needs its words in connecting.ts`).not.toBeNull()
      expect(field.where?.['zh-CN'], field.name).toMatch(/\p{Script=Han}|^Settings > Users$/u)
    }
    // What is told of nothing that is asked for is told to nobody.
    const names = fields.map(field => field.name)
    expect(Object.keys(connector.connecting?.fields ?? {}).filter(name => !names.includes(name))).toEqual([])
    expect(Object.values(form?.mends ?? {}).filter(name => ![...names, 'ref', 'currency'].includes(name))).toEqual([])

    const page = await visit(stage, `/connect/${platform}`, admin)
    expect(page.status).toBe(200)
    for (const name of [
      ...(form?.settings.map(one => `settings.${one.name}`) ?? []),
      ...(form?.ways.flatMap((way, at) => way.fields.map(one => `credentials.${at}.${one.name}`)) ?? []),
    ])
      expect(page.html).toContain(`name="${name}"`)
  })

  test('is connected by the form after it was tried there, and begins in observe; wrong credentials are refused in its words and shown nowhere', async () => {
    const account = live.account(await played(live.make), live.scale)
    const name = `${platform}-by-form`
    const typed = typedFor(platform, name, account)
    const secrets = secretsOf(platform, account)
    expect(secrets.length).toBeGreaterThan(0)
    const bad = Object.fromEntries(
      Object.entries(typed).map(([key, value]) => [key, key.startsWith('credentials.') ? `${value}-mistyped` : value]),
    )

    const refused = await send(stage, `/connect/${platform}`, admin, bad)
    expect(refused.status).toBe(422)
    expect(textOf(refused.html)).toContain('Nothing was saved')
    expect(refused.html).toMatch(/<span class="field-wrong" role="alert">[^<]{20,}/)
    holdsNone(stage, refused, secrets)
    expect(await accounts()).not.toContain(name)

    const chinese = await send(stage, `/connect/${platform}`, { ...admin, cookie: `${admin.cookie}; concord_language=zh-CN` }, bad)
    expect(englishLeft(chinese.html.replace(/<span class="field-wrong" role="alert">[^<]*/g, ''))).toEqual([])

    const page = await send(stage, `/connect/${platform}`, admin, typed)
    expect(flashOf(page.html)).toContain(`${name} is connected: `)
    expect(textOf(page.html)).toContain('Next steps')
    expect(textOf(page.html)).toContain(title)
    holdsNone(stage, page, secrets)
    const row = (await readAccounts(stage.sql)).find(one => one.name === name)
    expect(row?.settings).toEqual(account.settings)
    const stored = JSON.parse(await unsealText(stage.keyring, 'credentials', row?.credentials ?? new Uint8Array()))
    expect(stored).toEqual(account.credentials)
    expect(row?.channels.map(channel => channel.ref)).toEqual(account.channels.map(channel => channel.ref))
    const switches =
      await stage.sql`select publish_stock, publish_prices from channels c join accounts a on a.id = c.account_id where a.name = ${name}`
    expect(switches.every(one => one.publish_stock === false && one.publish_prices === false)).toBe(true)
  })
})

describe('the form for a WooCommerce shop', () => {
  const woo = async () => {
    const { live } = await stageOf('woocommerce')
    return live.account(await played(live.make), live.scale)
  }

  test('sent twice by a double click connects one account', async () => {
    const typed = { ...typedFor('woocommerce', 'woo-double', await woo()), _key: crypto.randomUUID() }
    const both = await Promise.all([send(stage, '/connect/woocommerce', admin, typed), send(stage, '/connect/woocommerce', admin, typed)])
    expect(both.map(page => [page.status, flashOf(page.html).startsWith('woo-double is connected')])).toEqual([
      [200, true],
      [200, true],
    ])
    expect((await accounts()).filter(name => name === 'woo-double')).toHaveLength(1)
  })

  test('with a name that is taken says so beside it, keeps what was typed, and the keys sealed for the next try', async () => {
    const account = await woo()
    await send(stage, '/connect/woocommerce', admin, typedFor('woocommerce', 'woo-first', account))
    const again = await send(stage, '/connect/woocommerce', admin, typedFor('woocommerce', 'woo-first', account))
    expect(again.status).toBe(422)
    expect(wrongAt(again.html, 'name')).toBe('There is “woo-first” already. Choose another one.')
    expect(again.html).toContain('value="Own shop"')
    holdsNone(stage, again, secretsOf('woocommerce', account))

    // Nobody types the keys again, and nobody else can use them.
    const {
      'credentials.0.consumerKey': _key,
      'credentials.0.consumerSecret': _secret,
      ...rest
    } = typedFor('woocommerce', 'woo-second', account)
    const kept = keptIn(again.html)
    await stage.user('admin', 'other@example.org')
    const other = await logIn(stage.app, 'other@example.org')
    const stolen = await send(stage, '/connect/woocommerce', other, { ...rest, kept })
    expect(wrongAt(stolen.html, 'credentials.0.consumerSecret')).toContain('is missing')
    const page = await send(stage, '/connect/woocommerce', admin, { ...rest, kept })
    expect(flashOf(page.html)).toContain('woo-second is connected')
  })

  test('with a code that another channel has, a wrong address or no key is refused beside its field, and nothing is asked of the shop', async () => {
    const typed = typedFor('woocommerce', 'woo-wrong', await woo())
    const taken = await send(stage, '/connect/woocommerce', admin, { ...typed, 'channels.0.code': 'shop' })
    expect(wrongAt(taken.html, 'channels.0.code')).toBe('There is “shop” already. Choose another one.')
    const odd = await send(stage, '/connect/woocommerce', admin, {
      ...typed,
      ...{ name: 'Woo Shop!', 'settings.url': 'shop.example.org', 'settings.orderStates': '{', 'settings.batchMax': 'many' },
      ...{ 'credentials.0.consumerKey': '', 'channels.0.currency': 'EURO', 'channels.0.zone': 'Berlin' },
    })
    expect(odd.status).toBe(422)
    const said = (field: string) => wrongAt(odd.html, field)
    expect(said('name')).toContain('is no short name')
    expect(said('settings.url')).toContain('begins with https://')
    expect(said('settings.orderStates')).toContain('{"awaiting-pickup": "reserve"}')
    expect(said('settings.batchMax')).toBe('“many” is no number.')
    expect(said('credentials.0.consumerKey')).toBe('Consumer key is missing. Fill it in and save again.')
    expect(said('channels.0.currency')).toContain('“EURO” is not a currency')
    expect(said('channels.0.zone')).toContain('“Berlin” is no time zone')
    const most = await send(stage, '/connect/woocommerce', admin, { ...typed, 'settings.batchMax': '1000' })
    expect(wrongAt(most.html, 'settings.batchMax')).toContain('is not of the expected form')
    expect(await accounts()).not.toContain('woo-wrong')
  })

  test('with another currency than the shop’s names it beside the field; it can be connected all the same', async () => {
    const typed = { ...typedFor('woocommerce', 'woo-anyway', await woo()), 'channels.0.currency': 'SEK' }
    const refused = await send(stage, '/connect/woocommerce', admin, typed)
    expect(wrongAt(refused.html, 'channels.0.currency')).toBe('the shop sells in EUR, the channel is set to SEK')
    expect(await accounts()).not.toContain('woo-anyway')
    const page = await send(stage, '/connect/woocommerce', admin, { ...typed, anyway: 'yes' })
    expect(flashOf(page.html)).toContain('woo-anyway is connected')
  })
})

test('a Shopify app that lacks an access scope is told which, and a location that the shop has not which it has', async () => {
  const { live } = await stageOf('shopify')
  const account = live.account(
    await played(options => makeShopifySandbox({ ...options, ...shopifyKeys, scopes: ['read_products'] })),
    live.scale,
  )
  const typed = typedFor('shopify', 'shopify-scopes', account)
  const page = await send(stage, '/connect/shopify', admin, { ...typed, 'channels.0.ref': '99' })
  expect(page.status).toBe(422)
  expect(textOf(page.html)).toContain('Scope write_inventory The app needs the access scope write_inventory to set stock')
  expect(wrongAt(page.html, 'channels.0.ref')).toContain('The shop has no location 99; its locations are')
})

test('a server that never answers is told of before the browser gives up', async () => {
  const server = serve({ fetch: () => new Promise<Response>(() => {}), port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  onTestFinished(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tryAccount = makeTryAccount(platform => connectors.find(one => one.platform === platform), 150)
  const channels = [{ ref: 'shop', currency: 'EUR', zone: 'UTC' }]
  const check = await tryAccount('woocommerce', { settings: { url }, credentials: { consumerKey: 'ck', consumerSecret: 'cs' }, channels })
  expect(check).toEqual({ ok: false, findings: [{ what: 'address', ok: false, words: 'no answer within 0.15 s' }] })
})

test('a further row for a channel keeps what was typed, and empties nothing', async () => {
  const typed = {
    name: 'my-ebay',
    'channels.0.ref': 'EBAY_DE',
    'channels.0.currency': 'EUR',
    rows: '1',
    'credentials.0.clientSecret': 'a-secret-cert',
  }
  const page = await send(stage, '/connect/ebay', admin, { ...typed, more: 'yes' })
  expect(page.status).toBe(200)
  expect(page.html).toContain('name="channels.1.ref"')
  expect(page.html).toContain('value="EBAY_DE"')
  expect(page.html).not.toContain('a-secret-cert')
  expect(textOf(page.html)).toContain('kept from before: leave empty to use it')
})

test('only an administrator connects accounts; the others are not shown the way', async () => {
  const ops = await stage.person('operations')
  for (const path of ['/connect', '/connect/woocommerce']) expect((await visit(stage, path, ops)).status).toBe(403)
  expect((await send(stage, '/connect/woocommerce', ops, { name: 'x' })).status).toBe(403)
  expect((await visit(stage, '/channels', ops)).html).not.toContain('href="/connect"')
  expect((await visit(stage, '/channels', admin)).html).toContain('href="/connect"')
  expect((await visit(stage, '/connect/nowhere', admin)).status).toBe(404)
})

test('in Chinese nothing of the choice and the forms is left in English', async () => {
  for (const path of ['/connect', ...connectors.map(({ platform }) => `/connect/${platform}`)]) {
    const { html } = await visit(stage, path, admin, { cookie: 'concord_language=zh-CN' })
    expect(englishLeft(html), path).toEqual([])
  }
})
