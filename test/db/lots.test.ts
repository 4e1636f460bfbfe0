import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { lookedAt, receiveReturn } from '../../src/usecases/change-order.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const MAY = '2999-05-01T00:00:00Z'
const JUNE = '2999-06-01T00:00:00Z'

/** Milk in two lots, five of each; the later one came first. */
async function milk() {
  const { sql } = await freshDatabase()
  await layIn(sql, { MILK: { main: 0 } })
  await sql`update variants set lot_tracked = true`
  const channel = await quietChannel(sql, 'web')
  await change(sql, [
    { sku: 'MILK', location: 'main', quantity: 5, kind: 'receive', lot: 'J', expiresAt: JUNE },
    { sku: 'MILK', location: 'main', quantity: 5, kind: 'receive', lot: 'M', expiresAt: MAY },
  ])
  return { sql, channel }
}

async function lots(sql: Sql): Promise<Record<string, string>> {
  const rows = await sql<
    { code: string; quantity: number; unavailable: number; expired: boolean }[]
  >`select code, quantity, unavailable, expired from lots`
  return Object.fromEntries(rows.map(lot => [lot.code, `${lot.quantity}-${lot.unavailable}${lot.expired ? ' expired' : ''}`]))
}

async function clean(sql: Sql): Promise<void> {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
}

const at = (now: string): Record<string, JsonValue> => ({ now })

test('what expires first leaves first, with a movement for each lot', async () => {
  const { sql } = await milk()
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 7, kind: 'sale' }])
  expect(await lots(sql)).toEqual({ M: '0-0', J: '3-0' })
  const moved = await sql`select l.code, m.on_hand from movements m join lots l on l.id = m.lot_id where m.kind = 'sale' order by m.id`
  expect(moved).toEqual([
    { code: 'M', on_hand: -5 },
    { code: 'J', on_hand: -2 },
  ])
  await clean(sql)
})

test('a lot is put aside at its instant, and promises on it give way: holds first, then the newest orders', async () => {
  const { sql, channel } = await milk()
  await book(sql, channel, 'web', [{ id: 'old', lines: [{ sku: 'MILK', ordered: 4 }] }])
  await reserve(sql, [{ key: 'h', lines: [{ sku: 'MILK', quantity: 2 }] }])
  await book(sql, channel, 'web', [{ id: 'new', lines: [{ sku: 'MILK', ordered: 3 }] }])
  const [seen] = await sql`select atp from channel_shown_2(array[${channel.channelId}::bigint], array[1::bigint], ${MAY})`
  expect(seen).toEqual({ atp: 0 })
  await sql`select due_sweep_1(${MAY}, 100)`
  expect(await lots(sql)).toEqual({ M: '5-5 expired', J: '5-0' })
  expect(await orderLine(sql, 'old')).toMatchObject({ reserved: 4, short: 0 })
  expect(await orderLine(sql, 'new')).toMatchObject({ reserved: 1, short: 2 })
  await clean(sql)
})

test('a locked read treats a lot whose time is over as put aside, though nobody swept', async () => {
  const { sql } = await milk()
  expect(await reserve(sql, [{ key: 'late', now: '2999-05-02T00:00:00Z', lines: [{ sku: 'MILK', quantity: 6 }] }])).toEqual([
    { outcome: 'insufficient', missing: [{ sku: 'MILK', asked: 6, available: 5 }] },
  ])
  await clean(sql)
})

test('damage names its lot or takes the first to expire; restoring brings back what is still good', async () => {
  const { sql } = await milk()
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 2, kind: 'damage', lot: 'J', reasonCode: 'damaged' }])
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 1, kind: 'damage', reasonCode: 'damaged' }])
  expect(await lots(sql)).toEqual({ M: '5-1', J: '5-2' })
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 2, kind: 'restore', reasonCode: 'repaired' }], at('2999-05-02T00:00:00Z'))
  expect(await lots(sql)).toEqual({ M: '5-5 expired', J: '5-0' })
  await clean(sql)
})

