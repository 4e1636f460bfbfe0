import { expect, test } from 'vitest'
import { orderNotices } from '../../db/buyer-notices.ts'
import { runRules } from '../../db/check.ts'
import type { JsonValue } from '../../db/connect.ts'
import { deskGroups } from '../../db/pages-desk.ts'
import { orderExceptions } from '../../db/pages-exceptions.ts'
import { trackedOrder } from '../../db/tracked-order.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { readChoice } from '../../src/usecases/buyer-choice.ts'
import { setChannelNotices } from '../../src/usecases/notice-settings.ts'
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
await setChannelNotices(context, null, 'web', { kinds: ['ready', 'choice_needed'], byEmail: true })
const north = (await sql<{ id: number }[]>`select id from locations where code = 'north'`)[0]?.id ?? 0
const depot = (await sql<{ id: number }[]>`select id from locations where code = 'depot'`)[0]?.id ?? 0

const groups = (orderId: number) =>
  sql`select p.code as at, g.method, g.state from fulfilment_groups g join locations p on p.id = g.location_id where g.order_id = ${orderId} order by g.id`
const onTheWay = (sku: string) => balance(sql, sku, '(on the way)')
const state = async (id: number) => (await sql<{ state: string }[]>`select state from orders where id = ${id}`)[0]?.state
const told = async (id: number) => (await orderNotices(sql, id)).map(({ kind }) => kind)
const clean = async () => expect((await runRules(sql)).filter(one => one.violations > 0)).toEqual([])

/** An order of two of a SKU that the depot alone has, to be collected in the north store; packed at the depot. */
async function packed(name: string, more: Readonly<Record<string, number>> = {}) {
  await layIn(sql, { [name]: { depot: 5, north: 0, ...more } })
  const [booked] = await book(sql, channel, 'web', [{ id: name, lines: [{ sku: name, ordered: 2, collectAt: 'north' }] }])
  const orderId = Number(booked?.orderId)
  expect(await routeOrder(context, { id: orderId, channelId: channel.channelId })).toBe('routed')
  const [group] = await sql<{ id: number; line: number }[]>`
    select g.id, f.order_line_id as line from fulfilment_groups g join fulfilment_lines f on f.group_id = g.id
    where g.order_id = ${orderId} and g.method = 'ship_to_store'`
  const groupId = group?.id ?? 0
  await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
  return { orderId, groupId, line: group?.line ?? 0 }
}

test('goods are sent to the store where their buyer collects them: on hand nowhere meanwhile, then put ready there, told, and collected', async () => {
  const { orderId, groupId, line } = await packed('GLOBE')
  // Packed at the depot is not ready for its buyer.
  expect(await told(orderId)).toEqual([])
  expect((await trackedOrder(sql, orderId))?.groups).toMatchObject([{ state: 'picking', place: { name: 'north' } }])
  const sent = await workOnParcel(context, 'send-1', groupId, { kind: 'send' }, orderId)
  expect(sent).toMatchObject({ groupId, state: 'sent' })
  expect(await workOnParcel(context, 'send-1', groupId, { kind: 'send' }, orderId)).toMatchObject({ state: 'sent', replayed: true })
  await expect(workOnParcel(context, null, groupId, { kind: 'send' })).rejects.toMatchObject({ code: 'conflict' })
  expect([await balance(sql, 'GLOBE', 'depot'), await onTheWay('GLOBE'), await balance(sql, 'GLOBE', 'north')]).toEqual([
    { onHand: 3, reserved: 0 },
    { onHand: 2, reserved: 2 },
    { onHand: 0, reserved: 0 },
  ])
  expect(await orderLine(sql, 'GLOBE')).toMatchObject({ reserved: 2, shipped: 0 })
  expect([await state(orderId), await readChoice(context, orderId)]).toEqual(['in_fulfilment', null])
  expect(await routeOrder(context, { id: orderId, channelId: channel.channelId })).toBe('nothing')
  expect((await trackedOrder(sql, orderId))?.groups).toMatchObject([{ state: 'sent', lines: [{ units: 2 }] }])
  expect(await deskGroups(sql, depot)).toEqual([])
  expect(await deskGroups(sql, north)).toMatchObject([
    { id: groupId, state: 'sent', from: 'depot', to: null, lines: [{ open: 2, putBack: 0 }] },
  ])
  await clean()

  const came = await workOnParcel(context, 'come-1', groupId, { kind: 'receive' })
  expect(await groups(orderId)).toEqual([
    { at: 'depot', method: 'ship_to_store', state: 'done' },
    { at: 'north', method: 'collect', state: 'waiting' },
  ])
  expect([await onTheWay('GLOBE'), await balance(sql, 'GLOBE', 'north')]).toEqual([
    { onHand: 0, reserved: 0 },
    { onHand: 2, reserved: 2 },
  ])
  expect(await deskGroups(sql, north)).toMatchObject([
    { id: came.group, state: 'waiting', readyBy: expect.any(Date), lines: [{ lineId: line, open: 2 }] },
  ])
  await clean()
  const ready = await actOn(sql, 'fulfilment_ready_1', came.group ?? 0, { all: true })
  if (ready.outcome !== 'ready') throw new Error(ready.outcome)
  expect(await told(orderId)).toEqual(['ready'])
  expect((await trackedOrder(sql, orderId))?.groups).toMatchObject([{ state: 'ready', method: 'collect', code: ready.code }])
  await actOn(sql, 'fulfilment_hand_over_1', came.group ?? 0, { proof: 'code', code: ready.code, takenBy: 'buyer' })
  expect([await state(orderId), await balance(sql, 'GLOBE', 'north')]).toEqual(['fulfilled', { onHand: 0, reserved: 0 }])
  expect(await sql`select kind, count(*)::int as n from acts where order_id = ${orderId} group by 1 order by 1`).toEqual([
    { kind: 'ready', n: 1 },
    { kind: 'ship', n: 1 },
  ])
  await clean()
})

