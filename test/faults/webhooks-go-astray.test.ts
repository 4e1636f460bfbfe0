import { setTimeout as wait } from 'node:timers/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drainInbox } from '../../jobs/intake.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { check } from '../../src/usecases/check.ts'
import { seal } from '../../src/values/sealed.ts'
import { seeded } from '../connectors/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn, orderLine } from '../support/goods.ts'
import { connectWoo, jobDeps, lanes, openDoor, playWoo, publishAll, testContext } from '../support/hub.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'
import { wooDelivery } from '../support/webhook-account.ts'

const SECRET = 'the shop and we know it'

/** A shop whose webhooks come to the door and are taken in at our word; nothing calls it. */
async function quietShop() {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 100_000 } })
  const account = await connectWoo(context, { address: 'http://127.0.0.1:1' } as Parameters<typeof connectWoo>[1])
  const sealed = await seal(context.keyring, 'webhook-secret', SECRET)
  await sql`update accounts set webhook_secret = ${sealed}, webhook_token = 'tok' where id = ${account}`
  const routes = webhookRoutes({ sql, keyring: context.keyring, ring: () => {} })
  const send = async (body: string, delivery: string, secret = SECRET): Promise<number> =>
    (await routes.request('/webhooks/tok', wooDelivery(body, delivery, secret))).status
  const takeIn = async (): Promise<void> => {
    while ((await drainInbox(jobDeps(context), account)) > 0);
  }
  return { sql, context, send, takeIn, routes }
}

const line = { id: 1, name: 'Mug', product_id: 1, variation_id: 0, sku: 'MUG', price: 1 }
const order = (id: number, status: string, modified: string, quantity = 1): string =>
  JSON.stringify({
    ...{ id, number: `${id}`, status, currency: 'EUR', total: '1.00', line_items: [{ ...line, quantity }] },
    ...{ date_created_gmt: '2026-01-01T00:00:00', date_modified_gmt: modified },
  })

test('a webhook that comes two to fifty times at once, some under other names, is one order, and each sender is told 2xx (F23)', {
  timeout: 3_600_000,
}, async () => {
  const { sql, context, send, takeIn } = await quietShop()
  const rounds = repetitions('webhooks doubled', 4, 5_000)
  for (let round = 0; round < rounds; round += 1) {
    const body = order(1_000 + round, 'processing', '2026-01-01T00:00:00')
    const times = 2 + ((round * 7) % 49)
    const answers = Promise.all(Array.from({ length: times }, (_, n) => send(body, `d${round}-${n % 3}`)))
    await Promise.all([answers, takeIn(), takeIn()])
    expect(new Set((await answers).map(status => Math.floor(status / 100)))).toEqual(new Set([2]))
    await takeIn()
  }
  expect((await sql`select from orders`).length).toBe(rounds)
  expect(await balance(sql, 'MUG', 'main')).toEqual({ onHand: 100_000, reserved: rounds })
  expect((await sql`select from inbox where state <> 'done'`).length).toBe(0)
  expect((await check(context)).violations).toBe(0)
})

test('webhooks in any order, some of them a day late, end at the newest state of the order (F24)', { timeout: 3_600_000 }, async () => {
  const { sql, context, send, takeIn } = await quietShop()
  const rounds = repetitions('webhooks out of order', 6, 5_000)
  const versions = [
    ['pending', '2026-01-01T00:00:00', 3],
    ['processing', '2026-01-01T00:00:10', 3],
    ['processing', '2026-01-01T00:01:00', 2],
    ['cancelled', '2026-01-02T00:00:00', 2],
  ] as const
  for (let round = 0; round < rounds; round += 1) {
    const id = 10_000 + round
    const [shuffled = []] = fc.sample(fc.shuffledSubarray([...versions.entries()], { minLength: versions.length }), {
      seed: round,
      numRuns: 1,
    })
    // Half of them are cancelled in the end.
    const told = shuffled.filter(([n]) => n < 3 || round % 2 === 0)
    for (const [n, [status, modified, quantity]] of told) {
      await send(order(id, status, modified, quantity), `o${round}-${n}`)
      if (round % 3 === 0) await takeIn()
    }
    await takeIn()
    const isCancelled = round % 2 === 0
    expect(await orderLine(sql, String(id)), `round ${round}`).toMatchObject(isCancelled ? { reserved: 0 } : { reserved: 2, short: 0 })
  }
  const left = Math.floor(rounds / 2) * 2
  expect(await balance(sql, 'MUG', 'main')).toEqual({ onHand: 100_000, reserved: left })
  expect((await check(context)).violations).toBe(0)
})