test('what arrives without a lot lies in the lot of no name; what arrives too late is not for sale', async () => {
  const { sql, channel } = await milk()
  await book(sql, channel, 'web', [{ id: 'o', lines: [{ sku: 'MILK', ordered: 12 }] }])
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 4, kind: 'receive', lot: 'OLD', expiresAt: '2000-01-01T00:00:00Z' }])
  expect(await orderLine(sql, 'o')).toMatchObject({ reserved: 10, short: 2 })
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 1, kind: 'receive' }])
  expect(await orderLine(sql, 'o')).toMatchObject({ reserved: 11, short: 1 })
  expect(await lots(sql)).toEqual({ M: '5-0', J: '5-0', OLD: '4-4 expired', '': '1-0' })
  await clean(sql)
})

test('a returned unit goes back to the lot that it left from', async () => {
  const { sql, channel } = await milk()
  const line = { sku: 'MILK', ordered: 6 }
  await book(sql, channel, 'web', [{ id: 'o', lines: [{ ...line, shipped: 6 }] }])
  expect(await lots(sql)).toEqual({ M: '0-0', J: '4-0' })
  await book(sql, channel, 'web', [{ id: 'o', stamp: '2026-01-02T00:00:00Z', lines: [{ ...line, shipped: 6, returned: 1 }] }])
  expect(await lots(sql)).toEqual({ M: '0-0', J: '5-0' })
  await clean(sql)
})

test('a count below what was promised and put aside takes all buckets down with it', async () => {
  const { sql, channel } = await milk()
  await book(sql, channel, 'web', [{ id: 'o', lines: [{ sku: 'MILK', ordered: 6 }] }])
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 3, kind: 'damage' }])
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 2, kind: 'count' }])
  expect(await balance(sql, 'MILK', 'main')).toEqual({ onHand: 2, reserved: 0 })
  expect(await orderLine(sql, 'o')).toMatchObject({ reserved: 0, short: 6 })
  await clean(sql)
})

test('a lot of a SKU that keeps none is refused, and nothing is posted', async () => {
  const { sql } = await milk()
  await layIn(sql, { MUG: { main: 3 } })
  expect(await change(sql, [{ sku: 'MUG', location: 'main', quantity: 2, kind: 'receive', lot: 'M' }])).toEqual({
    ...{ outcome: 'unknown', line: 0, field: 'lot', value: 'M' },
  })
  expect(await balance(sql, 'MUG', 'main')).toEqual({ onHand: 3, reserved: 0 })
})

test('units of a named lot are taken from that lot alone; what is not in it is refused, and a misspelt lot is not made', async () => {
  const { sql } = await milk()
  for (const line of [
    { kind: 'damage', lot: 'J', quantity: 6 },
    { kind: 'adjust', lot: 'TYPO', quantity: -1 },
    { kind: 'restore', lot: 'M', quantity: 1 },
  ])
    await expect(change(sql, [{ sku: 'MILK', location: 'main', ...line }])).rejects.toMatchObject({ message: 'lot_beyond' })
  expect(await lots(sql)).toEqual({ M: '5-0', J: '5-0' })
  await clean(sql)
})

test('a count of one lot says nothing of the others', async () => {
  const { sql } = await milk()
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 2, kind: 'count', lot: 'J' }])
  expect(await lots(sql)).toEqual({ M: '5-0', J: '2-0' })
  await change(sql, [{ sku: 'MILK', location: 'main', quantity: 4, kind: 'count', lot: 'NEW' }])
  expect(await lots(sql)).toEqual({ M: '5-0', J: '2-0', NEW: '4-0' })
  await clean(sql)
})