test('what is cancelled on the way comes all the same, and is free there; the rest is collected', async () => {
  const { orderId, groupId, line } = await packed('ATLAS')
  await workOnParcel(context, null, groupId, { kind: 'send' })
  await cancelOrder(context, null, orderId, { cause: 'customer', lines: [{ lineId: line, quantity: 1 }] })
  expect(await onTheWay('ATLAS')).toEqual({ onHand: 2, reserved: 1 })
  // It can be put back nowhere as yet.
  expect((await orderExceptions(sql, new Date(), 50)).filter(one => one.orderId === orderId)).toEqual([])
  await clean()
  const came = await workOnParcel(context, null, groupId, { kind: 'receive' })
  expect([await onTheWay('ATLAS'), await balance(sql, 'ATLAS', 'north')]).toEqual([
    { onHand: 0, reserved: 0 },
    { onHand: 2, reserved: 1 },
  ])
  expect(await deskGroups(sql, north)).toMatchObject([{ id: came.group, lines: [{ open: 1, putBack: 0 }] }])
  await cancelOrder(context, null, orderId, { cause: 'customer' })
  await clean()

  const all = await packed('CHART')
  await workOnParcel(context, null, all.groupId, { kind: 'send' })
  await cancelOrder(context, null, all.orderId, { cause: 'customer' })
  expect(await deskGroups(sql, north)).toMatchObject([{ id: all.groupId, state: 'sent', lines: [{ open: 0 }] }])
  expect(await workOnParcel(context, null, all.groupId, { kind: 'receive' })).toMatchObject({ state: 'done', group: null })
  expect([await state(all.orderId), await balance(sql, 'CHART', 'north'), await deskGroups(sql, north)]).toEqual([
    'cancelled',
    { onHand: 2, reserved: 0 },
    [],
  ])
  await clean()
})

test('a parcel that never comes leaves the books, and its order is short of it until others stand in', async () => {
  const { orderId, groupId } = await packed('LENS')
  await sql`update channel_locations set valid_to = clock_timestamp() where location_id = ${depot} and valid_to is null`
  await workOnParcel(context, null, groupId, { kind: 'send' })
  expect(await workOnParcel(context, null, groupId, { kind: 'receive', lost: true })).toMatchObject({ state: 'cancelled' })
  expect(await onTheWay('LENS')).toEqual({ onHand: 0, reserved: 0 })
  expect(await orderLine(sql, 'LENS')).toMatchObject({ reserved: 0, short: 2 })
  expect([await state(orderId), (await readChoice(context, orderId))?.why]).toEqual(['accepted', 'short'])
  await cancelOrder(context, null, orderId, { cause: 'stock' })
  await sql`update channel_locations set valid_to = null where location_id = ${depot}`
  await clean()
})

test('not collected there, it is free there; who has no parcel, or stands in another store, is refused', async () => {
  const { orderId, groupId } = await packed('LUPE')
  const refused = (more: Readonly<Record<string, JsonValue>>) => actOn(sql, 'parcel_receive_1', groupId, more)
  expect(await refused({})).toMatchObject({ outcome: 'closed', state: 'ready' })
  await workOnParcel(context, null, groupId, { kind: 'send' })
  expect(await refused({ locationId: depot })).toMatchObject({ outcome: 'unknown' })
  expect(await actOn(sql, 'parcel_send_1', groupId)).toMatchObject({ outcome: 'closed', state: 'sent' })
  await expect(workOnParcel(context, null, groupId, { kind: 'receive' }, orderId + 1)).rejects.toMatchObject({ code: 'not_found' })
  // Where it does not come at all, somebody has to look for it.
  const soon = async (days: number) =>
    (await orderExceptions(sql, new Date(Date.now() + days * 86_400_000), 50)).filter(one => one.orderId === orderId)
  expect(await soon(0)).toEqual([])
  expect(await soon(30)).toMatchObject([{ kind: 'late', units: 2, about: ['north'] }])
  const { group } = await workOnParcel(context, null, groupId, { kind: 'receive' })
  await expect(workOnParcel(context, null, group ?? 0, { kind: 'send' })).rejects.toMatchObject({
    code: 'conflict',
    detail: { reason: 'no_parcel' },
  })
  await actOn(sql, 'fulfilment_ready_1', group ?? 0, { all: true })
  const later = new Date(Date.now() + 30 * 86_400_000).toISOString()
  expect(
    await sql`select pick_up_not_collected_1(${sql.json({ groupId: group ?? 0, ship: false, actor: 'rule', now: later })})->>'outcome' as outcome`,
  ).toEqual([{ outcome: 'not_collected' }])
  expect([await state(orderId), await balance(sql, 'LUPE', 'north')]).toEqual(['cancelled', { onHand: 2, reserved: 0 }])
  await clean()
})

