import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { shortLines } from '../../db/pages-exceptions.ts'
import { endShort } from '../../db/short-rules.ts'
import { holdOrder } from '../../src/usecases/change-order.ts'
import { exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { setShortRule } from '../../src/usecases/short-rules.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { delivery, made, transfer } from '../support/supply.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { CUP: { main: 2 }, JUG: { main: 0 } })
const web = await quietChannel(sql, 'web')
const market = await quietChannel(sql, 'market')
// The second stands for a platform that cancels whole orders only.
await sql`update accounts set platform = 'amazon' where id = ${market.accountId}`

const take = (channel: typeof web, code: string, id: string, lines: Readonly<Record<string, number>>) =>
  book(sql, channel, code, [{ id, lines: Object.entries(lines).map(([sku, ordered]) => ({ sku, ordered })) }])
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)
const end = (minutes: number, limit = 100) => endShort(sql, inMinutes(minutes), limit)
const stateOf = async (id: string) => (await sql`select state from orders where external_id = ${id}`)[0]?.state
const told = (id: string) =>
  sql`select a.body, a.actor from acts a join orders o on o.id = a.order_id where o.external_id = ${id} and a.kind = 'cancel'`
const clean = async () => expect((await runRules(sql)).filter(finding => finding.violations > 0).map(one => one.rule)).toEqual([])

test('what is short waits for a person as long as no rule says otherwise, and then for as long as the rule says', async () => {
  await take(web, 'web', 'A', { CUP: 5 })
  expect(await end(10_000)).toBe(0)
  await setShortRule(context, 'r1', 'web', { becomes: 'cancel', afterMinutes: 30 })
  expect(await end(29)).toBe(0)
  expect(await end(31)).toBe(1)
  expect(await end(31)).toBe(0)
  expect(await sql`select reserved, short, cancelled from order_lines`).toEqual([{ reserved: 2, short: 0, cancelled: 3 }])
  const [act] = await told('A')
  expect(act).toMatchObject({ actor: 'rule', body: { cause: 'stock', reason: 'short of stock for 30 minutes', lines: [{ quantity: 3 }] } })
  expect(await sql`select actor, reason from order_events where transition = 'cancel'`).toEqual([
    { actor: 'rule', reason: 'short of stock for 30 minutes' },
  ])
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 2, reserved: 2 })
  await clean()
})

test('what comes to be missing later is counted from then on', async () => {
  await sql`update orders set booked_at = booked_at - interval '2 days'`
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 1, kind: 'count' }])
  expect(await end(29)).toBe(0)
  expect(await end(31)).toBe(1)
  expect(await stateOf('A')).toBe('accepted')
  await clean()
})

test('what is to come waits for the oldest, and who gets none of it is cancelled', async () => {
  await setShortRule(context, 'r2', 'web', { becomes: 'incoming', afterMinutes: 0 })
  await delivery(sql, 'create', {
    ...{ reference: 'D-1', location: 'main', expectedAt: '2027-01-01T00:00:00Z', lines: [{ sku: 'JUG', quantity: 2 }] },
  })
  for (const id of ['B', 'C', 'D']) await take(web, 'web', id, { JUG: 1 })
  expect(await end(1)).toBe(1)
  expect(await Promise.all(['B', 'C', 'D'].map(stateOf))).toEqual(['accepted', 'accepted', 'cancelled'])
  expect((await told('D'))[0]).toMatchObject({ body: { reason: 'short of stock for 0 minutes, and nothing is to come for it' } })
  // Once it is there, it is theirs.
  await change(sql, [{ sku: 'JUG', location: 'main', quantity: 2, kind: 'count' }])
  expect(await sql`select sum(short)::int as short from order_lines`).toEqual([{ short: 0 }])
  await clean()
})

