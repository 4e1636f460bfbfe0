import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { deskGroups } from '../../db/pages-desk.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { lookedAt, receiveReturn } from '../../src/usecases/change-order.ts'
import { routeOrder } from '../../src/usecases/route-order.ts'
import { workOnParcel } from '../../src/usecases/store-parcel.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, layIn, orderLine } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { actOn } from '../support/pick-up.ts'
import { pickUpShop } from '../support/pick-up-stage.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
const channel = await pickUpShop(sql)

const EXPIRES = { EARLY: '2098-01-01T00:00:00Z', LATE: '2099-01-01T00:00:00Z' } as const
type Lot = keyof typeof EXPIRES

/** Units of a lot come to the depot, or elsewhere. */
async function lay(sku: string, lot: Lot, quantity: number, location = 'depot') {
  const line = { sku, location, quantity, kind: 'receive', lot, expiresAt: EXPIRES[lot] }
  await sql`select stock_change_2(${sql.json({ actor: 'test', lines: [line] })})`
}
/** A SKU of which units are told apart by lot. */
async function tracked(sku: string) {
  await layIn(sql, { [sku]: { depot: 0, south: 0, north: 0 } })
  await sql`update variants set lot_tracked = true where sku = ${sku}`
}
/** An order of two to be collected in the north, or as told, sent there from wherever they lie. Answers its parcels. */
async function sent(id: string, sku: string, collectAt = 'north') {
  const [booked] = await book(sql, channel, 'web', [{ id, lines: [{ sku, ordered: 2, collectAt }] }])
  const orderId = Number(booked?.orderId)
  await routeOrder(context, { id: orderId, channelId: channel.channelId })
  const rows = await sql<{ id: number; line: number }[]>`
    select g.id, f.order_line_id as line from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id
    where g.order_id = ${orderId} and g.method = 'ship_to_store' order by g.id`
  for (const { id: groupId } of rows) {
    await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
    await workOnParcel(context, null, groupId, { kind: 'send' })
  }
  return { orderId, line: rows[0]?.line ?? 0, parcels: rows.map(row => row.id) }
}
const come = (groupId: number | undefined) => workOnParcel(context, null, groupId ?? 0, { kind: 'receive' })
/** What lies where, by lot: units, and how many of them are put aside. */
const lots = async (sku: string) => {
  const rows = await sql<{ at: string; n: string }[]>`
    select p.code || ' ' || l.code as at, l.quantity || case when l.unavailable > 0 then ' aside' else '' end as n
    from lots l join variants v on v.id = l.variant_id join locations p on p.id = l.location_id where v.sku = ${sku} and l.quantity > 0 order by 1`
  return Object.fromEntries(rows.map(row => [row.at, row.n]))
}
const clean = async () => expect((await runRules(sql)).filter(one => one.violations > 0)).toEqual([])

test('of two parcels with different lots each keeps its own, whichever leaves the way first and by whatever word, and so do their returns', async () => {
  await tracked('SERUM')
  await lay('SERUM', 'EARLY', 2)
  const first = await sent('S-1', 'SERUM')
  await lay('SERUM', 'LATE', 2)
  const second = await sent('S-2', 'SERUM', 'south')
  expect(await lots('SERUM')).toEqual({ '(on the way) EARLY': '2', '(on the way) LATE': '2' })
  // The second leaves by the word of whoever shipped the order as a whole: not what expires first of all that is on its way, but what is in it.
  await shipOrder(context, null, second.orderId, {})
  expect(await lots('SERUM')).toEqual({ '(on the way) EARLY': '2' })
  await come(second.parcels[0])
  await come(first.parcels[0])
  expect(await lots('SERUM')).toEqual({ 'north EARLY': '2' })
  // In the store what expires first goes first, and what is taken back is of the lot that left.
  await lay('SERUM', 'LATE', 2, 'north')
  await shipOrder(context, null, first.orderId, {})
  expect(await lots('SERUM')).toEqual({ 'north LATE': '2' })
  await book(sql, channel, 'web', [
    { id: 'S-2', stamp: '2030-01-01T00:00:00Z', lines: [{ sku: 'SERUM', ordered: 2, shipped: 2, returned: 1, collectAt: 'south' }] },
  ])
  await book(sql, channel, 'web', [
    { id: 'S-1', stamp: '2030-01-01T00:00:00Z', lines: [{ sku: 'SERUM', ordered: 2, shipped: 2, returned: 1, collectAt: 'north' }] },
  ])
  expect(await lots('SERUM')).toEqual({ 'north EARLY': '1', 'north LATE': '2', 'south LATE': '1' })
  await clean()
})

