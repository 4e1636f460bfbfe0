import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { tellWaiting } from '../../db/pick-up-kept.ts'
import { leads, type OrderState } from '../../src/domain/orders/life.ts'
import { buyerOf, cancelPickUp, chooseAnotherStore, readChoice, shipInstead } from '../../src/usecases/buyer-choice.ts'
import { keepLonger } from '../../src/usecases/keep-longer.ts'
import { routeOrder } from '../../src/usecases/route-order.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn, orderLine } from '../support/goods.ts'
import { actOn } from '../support/pick-up.ts'
import { leaveAddress, pickUpShop, toCollect } from '../support/pick-up-stage.ts'

const { sql } = await freshDatabase()
const channel = await pickUpShop(sql)
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const staff = { sql, keyring, actor: 'user:ana@example.org' }
const buyer = (orderId: number) => ({ sql, keyring, actor: buyerOf(orderId) })
const groups = (orderId: number) =>
  sql`select p.code as at, g.method, g.state from fulfilment_groups g join locations p on p.id = g.location_id where g.order_id = ${orderId} order by g.id`
const asked = (orderId: number) =>
  sql`select detail->>'why' as why, detail->>'location' as at, actor from order_events where order_id = ${orderId} and transition = 'choice_needed' order by id`

test('a store gives an order up: its buyer is asked, takes another store, and the goods are promised there in the same moment', async () => {
  const { groupId, orderId, line } = await toCollect(sql, channel, 'LAMP', { north: 2, south: 3 })
  await expect(chooseAnotherStore(buyer(orderId), null, orderId, 'south')).rejects.toMatchObject({
    code: 'conflict',
    detail: { reason: 'nothing_to_choose' },
  })
  await actOn(sql, 'fulfilment_reject_1', groupId, { reason: 'no staff today' })
  expect(await asked(orderId)).toEqual([{ why: 'rejected', at: 'north', actor: 'test' }])
  expect(await readChoice(staff, orderId)).toEqual({ why: 'rejected', lines: [{ lineId: line, quantity: 2 }], mayCancel: true })
  await expect(chooseAnotherStore(buyer(orderId), null, orderId, 'north')).rejects.toMatchObject({
    code: 'conflict',
    detail: { reason: 'failed' },
  })
  await expect(chooseAnotherStore(buyer(orderId), null, orderId, 'depot')).rejects.toMatchObject({
    code: 'invalid',
    detail: { field: 'store' },
  })
  await expect(chooseAnotherStore(buyer(orderId + 1000), null, orderId, 'south')).rejects.toMatchObject({ code: 'not_found' })
  const first = await chooseAnotherStore(buyer(orderId), 'key-1', orderId, 'south')
  expect(first).toMatchObject({ choice: 'store', lines: [{ lineId: line, quantity: 2 }], replayed: false })
  expect(await chooseAnotherStore(buyer(orderId), 'key-1', orderId, 'south')).toEqual({ ...first, replayed: true })
  expect(await groups(orderId)).toEqual([
    { at: 'north', method: 'collect', state: 'rejected' },
    { at: 'south', method: 'collect', state: 'waiting' },
  ])
  expect(await balance(sql, 'LAMP', 'north')).toEqual({ onHand: 2, reserved: 0 })
  expect(await balance(sql, 'LAMP', 'south')).toEqual({ onHand: 3, reserved: 2 })
  expect(await readChoice(staff, orderId)).toBeNull()
  expect(
    await sql`select transition, from_state as from, to_state as to, actor from order_events where order_id = ${orderId} and transition = 'choose'`,
  ).toEqual([{ transition: 'choose', from: 'accepted', to: 'routed', actor: `buyer:${orderId}` }])
})

test('a store that has not all of it is refused with what it has, and nothing has moved', async () => {
  const { groupId, orderId } = await toCollect(sql, channel, 'RUG', { north: 2, south: 1 })
  await actOn(sql, 'fulfilment_reject_1', groupId, { reason: 'water' })
  await expect(chooseAnotherStore(buyer(orderId), null, orderId, 'south')).rejects.toMatchObject({
    code: 'insufficient_stock',
    detail: { missing: [{ sku: 'RUG', asked: 2, available: 1 }] },
  })
  expect(await balance(sql, 'RUG', 'north')).toEqual({ onHand: 2, reserved: 2 })
  expect(await sql`select chosen_at as at from order_lines where order_id = ${orderId}`).toEqual([{ at: null }])
})