test('what is under way from another location is to come as well', async () => {
  await layIn(sql, { POT: { main: 0, depot: 3 } })
  // The shop does not sell from the depot.
  await sql`update channel_locations set valid_to = clock_timestamp() where location_id = (select id from locations where code = 'depot') and valid_to is null`
  const moving = made(await transfer(sql, 'request', { reference: 'T-1', from: 'depot', to: 'main', lines: [{ sku: 'POT', quantity: 2 }] }))
  for (const id of ['T1', 'T2', 'T3']) await take(web, 'web', id, { POT: 1 })
  await transfer(sql, 'send', { id: moving, lines: [{ sku: 'POT', quantity: 2 }] })
  expect(await end(1)).toBe(1)
  expect(await Promise.all(['T1', 'T2', 'T3'].map(stateOf))).toEqual(['accepted', 'accepted', 'cancelled'])
  const [row] = await sql<{ id: number }[]>`select id from orders where external_id = 'T2'`
  expect((await shortLines(sql, [row?.id ?? 0])).map(({ incoming }) => incoming)).toEqual([[{ units: 2, at: null }]])
  await change(sql, [{ sku: 'POT', location: 'main', quantity: 2, kind: 'count' }])
  await clean()
})

test('where a platform cancels whole orders only, one of which something can be had waits for a person, as does what is held and what was sold ahead', async () => {
  await setShortRule(context, 'r3', null, { becomes: 'cancel', afterMinutes: 0 })
  await change(sql, [{ sku: 'CUP', location: 'main', quantity: 2, kind: 'count' }])
  await take(market, 'market', 'PART', { CUP: 1, JUG: 1 })
  await take(market, 'market', 'NONE', { JUG: 1 })
  await take(market, 'market', 'HELD', { JUG: 1 })
  const [held] = await sql<{ id: number }[]>`select id from orders where external_id = 'HELD'`
  await holdOrder(context, 'h1', held?.id ?? 0, { kind: 'manual' })
  await sql`select variant_terms_1('{"actor": "test", "sku": "JUG", "terms": {"kind": "backorder", "limit": 5}}')`
  await take(market, 'market', 'AHEAD', { JUG: 1 })
  expect(await end(1)).toBe(1)
  expect(await Promise.all(['PART', 'NONE', 'HELD', 'AHEAD'].map(stateOf))).toEqual(['accepted', 'cancelled', 'held', 'accepted'])
  // Any number look at once, each order is ended once.
  await sql`select variant_terms_1('{"actor": "test", "sku": "JUG", "terms": null}')`
  for (let n = 0; n < 6; n += 1) await take(market, 'market', `M${n}`, { JUG: 1 })
  const ended = await Promise.all([end(1, 4), end(1, 4), end(1, 4)])
  const rest = await end(1)
  expect([...ended, rest].reduce((sum, n) => sum + n)).toBe(6)
  expect(await sql`select count(*)::int as n from acts where order_id in (select id from orders where external_id like 'M_')`).toEqual([
    { n: 6 },
  ])
  await clean()
})

test('what goes out in exchange is ours to cancel in part, whatever its platform takes', async () => {
  await layIn(sql, { CAN: { main: 2 }, TIN: { main: 2 } })
  const [booked] = await book(sql, market, 'market', [{ id: 'SWAP', effect: 'settle', lines: [{ sku: 'TIN', ordered: 2, shipped: 2 }] }])
  const orderId = booked?.orderId ?? 0
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${orderId}`
  const { replacementId } = await exchangeOrder(context, null, orderId, {
    ...{ announced: [{ lineId: line?.id ?? 0, quantity: 2 }], replacement: { lines: [{ sku: 'CAN', quantity: 2 }], handOver: 'ship' } },
  })
  await change(sql, [{ sku: 'CAN', location: 'main', quantity: 1, kind: 'count' }])
  expect(await end(1)).toBe(1)
  expect(await sql`select reserved, short, cancelled from order_lines where order_id = ${replacementId}`).toEqual([
    { reserved: 1, short: 0, cancelled: 1 },
  ])
  await clean()
})