test('what expires on its way is taken from the parcel that it is in, and comes to its store put aside', async () => {
  await tracked('CREAM')
  await lay('CREAM', 'EARLY', 2)
  const first = await sent('C-1', 'CREAM')
  await lay('CREAM', 'LATE', 2)
  const second = await sent('C-2', 'CREAM')
  await sql`update lots set expires_at = clock_timestamp() - interval '1 hour' where code = 'EARLY' and variant_id = (select id from variants where sku = 'CREAM')`
  await sql`select stock_expire_lots(array[(select id from variants where sku = 'CREAM')], '{"actor": "clock"}')`
  expect([await orderLine(sql, 'C-1'), await orderLine(sql, 'C-2')]).toMatchObject([
    { reserved: 0, short: 2 },
    { reserved: 2, short: 0 },
  ])
  await come(second.parcels[0])
  await come(first.parcels[0])
  expect(await lots('CREAM')).toEqual({ 'north EARLY': '2 aside', 'north LATE': '2' })
  await clean()
})

test('what expired on its way and never comes leaves the books, and no unit of another parcel does', async () => {
  await tracked('GEL')
  await lay('GEL', 'EARLY', 2)
  const first = await sent('G-1', 'GEL')
  await lay('GEL', 'LATE', 2)
  const second = await sent('G-2', 'GEL')
  await sql`update lots set expires_at = clock_timestamp() - interval '1 hour' where code = 'EARLY' and variant_id = (select id from variants where sku = 'GEL')`
  await workOnParcel(context, null, first.parcels[0] ?? 0, { kind: 'receive', lost: true })
  expect(await lots('GEL')).toEqual({ '(on the way) LATE': '2' })
  expect([await orderLine(sql, 'G-1'), await orderLine(sql, 'G-2')]).toMatchObject([
    { reserved: 0, short: 2 },
    { reserved: 2, short: 0 },
  ])
  await come(second.parcels[0])
  expect(await lots('GEL')).toEqual({ 'north LATE': '2' })
  await clean()
})

test('where a line is in two parcels, what is cancelled or shipped of it is of one of them, and the other comes whole', async () => {
  await tracked('BALM')
  for (const [id, by] of [
    ['B-1', cancelOrder],
    ['B-2', shipOrder],
  ] as const) {
    await lay('BALM', 'EARLY', 1)
    await lay('BALM', 'LATE', 1, 'south')
    const { orderId, line, parcels } = await sent(id, 'BALM')
    expect(parcels).toHaveLength(2)
    await by(context, null, orderId, { lines: [{ lineId: line, quantity: 1 }] })
    await clean()
    for (const parcel of parcels) await come(parcel)
    // What is cancelled on its way comes all the same; of what was shipped nothing does.
    expect(Object.values(await lots('BALM'))).toEqual(by === cancelOrder ? ['1', '1'] : ['1'])
    expect(await balance(sql, 'BALM', '(on the way)')).toEqual({ onHand: 0, reserved: 0 })
    expect(await orderLine(sql, id)).toMatchObject({ reserved: 1, short: 0 })
    const [north] = await sql<{ id: number }[]>`select id from locations where code = 'north'`
    const [waiting] = (await deskGroups(sql, north?.id ?? 0)).filter(group => group.orderId === orderId)
    await actOn(sql, 'fulfilment_ready_1', waiting?.id ?? 0, { all: true })
    await shipOrder(context, null, orderId, {})
    await receiveReturn(context, null, orderId, { location: 'depot', lines: lookedAt([{ lineId: line, quantity: 1 }], 'scrap') })
    await clean()
    await sql`select stock_change_2(${sql.json({
      actor: 'test',
      lines: Object.keys(await lots('BALM')).map(at => ({
        kind: 'adjust',
        sku: 'BALM',
        location: 'north',
        quantity: -1,
        lot: at.split(' ')[1] ?? '',
        reason: 'done',
      })),
    })})`
  }
})