test('lost at the shelf, half of it: what is missing is sent from elsewhere when he says so, and not from where it failed', async () => {
  const { groupId, orderId, line } = await toCollect(sql, channel, 'VASE', { north: 2, depot: 5 })
  await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 1, short: 1 }] })
  await actOn(sql, 'fulfilment_ready_1', groupId, {})
  expect(await readChoice(staff, orderId)).toEqual({ why: 'short', lines: [{ lineId: line, quantity: 1 }], mayCancel: true })
  const noAddress = { code: 'conflict', detail: { reason: 'no_address' } }
  await expect(shipInstead(buyer(orderId), null, orderId)).rejects.toMatchObject(noAddress)
  await leaveAddress(staff, orderId, { city: ' ' })
  await expect(shipInstead(staff, null, orderId)).rejects.toMatchObject(noAddress)
  await leaveAddress(staff, orderId, { city: 'Paris' })
  expect(await shipInstead(buyer(orderId), null, orderId)).toMatchObject({ choice: 'ship', lines: [{ quantity: 1 }] })
  expect(await routeOrder(staff, { id: orderId, channelId: channel.channelId })).toBe('routed')
  expect(await groups(orderId)).toEqual([
    { at: 'north', method: 'collect', state: 'ready' },
    { at: 'depot', method: 'ship', state: 'waiting' },
  ])
})

test('late: an hour after its promise the buyer is asked, and may be rid of it; what was picked is to be put back', async () => {
  const readyBy = new Date(Date.now() - 2 * 3600_000)
  const { groupId, orderId, line } = await toCollect(sql, channel, 'BOWL', { north: 2 }, readyBy)
  await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 1 }] })
  expect(await tellWaiting(sql, new Date(readyBy.getTime() + 59 * 60_000), 10)).toBe(0)
  expect(await tellWaiting(sql, new Date(), 10)).toBe(1)
  expect(await tellWaiting(sql, new Date(), 10)).toBe(0)
  expect(await asked(orderId)).toEqual([{ why: 'late', at: 'north', actor: 'rule' }])
  expect(await cancelPickUp(buyer(orderId), null, orderId)).toMatchObject({ choice: 'cancel', lines: [{ lineId: line, quantity: 2 }] })
  expect(await orderLine(sql, 'BOWL')).toMatchObject({ reserved: 0, cancelled: 2 })
  expect(await balance(sql, 'BOWL', 'north')).toEqual({ onHand: 2, reserved: 0 })
  expect(
    await sql`select greatest(picked - (assigned - released), 0) as "putBack" from fulfilment_lines where group_id = ${groupId}`,
  ).toEqual([{ putBack: 1 }])
  expect(await sql`select kind, body->'lines'->0->'quantity' as units from acts where order_id = ${orderId}`).toEqual([
    { kind: 'cancel', units: 2 },
  ])
})

test('what nobody has any more is chosen about, too: it comes from a store that has it, or is cancelled first', async () => {
  const { groupId, orderId, line } = await toCollect(sql, channel, 'CUP', { north: 2 })
  await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, short: 2, left: 0 }] })
  expect(await orderLine(sql, 'CUP')).toMatchObject({ short: 2, reserved: 0 })
  await layIn(sql, { CUP: { north: 0, south: 0 } })
  expect(await readChoice(staff, orderId)).toMatchObject({ why: 'short' })
  // One came to the depot meanwhile, and is promised to him there; the other one is short still.
  await sql`select stock_change_2(${sql.json({ actor: 'test', lines: [{ sku: 'CUP', location: 'depot', quantity: 1, kind: 'receive' }] })})`
  expect(await orderLine(sql, 'CUP')).toMatchObject({ short: 1, reserved: 1 })
  await sql`update locations set active = false where code in ('south')`
  await sql`select stock_change_2(${sql.json({ actor: 'test', lines: [{ sku: 'CUP', location: 'south', quantity: 2, kind: 'receive' }] })})`
  await sql`update locations set active = true where code in ('south')`
  expect(await chooseAnotherStore(staff, null, orderId, 'south')).toMatchObject({ lines: [{ quantity: 2 }] })
  expect(await orderLine(sql, 'CUP')).toMatchObject({ short: 0, reserved: 2 })
  expect(await balance(sql, 'CUP', 'depot')).toEqual({ onHand: 1, reserved: 0 })
  expect(await balance(sql, 'CUP', 'south')).toEqual({ onHand: 2, reserved: 2 })
})

test('a buyer is not asked about what was sold ahead or is not matched, goes only where his channel sells, and cancels what its platform lets him', async () => {
  const { groupId, orderId } = await toCollect(sql, channel, 'FORK', { north: 2, south: 2 })
  await sql`update order_lines set short_cause = 'backorder', short = 1, reserved = 1 where order_id = ${orderId}`
  expect(await readChoice(staff, orderId)).toBeNull()
  await sql`update order_lines set short_cause = null, short = 0, reserved = 2 where order_id = ${orderId}`
  await actOn(sql, 'fulfilment_reject_1', groupId, { reason: 'water' })
  const sells = (yes: boolean) =>
    sql`update channel_locations set valid_to = ${yes ? null : new Date('2026-01-01')} where channel_id = ${channel.channelId} and location_id = (select id from locations where code = 'south')`
  await sells(false)
  await expect(chooseAnotherStore(buyer(orderId), null, orderId, 'south')).rejects.toMatchObject({
    code: 'invalid',
    detail: { field: 'store' },
  })
  await sells(true)
  await sql`insert into platforms (platform, sale_dates, sale_beside, reference_price, cancels) values ('woocommerce', true, true, true, 'none') on conflict (platform) do update set cancels = 'none'`
  await expect(cancelPickUp(buyer(orderId), null, orderId)).rejects.toMatchObject({
    code: 'conflict',
    detail: { reason: 'not_cancellable' },
  })
  await sql`update platforms set cancels = 'whole' where platform = 'woocommerce'`
  expect(await cancelPickUp(buyer(orderId), null, orderId)).toMatchObject({ choice: 'cancel', lines: [{ quantity: 2 }] })
  await sql`update platforms set cancels = 'parts' where platform = 'woocommerce'`
})

