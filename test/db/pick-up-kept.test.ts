import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { endUncollected, groupsOver, keepGroup, tellWaiting } from '../../db/pick-up-kept.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, orderLine } from '../support/goods.ts'
import { actOn } from '../support/pick-up.ts'
import { pickUpShop, toCollect } from '../support/pick-up-stage.ts'

const { sql } = await freshDatabase()
const channel = await pickUpShop(sql)

const at = (day: number, hour = 10) => new Date(Date.UTC(2026, 4, day, hour))
const ready = (groupId: number) => actOn(sql, 'fulfilment_ready_1', groupId, { all: true, now: at(4).toISOString() })
const keep = (groupId: number, more: Record<string, string | number | boolean>) => keepGroup(sql, { actor: 'test', groupId, ...more })
const over = (groupId: number, when: Date, ship = false) => endUncollected(sql, { actor: 'rule', groupId, ship, now: when.toISOString() })
const told = async (groupId: number) =>
  (
    await sql<{ line: string }[]>`
    select concat_ws(' ', transition, from_state, to_state, actor) as line from order_events where group_id = ${groupId} order by id`
  ).map(row => row.line)
const rule = (body: Record<string, unknown>) => sql`select pick_up_rule_set_1(${sql.json({ actor: 'test', ...body } as never)}) as answer`

test('nobody comes: he is reminded once, then it is free for others, to be put back, and cancelled at the platform, each by the rule', async () => {
  const { groupId, orderId, line } = await toCollect(sql, channel, 'LAMP', { north: 3 })
  expect(await ready(groupId)).toMatchObject({ outcome: 'ready', collectBy: expect.stringContaining('2026-05-11T10:00') })
  expect(await tellWaiting(sql, at(10, 9), 10)).toBe(0)
  expect(await tellWaiting(sql, at(10, 10), 10)).toBe(1)
  expect(await tellWaiting(sql, at(10, 11), 10)).toBe(0)

  expect(await groupsOver(sql, at(11, 9), 10)).toEqual([])
  expect(await over(groupId, at(11, 9))).toMatchObject({ outcome: 'not_over', state: 'ready' })
  expect(await groupsOver(sql, at(11), 10)).toEqual([{ groupId, orderId, becomes: 'cancel' }])
  expect(await balance(sql, 'LAMP', 'north')).toEqual({ onHand: 3, reserved: 2 })
  expect(await over(groupId, at(11))).toMatchObject({ outcome: 'not_collected', becomes: 'cancel', lines: [{ lineId: line, quantity: 2 }] })
  expect(await balance(sql, 'LAMP', 'north')).toEqual({ onHand: 3, reserved: 0 })
  expect(await orderLine(sql, 'LAMP')).toMatchObject({ reserved: 0, cancelled: 2, shipped: 0 })
  expect(
    await sql`select greatest(picked - (assigned - released), 0) as "putBack" from fulfilment_lines where group_id = ${groupId}`,
  ).toEqual([{ putBack: 2 }])
  expect(await sql`select kind, body->>'cause' as cause from acts where order_id = ${orderId} order by id`).toEqual([
    { kind: 'ready', cause: null },
    { kind: 'cancel', cause: 'customer' },
  ])
  expect(await told(groupId)).toEqual(['ready waiting ready test', 'remind ready ready rule', 'not_collected ready cancelled rule'])
  expect(await sql`select state from orders where id = ${orderId}`).toEqual([{ state: 'cancelled' }])
  expect(await over(groupId, at(12))).toMatchObject({ outcome: 'not_over', state: 'cancelled' })
})

test('where the rule says so it is sent instead: promised all the while, and its channel does not turn it back', async () => {
  await rule({ location: 'north', rule: { keepDays: 2, becomes: 'ship' } })
  const { groupId, orderId } = await toCollect(sql, channel, 'RUG', { north: 2 })
  expect(await ready(groupId)).toMatchObject({ collectBy: expect.stringContaining('2026-05-06T10:00') })
  expect(await groupsOver(sql, at(6), 10)).toEqual([{ groupId, orderId, becomes: 'ship' }])
  expect(await over(groupId, at(6), true)).toMatchObject({ outcome: 'not_collected', becomes: 'ship', act: null })
  expect(await balance(sql, 'RUG', 'north')).toEqual({ onHand: 2, reserved: 2 })
  expect(await sql`select method, collect_location_id as place from order_lines where order_id = ${orderId}`).toEqual([
    { method: 'ship', place: null },
  ])
  expect(await sql`select state from orders where id = ${orderId}`).toEqual([{ state: 'accepted' }])
  const anew = { id: 'RUG', stamp: '2026-02-01T00:00:00Z', lines: [{ sku: 'RUG', ordered: 2, collectAt: 'north' }] }
  await book(sql, channel, 'web', [anew])
  expect(await sql`select method from order_lines where order_id = ${orderId}`).toEqual([{ method: 'ship' }])
  await rule({ location: 'north', rule: null })
})

