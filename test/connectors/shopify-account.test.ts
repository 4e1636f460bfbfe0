import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { AccountCheck } from '../../connectors/contract.ts'
import { shopify } from '../../connectors/shopify/index.ts'
import { SCOPES } from '../../connectors/shopify/sandbox/schema.ts'
import { TOPICS } from '../../connectors/shopify/subscriptions.ts'
import { shopifyWebhook } from '../../connectors/shopify/webhook.ts'
import { BERLIN, exchanges, MALMO, onShopify, shopifyKeys, withShopify } from './shopify-stage.ts'
import { drain } from './stage.ts'

const failed = ({ findings }: AccountCheck): string[] => findings.filter(one => !one.ok).map(one => `${one.what}: ${one.words}`)

describe('testing a Shopify account', () => {
  test.each([
    'write_inventory',
    'read_locations',
    'write_merchant_managed_fulfillment_orders',
    'read_third_party_fulfillment_orders',
    'read_returns',
  ])('names the missing access scope %s', scope =>
    onShopify({ scopes: SCOPES.filter(one => one !== scope) }, async stage => {
      const words = failed(await stage.session.test())
      expect(words).toContainEqual(expect.stringMatching(new RegExp(`^scope ${scope}: .*install it anew`)))
      // A write scope that is missing takes its read scope with it, and nothing else.
      expect(words.every(one => one.includes(scope.replace('write_', '')) || one.includes(scope.replace('write_', 'read_')))).toBe(true)
    }),
  )

  test('tells of orders that are too old to be seen, which is no fault', () =>
    onShopify({ scopes: SCOPES.filter(one => one !== 'read_all_orders') }, async stage => {
      const check = await stage.session.test()
      expect([check.ok, JSON.stringify(check)]).toEqual([true, expect.stringContaining('60 days')])
    }))

  test('names the locations to choose from, where the channel is none of them', () =>
    onShopify({ channels: [{ ...BERLIN, ref: 'shop' }] }, async stage => {
      expect(failed(await stage.session.test())).toEqual([expect.stringMatching(/^location shop: .*70001 \(Berlin\)/)])
    }))

  test('refuses the location of a fulfilment service, and another currency', () =>
    onShopify({ channels: [{ ...MALMO, ref: '79999', currency: 'SEK' }] }, async stage => {
      expect(failed(await stage.session.test())).toEqual([
        expect.stringMatching(/^location 79999: .*fulfilment service/),
        'currency: the shop sells in EUR, the channel of location 79999 is set to SEK',
      ])
    }))

  test.each([
    [402, 'token: .*frozen'],
    [423, 'token: .*locked'],
    [404, 'address: .*myshopify.com'],
  ])('says what HTTP %i means', (status, words) =>
    withShopify(
      () => Response.json({ errors: 'no' }, { status }),
      async session => expect(failed(await session.test())).toEqual([expect.stringMatching(new RegExp(words))]),
    ),
  )

  test('takes an access that is denied to one field for the account’s trouble, by the scope’s name', () =>
    withShopify(
      () => {
        const extensions = { code: 'ACCESS_DENIED', requiredAccess: '`read_orders` access scope.' }
        return Response.json({ errors: [{ message: 'Access denied for orders field.', extensions }], data: null })
      },
      async session => expect(session.order('5')).rejects.toMatchObject({ kind: 'auth', message: expect.stringContaining('read_orders') }),
    ))

  test('takes only settings and credentials that it knows', () => {
    expect(shopify.settings.safeParse({ url: 'https://my-shop.myshopify.com', notifyBuyers: true }).success).toBe(true)
    for (const bad of [{}, { url: 'my-shop' }, { url: 'https://my-shop.myshopify.com', token: 'x' }])
      expect(shopify.settings.safeParse(bad).success).toBe(false)
    for (const good of [{ accessToken: 'x' }, shopifyKeys, { clientId: 'a', clientSecret: 'b' }])
      expect(shopify.credentials.safeParse(good).success).toBe(true)
    for (const bad of [{}, { clientId: 'a' }, { accessToken: '' }, { accessToken: 'x', password: 'y' }])
      expect(shopify.credentials.safeParse(bad).success).toBe(false)
  })
})

