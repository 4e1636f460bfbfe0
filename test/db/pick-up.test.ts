import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel } from '../support/goods.ts'
import { actOn, groupOf } from '../support/pick-up.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { store: 3, depot: 10 }, PEN: { store: 5 }, LAMP: { store: 2 } })
const channel = await quietChannel(sql, 'shop', ['store', 'depot'])
await sql`update accounts set platform = 'woocommerce' where id = ${channel.accountId}`

const clean = async () => expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
const events = async (groupId: number) =>
  (
    await sql<{ transition: string; to: string }[]>`
    select transition, to_state as to from order_events where group_id = ${groupId} order by id`
  ).map(event => `${event.transition} ${event.to}`)
const acts = (orderId: number) => sql`select kind, body->'lines' as lines from acts where order_id = ${orderId} order by id`

test('what was picked whole is told to the buyer, and leaves against the code only', async () => {
  await book(sql, channel, 'shop', [
    {
      id: 'P-1',
      lines: [
        { sku: 'MUG', ordered: 2 },
        { sku: 'PEN', ordered: 1 },
      ],
    },
  ])
  const { groupId, orderId, lineIds } = await groupOf(sql, 'P-1', 'store')
  const [mug = 0, pen = 0] = lineIds
  expect(await actOn(sql, 'fulfilment_ready_1', groupId)).toEqual({ outcome: 'not_picked', lineId: mug, sku: 'MUG', open: 2, picked: 0 })
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: mug, picked: 1 }] })).toMatchObject({
    outcome: 'picked',
    state: 'picking',
  })
  const rest = await actOn(sql, 'fulfilment_pick_1', groupId, {
    lines: [
      { lineId: mug, picked: 1 },
      { lineId: pen, picked: 1 },
    ],
  })
  expect(rest).toMatchObject({
    lines: [
      { open: 2, picked: 2, putBack: 0 },
      { open: 1, picked: 1, putBack: 0 },
    ],
  })
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: mug, picked: 1 }] })).toEqual({
    outcome: 'too_many',
    lineId: mug,
    sku: 'MUG',
    asked: 1,
    open: 0,
  })
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity' })).toEqual({ outcome: 'not_ready', state: 'picking' })

  const ready = await actOn(sql, 'fulfilment_ready_1', groupId, { now: '2026-05-04T10:00:00Z', keepDays: 3 })
  if (ready.outcome !== 'ready') throw new Error(ready.outcome)
  expect(ready).toMatchObject({ state: 'ready', code: expect.stringMatching(/^\d{6}$/) })
  expect(new Date(ready.collectBy ?? '')).toEqual(new Date('2026-05-07T10:00:00Z'))
  expect(await acts(orderId)).toMatchObject([
    {
      kind: 'ready',
      lines: [
        { externalLineId: '1', quantity: 2 },
        { externalLineId: '2', quantity: 1 },
      ],
    },
  ])

  expect(await sql`select body->>'code' as code from acts where order_id = ${orderId}`).toEqual([{ code: ready.code }])
  const wrong = ready.code === '000000' ? '111111' : '000000'
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'code', code: wrong })).toEqual({ outcome: 'wrong_code', left: 4 })
  expect(await balance(sql, 'MUG', 'store')).toEqual({ onHand: 3, reserved: 2 })
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'code', code: ready.code, takenBy: 'buyer' })).toMatchObject({
    outcome: 'handed_over',
    state: 'done',
  })
  expect(await balance(sql, 'MUG', 'store')).toEqual({ onHand: 1, reserved: 0 })
  expect(await orderLine(sql, 'P-1')).toMatchObject({ reserved: 0, shipped: 2 })
  expect(await acts(orderId)).toMatchObject([
    { kind: 'ready' },
    {
      kind: 'ship',
      lines: [
        { externalLineId: '1', quantity: 2 },
        { externalLineId: '2', quantity: 1 },
      ],
    },
  ])
  expect(await events(groupId)).toEqual(['pick picking', 'ready ready', 'hand_over done'])
  expect(await sql`select detail from order_events where group_id = ${groupId} and transition = 'hand_over'`).toEqual([
    { detail: { proof: 'code', takenBy: 'buyer' } },
  ])
  await clean()
})

test('after five wrong codes a sixth guess is worth nothing, but a paper with the name still is', async () => {
  await book(sql, channel, 'shop', [{ id: 'P-2', lines: [{ sku: 'PEN', ordered: 1 }] }])
  const { groupId } = await groupOf(sql, 'P-2', 'store')
  const ready = await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })
  if (ready.outcome !== 'ready') throw new Error(ready.outcome)
  for (const left of [4, 3, 2, 1, 0])
    expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'code', code: 'guess' })).toEqual({ outcome: 'wrong_code', left })
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'code', code: ready.code })).toEqual({ outcome: 'code_locked' })
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity', takenBy: 'other' })).toMatchObject({
    outcome: 'handed_over',
  })
})