test('a buyer asks for more time once, and whoever works here as often as need be; he is reminded of the new end', async () => {
  const { groupId, orderId } = await toCollect(sql, channel, 'VASE', { north: 2 })
  expect(await keep(groupId, { counts: true })).toEqual({ outcome: 'closed', state: 'waiting' })
  await ready(groupId)
  expect(await keep(groupId, { counts: true, orderId: orderId + 1 })).toMatchObject({ outcome: 'unknown', field: 'group' })
  await tellWaiting(sql, at(10), 10)
  const asked = await keep(groupId, { counts: true, orderId, now: at(10, 12).toISOString() })
  expect(asked).toMatchObject({ outcome: 'kept', collectBy: expect.stringContaining('2026-05-14T10:00') })
  expect(await keep(groupId, { counts: true, orderId })).toEqual({ outcome: 'used_up', most: 1 })
  expect(await over(groupId, at(12))).toMatchObject({ outcome: 'not_over', state: 'ready' })
  expect(await tellWaiting(sql, at(13, 10), 10)).toBe(1)
  expect(await keep(groupId, { days: 10, now: at(20).toISOString() })).toMatchObject({
    collectBy: expect.stringContaining('2026-05-30T10:00'),
  })
  expect(await told(groupId)).toEqual([
    ...['ready waiting ready test', 'remind ready ready rule', 'keep_longer ready ready test'],
    ...['remind ready ready rule', 'keep_longer ready ready test'],
  ])
})

test('what was collected in part is kept and ended for the rest, and what is held is not ended at all', async () => {
  const { groupId, orderId, line } = await toCollect(sql, channel, 'BOWL', { north: 2 })
  await ready(groupId)
  await sql`select order_hold_1(${sql.json({ actor: 'test', orderId, hold: 'manual' })})`
  expect(await groupsOver(sql, at(20), 10)).toEqual([])
  expect(await over(groupId, at(20))).toMatchObject({ outcome: 'not_over', state: 'held' })
  expect(await tellWaiting(sql, at(10), 10)).toBe(0)
  await sql`select order_let_go_1(${sql.json({ actor: 'test', orderId, now: at(20).toISOString() })})`
  // Nobody could come for it meanwhile: it is kept as long as an extension is.
  expect(await over(groupId, at(22))).toMatchObject({
    outcome: 'not_over',
    state: 'ready',
    collectBy: expect.stringContaining('2026-05-23T10:00'),
  })
  await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity', lines: [{ lineId: line, quantity: 1 }] })
  // A platform that cancels whole orders only would turn the rest back: that waits for a person.
  await sql`insert into platforms (platform, sale_dates, sale_beside, reference_price, cancels) values ('woocommerce', true, true, true, 'whole') on conflict (platform) do update set cancels = 'whole'`
  expect(await groupsOver(sql, at(23), 10)).toEqual([])
  expect(await over(groupId, at(23))).toMatchObject({ outcome: 'not_over', state: 'ready' })
  await sql`update platforms set cancels = 'parts' where platform = 'woocommerce'`
  expect(await groupsOver(sql, at(23), 10)).toEqual([{ groupId, orderId, becomes: 'cancel' }])
  expect(await over(groupId, at(23))).toMatchObject({ outcome: 'not_collected', lines: [{ quantity: 1 }] })
  expect(await orderLine(sql, 'BOWL')).toMatchObject({ reserved: 0, cancelled: 1, shipped: 1 })
  expect((await told(groupId)).at(-1)).toBe('not_collected ready done rule')
})

test('the rule of a location goes before that of its channel, that before the one of all, and what is absent is as it was', async () => {
  const holds = async () =>
    (
      await sql`select keep_days as keep, remind_hours as remind, becomes from pick_up_rule(${channel.channelId}, (select id from locations where code = 'south'))`
    )[0]
  expect(await holds()).toEqual({ keep: 7, remind: 24, becomes: 'cancel' })
  await rule({ rule: { keepDays: 10, becomes: 'ship' } })
  await rule({ channel: 'web', rule: { keepDays: 4 } })
  expect(await holds()).toEqual({ keep: 4, remind: 24, becomes: 'ship' })
  await rule({ location: 'south', rule: { remindHours: 48 } })
  await rule({ location: 'south', rule: { becomes: 'cancel' } })
  expect(await holds()).toEqual({ keep: 10, remind: 48, becomes: 'cancel' })
  await rule({ location: 'south', rule: null })
  await rule({ channel: 'web', rule: null })
  expect(await holds()).toEqual({ keep: 10, remind: 24, becomes: 'ship' })
  await rule({ rule: null })
  expect(await rule({ location: 'nowhere', rule: {} })).toEqual([{ answer: { outcome: 'unknown', field: 'location', value: 'nowhere' } }])
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