test('lots travel with their goods, and of a set its parts', async () => {
  await layIn(sql, { SERUM: { depot: 0, north: 0 }, KIT: { depot: 0, north: 0 }, BOX: { depot: 2, north: 0 } })
  await sql`update variants set lot_tracked = true where sku = 'SERUM'`
  const lines = [
    { sku: 'SERUM', location: 'depot', quantity: 1, kind: 'receive', lot: 'A', expiresAt: '2099-01-01T00:00:00Z' },
    { sku: 'SERUM', location: 'depot', quantity: 1, kind: 'receive', lot: 'B', expiresAt: '2099-02-01T00:00:00Z' },
  ]
  await sql`select stock_change_2(${sql.json({ actor: 'test', lines })})`
  await sql`select bundle_set_1('{"actor": "test", "sku": "KIT", "parts": [{"sku": "SERUM", "quantity": 1}, {"sku": "BOX", "quantity": 1}]}')`
  const [booked] = await book(sql, channel, 'web', [{ id: 'KITS', lines: [{ sku: 'KIT', ordered: 2, collectAt: 'north' }] }])
  const orderId = Number(booked?.orderId)
  await routeOrder(context, { id: orderId, channelId: channel.channelId })
  const [row] = await sql<{ id: number }[]>`select id from fulfilment_groups where order_id = ${orderId}`
  await actOn(sql, 'fulfilment_ready_1', row?.id ?? 0, { all: true })
  await workOnParcel(context, null, row?.id ?? 0, { kind: 'send' })
  expect([await onTheWay('SERUM'), await onTheWay('BOX')]).toEqual([
    { onHand: 2, reserved: 2 },
    { onHand: 2, reserved: 2 },
  ])
  await clean()
  await workOnParcel(context, null, row?.id ?? 0, { kind: 'receive' })
  expect(
    await sql`select l.code, l.quantity from lots l join variants v on v.id = l.variant_id where v.sku = 'SERUM' and l.location_id = ${north} and l.quantity > 0 order by 1`,
  ).toEqual([
    { code: 'A', quantity: 1 },
    { code: 'B', quantity: 1 },
  ])
  expect([await balance(sql, 'SERUM', 'north'), await balance(sql, 'BOX', 'north')]).toEqual([
    { onHand: 2, reserved: 2 },
    { onHand: 2, reserved: 2 },
  ])
  await clean()
})

test('what left the way by another word than the parcel is neither taken from another parcel nor given back to the way', async () => {
  const first = await packed('MAP')
  const [booked] = await book(sql, channel, 'web', [{ id: 'MAP-2', lines: [{ sku: 'MAP', ordered: 2, collectAt: 'south' }] }])
  const orderId = Number(booked?.orderId)
  await routeOrder(context, { id: orderId, channelId: channel.channelId })
  const [row] = await sql<{ id: number }[]>`select id from fulfilment_groups where order_id = ${orderId} and method = 'ship_to_store'`
  await actOn(sql, 'fulfilment_ready_1', row?.id ?? 0, { all: true })
  await workOnParcel(context, null, first.groupId, { kind: 'send' })
  await workOnParcel(context, null, row?.id ?? 0, { kind: 'send' })
  // The first is cancelled on its way to the north, the second was shipped from its order's page.
  await cancelOrder(context, null, first.orderId, { cause: 'customer' })
  await shipOrder(context, null, orderId, {})
  await workOnParcel(context, null, row?.id ?? 0, { kind: 'receive' })
  await workOnParcel(context, null, first.groupId, { kind: 'receive' })
  expect([await onTheWay('MAP'), await balance(sql, 'MAP', 'south'), await balance(sql, 'MAP', 'north')]).toEqual([
    { onHand: 0, reserved: 0 },
    { onHand: 0, reserved: 0 },
    { onHand: 2, reserved: 0 },
  ])
  await book(sql, channel, 'web', [
    { id: 'MAP-2', stamp: '2030-01-01T00:00:00Z', lines: [{ sku: 'MAP', ordered: 2, shipped: 2, returned: 2, collectAt: 'south' }] },
  ])
  expect([await onTheWay('MAP'), await balance(sql, 'MAP', 'south')]).toEqual([
    { onHand: 0, reserved: 0 },
    { onHand: 2, reserved: 0 },
  ])
  await clean()
})