test('a unit that is not on the shelf is written off there, and promised from another place, which routing has yet to look at', async () => {
  await change(sql, [{ sku: 'MUG', location: 'store', quantity: 3, kind: 'count' }])
  await book(sql, channel, 'shop', [{ id: 'S-1', lines: [{ sku: 'MUG', ordered: 2 }] }])
  const { groupId, lineIds } = await groupOf(sql, 'S-1', 'store')
  const [line = 0] = lineIds
  const answer = await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 1, short: 1, left: 0 }] })
  expect(answer).toMatchObject({ outcome: 'picked', promisedAgain: 1, lines: [{ open: 1, picked: 1 }] })
  // One was missing of the two, and the third was not there either.
  expect(await balance(sql, 'MUG', 'store')).toEqual({ onHand: 1, reserved: 1 })
  expect(await balance(sql, 'MUG', 'depot')).toEqual({ onHand: 10, reserved: 1 })
  expect(await orderLine(sql, 'S-1')).toMatchObject({ reserved: 2, short: 0 })
  expect(
    await sql`select p.code, e.reason from routing_exclusions e join locations p on p.id = e.location_id where e.group_id = ${groupId}`,
  ).toEqual([{ code: 'store', reason: 'short' }])
  expect(await actOn(sql, 'fulfilment_ready_1', groupId)).toMatchObject({ outcome: 'ready' })
  expect(await events(groupId)).toEqual(['pick picking', 'short_pick picking', 'choice_needed picking', 'ready ready'])
  await clean()
})

test('a unit that nobody else has is short, and a group of which nothing is left has ended', async () => {
  await book(sql, channel, 'shop', [{ id: 'S-2', lines: [{ sku: 'LAMP', ordered: 2 }] }])
  const { groupId, lineIds } = await groupOf(sql, 'S-2', 'store')
  const [line = 0] = lineIds
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, short: 2 }] })).toMatchObject({
    promisedAgain: 0,
    state: 'cancelled',
  })
  expect(await balance(sql, 'LAMP', 'store')).toEqual({ onHand: 0, reserved: 0 })
  expect(await orderLine(sql, 'S-2')).toMatchObject({ reserved: 0, short: 2 })
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 1 }] })).toEqual({
    outcome: 'closed',
    state: 'cancelled',
  })
  await clean()
})

test('for a damaged unit the clerk takes the next one from the shelf; it is put aside, and the group goes on', async () => {
  await change(sql, [{ sku: 'PEN', location: 'store', quantity: 3, kind: 'count' }])
  await book(sql, channel, 'shop', [{ id: 'D-1', lines: [{ sku: 'PEN', ordered: 2 }] }])
  const { groupId, lineIds } = await groupOf(sql, 'D-1', 'store')
  const [line = 0] = lineIds
  const answer = await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 1, damaged: 1 }] })
  expect(answer).toMatchObject({ promisedAgain: 1, lines: [{ open: 2, picked: 1 }] })
  expect(await sql`select on_hand, reserved, unavailable from balances b join variants v on v.id = b.variant_id and v.sku = 'PEN'`).toEqual(
    [{ on_hand: 3, reserved: 2, unavailable: 1 }],
  )
  await clean()
})

test('of a set that is sold as its parts, the part that is missing is named; the others are free again', async () => {
  await layIn(sql, { SET: {}, CUP: { store: 4 }, SPOON: { store: 4 } })
  await sql`select bundle_set_1(${sql.json({
    actor: 'test',
    sku: 'SET',
    parts: [
      { sku: 'CUP', quantity: 1 },
      { sku: 'SPOON', quantity: 2 },
    ],
  })})`
  await book(sql, channel, 'shop', [{ id: 'B-1', lines: [{ sku: 'SET', ordered: 2 }] }])
  const { groupId, lineIds } = await groupOf(sql, 'B-1', 'store')
  const [line = 0] = lineIds
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, short: 1 }] })).toEqual({
    outcome: 'part_needed',
    lineId: line,
    parts: ['CUP', 'SPOON'],
  })
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, short: 1, sku: 'CUP', left: 1 }] })).toMatchObject({
    lines: [{ open: 1 }],
  })
  expect(await balance(sql, 'CUP', 'store')).toEqual({ onHand: 2, reserved: 2 })
  await clean()
})