test('what was put aside as damaged stays so when the expiry was a slip, though the expired units were thrown away', async () => {
  const { sql } = await milk()
  const at = { sku: 'MILK', location: 'main', lot: 'J' }
  const expires = async (expiresAt: string | null) =>
    (await sql`select lot_set_1(${sql.json({ actor: 'test', ...at, expiresAt })}) as answer`)[0]?.answer
  await change(sql, [{ ...at, quantity: 2, kind: 'damage' }])
  expect(await expires('2026-01-01T00:00:00Z')).toMatchObject({ quantity: 5, unavailable: 5, expired: true })
  // Three of the lot are thrown away.
  await change(sql, [{ ...at, quantity: 2, kind: 'count' }])
  expect(await expires(null)).toMatchObject({ quantity: 2, unavailable: 2, expired: false })
  await clean(sql)
})

test('a count of one lot takes no account of what a month that left the ledger carried forward', async () => {
  const { sql } = await milk()
  const counted = async () =>
    (await sql`select count_book(t.variant_id, t.location_id, 'J', now() - interval '1 hour') as units from lots t where code = 'J'`)[0]
      ?.units
  const before = await counted()
  await sql`insert into movements (variant_id, location_id, lot_id, kind, on_hand, actor, occurred_at)
    select variant_id, location_id, id, 'carry_forward', 5, 'test', now() from lots where code = 'J'`
  expect(await counted()).toBe(before)
})

test('what comes to any store keeps its lot and its day, the first to expire first, and is put aside where that is over', async () => {
  const { sql, channel } = await milk()
  await layIn(sql, { MILK: { kiel: 0 } })
  const context = await testContext(sql)
  const [booked] = await book(sql, channel, 'web', [{ id: 'o', lines: [{ sku: 'MILK', ordered: 7, shipped: 7 }] }])
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
  const comes = (quantity: number, how: 'stock' | 'unavailable') =>
    receiveReturn(context, null, booked?.orderId ?? 0, { location: 'kiel', lines: lookedAt([{ lineId: line?.id ?? 0, quantity }], how) })
  const inKiel = () => sql`
    select l.code, l.quantity as n, l.unavailable as aside, l.expires_at from lots l join locations p on p.id = l.location_id where p.code = 'kiel' and l.quantity > 0 order by 4`
  await comes(4, 'stock')
  await comes(2, 'unavailable')
  expect(await inKiel()).toEqual([
    { code: 'M', n: 5, aside: 1, expires_at: new Date(MAY) },
    { code: 'J', n: 1, aside: 1, expires_at: new Date(JUNE) },
  ])
  await sql`update lots set expires_at = now() - interval '1 hour' where code = 'J'`
  await comes(1, 'stock')
  expect(await inKiel()).toMatchObject([{ code: 'J', n: 2, aside: 2 }, { code: 'M' }])
  await clean(sql)
})

test('of a lot whose day is over, what comes back as good as new is put aside with what was put aside at once', async () => {
  const { sql, channel } = await milk()
  const context = await testContext(sql)
  const [booked] = await book(sql, channel, 'web', [{ id: 'o', lines: [{ sku: 'MILK', ordered: 2, shipped: 2 }] }])
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
  await sql`update lots set expires_at = now() - interval '1 hour' where code = 'M'`
  await sql`select due_sweep_1(clock_timestamp(), 100)`
  const both = [{ lineId: line?.id ?? 0, toStock: 1, unavailable: 1, scrapped: 0 }]
  await receiveReturn(context, null, booked?.orderId ?? 0, { location: 'main', lines: both })
  expect(await lots(sql)).toEqual({ M: '5-5 expired', J: '5-0' })
  expect(await balance(sql, 'MILK', 'main')).toEqual({ onHand: 10, reserved: 0 })
  await clean(sql)
})

test('what left from two lots comes back to both, never more than left', async () => {
  const { sql, channel } = await milk()
  const line = { sku: 'MILK', ordered: 7, shipped: 7 }
  await book(sql, channel, 'web', [{ id: 'o', lines: [line] }])
  expect(await lots(sql)).toEqual({ M: '0-0', J: '3-0' })
  await book(sql, channel, 'web', [{ id: 'o', stamp: '2026-01-02T00:00:00Z', lines: [{ ...line, returned: 7 }] }])
  expect(await lots(sql)).toEqual({ M: '5-0', J: '5-0' })
  await clean(sql)
})