describe('the day’s token of an own app', () => {
  const credentials = { clientId: 'client-1', clientSecret: shopifyKeys.clientSecret }

  test('is asked for once, however many calls need it, and anew when its day is over', () =>
    onShopify({ clientId: 'client-1', credentials }, async stage => {
      const asked = () => stage.sandbox.journal(0, 10_000).filter(entry => entry.ref === 'token').length
      await Promise.all([drain(stage.session.listings()), stage.session.order('1'), stage.session.order('2')])
      expect(asked()).toBe(1)
      stage.clock.advance(23 * 3_600_000)
      await stage.session.order('1')
      expect(asked()).toBe(1)
      stage.clock.advance(3_600_000)
      await stage.session.order('1')
      expect(asked()).toBe(2)
    }))

  test('is asked for anew when Shopify takes it back early', () =>
    onShopify({ clientId: 'client-1', credentials }, async stage => {
      await stage.session.order('1')
      stage.sandbox.misbehave({ kind: 'unauthorized', times: 1 })
      expect(await stage.session.order('1')).toBeNull()
    }))

  test('is a person’s affair when the app is not known there', () =>
    onShopify({ clientId: 'client-1', credentials: { ...credentials, clientSecret: 'wrong' } }, async stage => {
      await expect(stage.session.order('1')).rejects.toMatchObject({ kind: 'auth', message: expect.not.stringContaining('wrong') })
    }))
})

describe('webhooks of Shopify', () => {
  const body = new TextEncoder().encode('{"id":820982911946154508,"note":"Zürich"}')
  const signed = (secret: string) => createHmac('sha256', secret).update(body).digest('base64')

  test('are signed with the app’s secret over the raw body', async () => {
    const headers = new Headers({ 'x-shopify-hmac-sha256': signed('hush') })
    expect(await shopifyWebhook.verify('hush', headers, body)).toBe(true)
    expect(await shopifyWebhook.verify('other', headers, body)).toBe(false)
    expect(await shopifyWebhook.verify('', headers, body)).toBe(false)
    expect(await shopifyWebhook.verify('hush', new Headers({ 'x-shopify-hmac-sha256': 'AAAA' }), body)).toBe(false)
    expect(shopify.webhookSecret?.({ clientId: 'a', clientSecret: 'hush' })).toBe('hush')
    expect(shopify.webhookSecret?.({ accessToken: 'x' })).toBeNull()
  })

  test('are the same delivery when they tell the same event, whatever message carries it', () => {
    const identify = (event: string | null, webhook: string, topic = 'orders/updated') =>
      shopifyWebhook.identify(
        new Headers({
          'x-shopify-topic': topic,
          'x-shopify-webhook-id': webhook,
          ...(event === null ? {} : { 'x-shopify-event-id': event }),
        }),
        body,
      )?.deliveryId
    expect(identify('e1', 'w1')).toBe(identify('e1', 'w2'))
    expect(identify('e1', 'w1')).not.toBe(identify('e2', 'w1'))
    expect(identify('e1', 'w1')).not.toBe(identify('e1', 'w1', 'refunds/create'))
    expect(identify(null, 'w1')).toBe('w1:orders/updated')
    expect(shopifyWebhook.identify(new Headers(), body)).toBeNull()
  })

  test('name orders by ids with more digits than a number holds', () =>
    onShopify({}, async stage => {
      const read = (topic: string, text: string) => stage.session.readMessage(topic, text)
      const id = '820982911946154508'
      expect(read('orders/updated', `{"id":${id}}`)).toEqual({ kind: 'reread', externalIds: [id] })
      expect(read('orders/create', `{"id":1,"admin_graphql_api_id":"gid://shopify/Order/${id}"}`)).toEqual({
        kind: 'reread',
        externalIds: [id],
      })
      expect(read('refunds/create', `{"id":890088186047892319,"order_id":${id}}`)).toEqual({ kind: 'reread', externalIds: [id] })
      expect(read('products/update', `{"id":${id}}`).kind).toBe('nothing')
    }))

  test('ask for ids alone, are made once for each topic, and again for those that Shopify dropped', () =>
    onShopify({}, async stage => {
      const mark = exchanges.length
      const ensure = () => stage.session.ensureWebhooks?.(stage.hub.address, stage.hub.secret)
      expect([await ensure(), await ensure()]).toEqual(['created', 'present'])
      const made = exchanges.slice(mark).filter(one => one.operationName === 'Subscribe')
      expect(made.map(one => one.variables.topic)).toEqual([...TOPICS])
      for (const { variables } of made)
        expect(variables.webhookSubscription).toMatchObject({
          uri: stage.hub.address,
          includeFields: expect.not.arrayContaining(['customer']),
        })
    }))

  test('are not asked for where our door could not know them: Shopify signs with the app’s secret alone', () =>
    onShopify({}, async stage => {
      const before = stage.sandbox.journal(0, 1000).length
      expect(await stage.session.ensureWebhooks?.(stage.hub.address, 'made up')).toBe('present')
      expect(stage.sandbox.journal(0, 1000).length).toBe(before)
    }))
})