test('what was cancelled while it was picked goes back to the shelf, once', async () => {
  await change(sql, [{ sku: 'PEN', location: 'store', quantity: 9, kind: 'count' }])
  await book(sql, channel, 'shop', [{ id: 'C-1', lines: [{ sku: 'PEN', ordered: 2 }] }])
  const { groupId, orderId, lineIds } = await groupOf(sql, 'C-1', 'store')
  const [line = 0] = lineIds
  await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: line, picked: 2 }] })
  await sql`select order_cancel_1(${sql.json({ actor: 'test', orderId })})`
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity' })).toEqual({ outcome: 'closed', state: 'cancelled' })
  const back = { lines: [{ lineId: line, quantity: 2 }] }
  expect(await actOn(sql, 'fulfilment_put_back_1', groupId, back)).toMatchObject({ outcome: 'put_back', lines: [{ open: 0, putBack: 0 }] })
  expect(await actOn(sql, 'fulfilment_put_back_1', groupId, back)).toMatchObject({ outcome: 'too_many', lineId: line, asked: 2, open: 0 })
})

test('an act that is sent again with its key counts once, and another store does not see the group', async () => {
  await book(sql, channel, 'shop', [{ id: 'K-1', lines: [{ sku: 'PEN', ordered: 2 }] }])
  const { groupId, lineIds } = await groupOf(sql, 'K-1', 'store')
  const scan = { key: 'scan-1', lines: [{ lineId: lineIds[0] ?? 0, picked: 1 }] }
  await actOn(sql, 'fulfilment_pick_1', groupId, scan)
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, scan)).toMatchObject({ replayed: true, lines: [{ picked: 1 }] })
  const [depot] = await sql<{ id: number }[]>`select id from locations where code = 'depot'`
  expect(await actOn(sql, 'fulfilment_ready_1', groupId, { locationId: depot?.id ?? 0, all: true })).toEqual({
    outcome: 'unknown',
    field: 'group',
    value: groupId,
  })
})

test('a platform that cannot be told that goods are ready is told when they are handed over only', async () => {
  await sql`update accounts set platform = 'vendure' where id = ${channel.accountId}`
  await book(sql, channel, 'shop', [{ id: 'V-1', lines: [{ sku: 'PEN', ordered: 1 }] }])
  const { groupId, orderId } = await groupOf(sql, 'V-1', 'store')
  expect(await actOn(sql, 'fulfilment_ready_1', groupId, { all: true })).toMatchObject({ act: null, code: expect.any(String) })
  await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity' })
  expect(await acts(orderId)).toMatchObject([{ kind: 'ship' }])
  await clean()
})

test('what is held while it is picked is neither picked on nor handed over until it is let go', async () => {
  await book(sql, channel, 'shop', [{ id: 'H-1', lines: [{ sku: 'PEN', ordered: 2 }] }])
  const { groupId, orderId, lineIds } = await groupOf(sql, 'H-1', 'store')
  const pick = () => actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId: lineIds[0] ?? 0, picked: 1 }] })
  await pick()
  await sql`select order_hold_1(${sql.json({ actor: 'test', orderId, hold: 'payment' })})`
  expect(await pick()).toEqual({ outcome: 'closed', state: 'held' })
  await sql`select order_let_go_1(${sql.json({ actor: 'test', orderId })})`
  expect(await pick()).toMatchObject({ outcome: 'picked' })
  expect(await sql`select state from orders where id = ${orderId}`).toEqual([{ state: 'in_fulfilment' }])
  await actOn(sql, 'fulfilment_ready_1', groupId)
  await sql`select order_hold_1(${sql.json({ actor: 'test', orderId, hold: 'fraud' })})`
  expect(await actOn(sql, 'fulfilment_hand_over_1', groupId, { proof: 'identity' })).toEqual({ outcome: 'closed', state: 'held' })
  await clean()
})

test('what left without a word of its picking is not to be picked any more, and not missing on the shelf', async () => {
  await change(sql, [{ sku: 'PEN', location: 'store', quantity: 5, kind: 'receive' }])
  await book(sql, channel, 'shop', [{ id: 'L-1', lines: [{ sku: 'PEN', ordered: 3 }] }])
  const { groupId, orderId, lineIds } = await groupOf(sql, 'L-1', 'store')
  const [lineId = 0] = lineIds
  await sql`select order_ship_1(${sql.json({ actor: 'test', orderId, lines: [{ lineId, quantity: 1 }] })})`
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId, short: 3 }] })).toMatchObject({
    outcome: 'too_many',
    lineId,
    asked: 3,
    open: 2,
  })
  expect(await actOn(sql, 'fulfilment_pick_1', groupId, { lines: [{ lineId, picked: 2 }] })).toMatchObject({
    lines: [{ open: 2, picked: 2, putBack: 0 }],
  })
  expect(await actOn(sql, 'fulfilment_ready_1', groupId)).toMatchObject({ outcome: 'ready' })
  await clean()
})