test('people here choose for a buyer whom nobody failed; of a store that is full they are told so', async () => {
  const { groupId, orderId } = await toCollect(sql, channel, 'JUG', { north: 2, south: 2 })
  await sql`update location_services set orders_per_day = 0 where location_id = (select id from locations where code = 'south')`
  await expect(chooseAnotherStore(staff, null, orderId, 'south')).rejects.toMatchObject({ code: 'conflict' })
  await sql`update location_services set orders_per_day = null where location_id = (select id from locations where code = 'south')`
  await sql`update variants set hazard = '3' where sku = 'JUG'`
  await sql`update location_services set hands_over_hazards = '{9}' where location_id = (select id from locations where code = 'south')`
  await expect(chooseAnotherStore(staff, null, orderId, 'south')).rejects.toMatchObject({ code: 'conflict', detail: { reason: 'hazard' } })
  await sql`update location_services set hands_over_hazards = '{3, 9}' where location_id = (select id from locations where code = 'south')`
  await chooseAnotherStore(staff, null, orderId, 'south')
  expect(await groups(orderId)).toEqual([
    { at: 'north', method: 'collect', state: 'cancelled' },
    { at: 'south', method: 'collect', state: 'waiting' },
  ])
  expect(groupId).toBeGreaterThan(0)
})

test('every step is in the table of transitions, and the books are clean', async () => {
  const events = await sql<{ transition: string; from: OrderState | null; to: OrderState }[]>`
    select transition, from_state as from, to_state as to from order_events where group_id is null order by id`
  expect(events.filter(({ transition, from, to }) => !leads(transition, from, to))).toEqual([])
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})

test('what lies ready goes to another store or is sent when its buyer rings: back to the shelf here, promised there, in one moment', async () => {
  const { groupId, orderId, line } = await toCollect(sql, channel, 'CLOCK', { north: 2, south: 2 })
  await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
  const nothing = { code: 'conflict', detail: { reason: 'nothing_to_choose' } }
  await expect(chooseAnotherStore(staff, null, orderId, 'south')).rejects.toMatchObject(nothing)
  await expect(chooseAnotherStore(buyer(orderId), null, orderId, 'south', { ready: true })).rejects.toMatchObject(nothing)
  const moved = await chooseAnotherStore(staff, 'ring-1', orderId, 'south', { ready: true })
  expect(moved).toMatchObject({ choice: 'store', lines: [{ lineId: line, quantity: 2 }] })
  expect(await chooseAnotherStore(staff, 'ring-1', orderId, 'south', { ready: true })).toEqual({ ...moved, replayed: true })
  expect(await groups(orderId)).toEqual([
    { at: 'north', method: 'collect', state: 'cancelled' },
    { at: 'south', method: 'collect', state: 'waiting' },
  ])
  const putBack = () =>
    sql`select group_id as "group", greatest(picked - (assigned - released), 0) as units from fulfilment_lines where order_line_id = ${line} order by 1`
  expect(await putBack()).toEqual([
    { group: groupId, units: 2 },
    { group: moved.groups[0], units: 0 },
  ])
  expect([await balance(sql, 'CLOCK', 'north'), await balance(sql, 'CLOCK', 'south')]).toEqual([
    { onHand: 2, reserved: 0 },
    { onHand: 2, reserved: 2 },
  ])
  // What is kept longer is what lies ready at the new store.
  await expect(keepLonger(staff, null, groupId)).rejects.toMatchObject({ code: 'conflict' })
  const there = moved.groups[0] ?? 0
  await actOn(sql, 'fulfilment_ready_1', there, { all: true })
  expect(await keepLonger(staff, null, there, { days: 4 })).toMatchObject({ groupId: there })
  await leaveAddress(staff, orderId, { city: 'Paris' })
  expect(await shipInstead(staff, null, orderId, { ready: true })).toMatchObject({ choice: 'ship', lines: [{ quantity: 2 }] })
  expect(await routeOrder(staff, { id: orderId, channelId: channel.channelId })).toBe('routed')
  expect((await groups(orderId)).at(-1)).toMatchObject({ method: 'ship', state: 'waiting' })
  expect((await runRules(sql)).filter(one => one.violations > 0).map(one => one.rule)).toEqual([])
})