test('of eighty forged webhooks none is taken, whatever was changed: a byte of the body, of the signature, its form, or the key (F26)', async () => {
  const { sql, routes } = await quietShop()
  const body = order(7, 'processing', '2026-01-01T00:00:00')
  const good = wooDelivery(body, 'd', SECRET)
  const headers = good.headers as Record<string, string>
  const signature = headers['x-wc-webhook-signature'] ?? ''
  const signed = (other: string): RequestInit => ({ ...good, headers: { ...headers, 'x-wc-webhook-signature': other } })
  const changed = (text: string, at: number): string => text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1)
  const forged: readonly RequestInit[] = [
    ...Array.from({ length: 30 }, (_, n) => ({ ...good, body: changed(body, Math.floor((n * body.length) / 30)) })),
    ...Array.from({ length: 30 }, (_, n) => signed(changed(signature, n))),
    ...[`${body} `, ` ${body}`, body.slice(0, -1), '', body.toUpperCase(), `${body}\n`].map(text => ({ ...good, body: text })),
    ...[
      '',
      ' ',
      '=',
      signature.slice(0, -1),
      `${signature}=`,
      signature.toLowerCase(),
      `sha256=${signature}`,
      `${signature},${signature}`,
    ].map(signed),
    ...[Buffer.from(signature, 'base64').toString('hex'), signature.replaceAll(/[+/]/g, '_').slice(0, -1)].map(signed),
    ...['guess', '', SECRET.toUpperCase(), `${SECRET} `].map(secret => wooDelivery(body, 'd', secret)),
  ]
  expect(forged.length).toBe(80)
  const statuses = await Promise.all(forged.map(async init => (await routes.request('/webhooks/tok', init)).status))
  expect(new Set(statuses)).toEqual(new Set([401]))
  expect((await sql`select from inbox`).length).toBe(0)
  // Replayed, it is the one delivery.
  for (let n = 0; n < 3; n += 1) expect((await routes.request('/webhooks/tok', good)).status).toBe(202)
  expect((await sql`select from inbox`).length).toBe(1)
})

test('of orders whose webhooks are lost, doubled, late or cut short, all are found within one poll (F25)', {
  timeout: 600_000,
}, async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const skus = Array.from({ length: 20 }, (_, n) => `SKU-${n}`)
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: 1_000 }])))
  const platform = await playWoo({ scale: 100, random: seeded(5) })
  platform.sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: 1_000, prices: { shop: '1' }, parent: null })))
  const account = await connectWoo(context, platform, 100)
  lanes(jobDeps(context, await openDoor(context)))
  await publishAll(context, account)
  // The shop is asked for its webhooks once something is published.
  platform.sandbox.buy({ ref: 'first', channelRef: 'shop', lines: [{ sku: 'SKU-0', quantity: 1 }] })
  for (let n = 0; platform.sandbox.journal(0, 1_000_000).every(one => one.kind !== 'webhook'); n += 1) {
    await wait(100)
    platform.sandbox.buy({ ref: `early-${n}`, channelRef: 'shop', lines: [{ sku: 'SKU-0', quantity: 1 }] })
  }
  const early = platform.sandbox.journal(0, 1_000_000).filter(one => one.kind === 'order').length
  for (const [kind, chance] of [
    // So often that of few orders some are lost as well.
    ['webhook-drop', isLong ? 0.05 : 0.15],
    ['webhook-double', 0.2],
    ['webhook-late', 0.1],
    ['webhook-garbage', 0.05],
  ] as const)
    platform.sandbox.misbehave({ kind, chance })
  const orders = repetitions('orders whose webhooks are lost', 120, 1_000)
  let units = early
  for (let n = 0; n < orders; n += 1) {
    const quantity = 1 + (n % 3)
    if (platform.sandbox.buy({ ref: `r${n}`, channelRef: 'shop', lines: [{ sku: skus[n % skus.length] ?? '', quantity }] }))
      units += quantity
  }
  await until('every order is booked', async () => (await sql`select from orders`).length === orders + early, 60_000)
  const [sold] = await sql<{ n: number }[]>`select sum(ordered)::int as n from order_lines`
  expect(sold?.n).toBe(units)
  const lost = platform.sandbox.journal(0, 1_000_000).filter(one => one.kind === 'webhook' && one.data.lost === true)
  expect(lost.length).toBeGreaterThan(0)
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})
