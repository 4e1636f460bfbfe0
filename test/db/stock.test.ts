import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, orderLine, quietChannel, reserve } from '../support/goods.ts'

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 10, shop: 4 }, LAMP: { main: 3 }, CUP: { main: 5 } })

test('a count sets the number and leaves a movement that explains it', async () => {
  const answer = await change(sql, [{ sku: 'MUG', location: 'main', quantity: 12, kind: 'count', reason: 'shelf count' }])
  expect(answer).toMatchObject({ outcome: 'done', lines: [{ sku: 'MUG', location: 'main', onHand: 12, available: 12 }] })
  const [movement] = await sql`select kind, on_hand, reason, actor from movements order by id desc limit 1`
  expect(movement).toEqual({ kind: 'count', on_hand: 2, reason: 'shelf count', actor: 'test' })
})

test('an adjust below zero changes nothing, not even its other lines', async () => {
  const lines = [
    { sku: 'MUG', location: 'shop', quantity: 1, kind: 'adjust' },
    { sku: 'LAMP', location: 'main', quantity: -4, kind: 'adjust' },
  ]
  await expect(change(sql, lines)).rejects.toMatchObject({ code: 'P0409', message: 'adjust_below_zero' })
  expect(await balance(sql, 'MUG', 'shop')).toEqual({ onHand: 4, reserved: 0 })
})

test('an unknown SKU is named with its line', async () => {
  expect(await change(sql, [{ sku: 'NOPE', location: 'main', quantity: 1, kind: 'receive' }])).toEqual({
    outcome: 'unknown',
    line: 0,
    field: 'sku',
    value: 'NOPE',
  })
})

test('a till sale of more than the books have finds the missing units first, visibly', async () => {
  await change(sql, [{ sku: 'LAMP', location: 'shop', quantity: 2, kind: 'sale' }])
  expect(await balance(sql, 'LAMP', 'shop')).toEqual({ onHand: 0, reserved: 0 })
  const movements = await sql`
    select m.kind, m.on_hand from movements m join locations p on p.id = m.location_id where p.code = 'shop' and m.on_hand <> 0 order by m.id desc limit 2`
  expect(movements.map(movement => [movement.kind, movement.on_hand])).toEqual([
    ['sale', -2],
    ['adjust', 2],
  ])
})

test('a hold takes one location that has all of it before it splits', async () => {
  const [whole] = await reserve(sql, [{ key: 'whole', lines: [{ sku: 'MUG', quantity: 11 }] }])
  expect(whole).toMatchObject({ outcome: 'reserved', lines: [{ sku: 'MUG', location: 'main', quantity: 11 }] })
  const [split] = await reserve(sql, [{ key: 'split', lines: [{ sku: 'MUG', quantity: 5 }] }])
  expect(split?.lines).toEqual([
    { sku: 'MUG', location: 'main', quantity: 1 },
    { sku: 'MUG', location: 'shop', quantity: 4 },
  ])
})

test('what is missing is named, nothing is held, and the same key succeeds after a receipt', async () => {
  const wish = { key: 'wish', lines: [{ sku: 'MUG', quantity: 2 }] }
  expect(await reserve(sql, [wish])).toEqual([{ outcome: 'insufficient', missing: [{ sku: 'MUG', asked: 2, available: 0 }] }])
  await change(sql, [{ sku: 'MUG', location: 'shop', quantity: 2, kind: 'receive' }])
  const [second] = await reserve(sql, [wish])
  expect(second?.outcome).toBe('reserved')
  const [third] = await reserve(sql, [wish])
  expect(third).toMatchObject({ outcome: 'reserved', replayed: true, basket: second?.basket })
})

test('the same key with another body is a conflict; twice in one batch it is one hold', async () => {
  expect(await reserve(sql, [{ key: 'wish', hash: 'other', lines: [{ sku: 'MUG', quantity: 1 }] }])).toEqual([{ outcome: 'key_conflict' }])
  const same = { key: 'same', hash: 'h', lines: [{ sku: 'CUP', quantity: 2 }] }
  const [first, second] = await reserve(sql, [same, same])
  expect([first?.outcome, second?.replayed]).toEqual(['reserved', true])
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 5, reserved: 2 })
})

test('a basket is held whole or, where the caller allows it, in part', async () => {
  const lines = [
    { sku: 'CUP', quantity: 1 },
    { sku: 'LAMP', quantity: 9 },
  ]
  expect((await reserve(sql, [{ key: 'b1', lines }]))[0]).toEqual({
    outcome: 'insufficient',
    missing: [{ sku: 'LAMP', asked: 9, available: 3 }],
  })
  const [part] = await reserve(sql, [{ key: 'b2', partial: true, lines }])
  expect(part).toMatchObject({ outcome: 'reserved', missing: [{ sku: 'LAMP', asked: 9, available: 3 }] })
  const [ended] = await sql`select stock_end_hold_1(${sql.json({ actor: 'test', basket: part?.basket ?? '', end: 'release' })}) as answer`
  expect(ended?.answer).toMatchObject({ outcome: 'released' })
})

test('a hold whose time is over counts as released at the next locked read', async () => {
  const [held] = await reserve(sql, [
    { key: 'brief', expiresAt: '2026-01-01T00:00:00Z', now: '2025-12-31T23:59:00Z', lines: [{ sku: 'LAMP', quantity: 3 }] },
  ])
  expect(held?.outcome).toBe('reserved')
  const [next] = await reserve(sql, [{ key: 'after', now: '2026-01-01T00:00:01Z', lines: [{ sku: 'LAMP', quantity: 3 }] }])
  expect(next?.outcome).toBe('reserved')
  const states = await sql`select state from reservations where basket = ${held?.basket ?? ''}`
  expect(states.map(row => row.state)).toEqual(['expired'])
})

test('a promise moves to another location in one step', async () => {
  await layIn(sql, { VASE: { main: 2, shop: 2 } })
  const [held] = await reserve(sql, [{ key: 'vase', lines: [{ sku: 'VASE', quantity: 2, location: 'main' }] }])
  const [moved] =
    await sql`select stock_move_promise_1(${sql.json({ actor: 'test', basket: held?.basket ?? '', sku: 'VASE', to: 'shop' })}) as answer`
  expect(moved?.answer).toEqual({ outcome: 'moved', to: 'shop' })
  expect([await balance(sql, 'VASE', 'main'), await balance(sql, 'VASE', 'shop')]).toEqual([
    { onHand: 2, reserved: 0 },
    { onHand: 2, reserved: 2 },
  ])
})

test('an order for more than there is is booked with its shorts, and a receipt fills the oldest first', async () => {
  await layIn(sql, { TRAY: { main: 5 } })
  const channel = await quietChannel(sql, 'web')
  const [first] = await book(sql, channel, 'web', [{ id: 'A1', lines: [{ sku: 'TRAY', ordered: 7 }] }])
  expect(first).toMatchObject({ outcome: 'booked', short: 2 })
  await book(sql, channel, 'web', [{ id: 'A2', lines: [{ sku: 'TRAY', ordered: 1 }] }])
  await change(sql, [{ sku: 'TRAY', location: 'main', quantity: 2, kind: 'receive' }])
  expect(await orderLine(sql, 'A1')).toMatchObject({ reserved: 7, short: 0 })
  expect(await orderLine(sql, 'A2')).toMatchObject({ reserved: 0, short: 1 })
})

test('a count that finds fewer than are promised makes the newest order short in the same statement', async () => {
  await change(sql, [{ sku: 'TRAY', location: 'main', quantity: 6, kind: 'count' }])
  expect(await orderLine(sql, 'A1')).toMatchObject({ reserved: 6, short: 1 })
  expect(await balance(sql, 'TRAY', 'main')).toEqual({ onHand: 6, reserved: 6 })
})

test('an order taken twice is booked once, an older version is ignored, a newer one applies', async () => {
  const channel = { accountId: 1 }
  await layIn(sql, { BOWL: { main: 9 } })
  const sold = (id: string, stamp: string, cancelled: number) => ({ id, stamp, lines: [{ sku: 'BOWL', ordered: 4, cancelled }] })
  const outcomes = []
  for (const order of [
    sold('B1', '2026-01-02T00:00:00Z', 0),
    sold('B1', '2026-01-02T00:00:00Z', 0),
    sold('B1', '2026-01-01T00:00:00Z', 1),
    sold('B1', '2026-01-03T00:00:00Z', 1),
  ])
    outcomes.push((await book(sql, channel, 'web', [order]))[0]?.outcome)
  expect(outcomes).toEqual(['booked', 'exists', 'stale', 'updated'])
  expect(await orderLine(sql, 'B1')).toEqual({ ordered: 4, reserved: 3, short: 0, shipped: 0, cancelled: 1, returned: 0 })
  const [contradiction] = await book(sql, channel, 'web', [sold('B1', '2026-01-03T00:00:00Z', 2)])
  expect(contradiction?.outcome).toBe('reread')
})

test('settle, return and cancel bring stock where it belongs', async () => {
  const channel = { accountId: 1 }
  await book(sql, channel, 'web', [
    { id: 'B1', stamp: '2026-01-04T00:00:00Z', effect: 'settle', lines: [{ sku: 'BOWL', ordered: 4, cancelled: 1 }] },
  ])
  expect(await balance(sql, 'BOWL', 'main')).toEqual({ onHand: 6, reserved: 0 })
  await book(sql, channel, 'web', [
    { id: 'B1', stamp: '2026-01-05T00:00:00Z', effect: 'settle', lines: [{ sku: 'BOWL', ordered: 4, cancelled: 1, returned: 2 }] },
  ])
  expect(await balance(sql, 'BOWL', 'main')).toEqual({ onHand: 8, reserved: 0 })
  await book(sql, channel, 'web', [{ id: 'B2', lines: [{ sku: 'BOWL', ordered: 8 }] }])
  await book(sql, channel, 'web', [{ id: 'B2', stamp: '2026-01-09T00:00:00Z', effect: 'cancel', lines: [{ sku: 'BOWL', ordered: 8 }] }])
  expect(await orderLine(sql, 'B2')).toEqual({ ordered: 8, reserved: 0, short: 0, shipped: 0, cancelled: 8, returned: 0 })
  expect(await balance(sql, 'BOWL', 'main')).toEqual({ onHand: 8, reserved: 0 })
})

test('an unpaid order promises nothing until it is paid; one that the platform ships never does', async () => {
  const channel = { accountId: 1 }
  await book(sql, channel, 'web', [
    { id: 'C1', effect: 'ignore', lines: [{ sku: 'BOWL', ordered: 2 }] },
    { id: 'C2', effect: 'foreign', lines: [{ sku: 'BOWL', ordered: 2, shipped: 2 }] },
  ])
  expect(await balance(sql, 'BOWL', 'main')).toEqual({ onHand: 8, reserved: 0 })
  const held =
    await sql`select m.kind, m.on_hand from movements m join locations p on p.id = m.location_id where p.code = 'web-held' order by m.id`
  expect(held.map(movement => [movement.kind, movement.on_hand])).toEqual([
    ['adjust', 2],
    ['ship', -2],
  ])
  await book(sql, channel, 'web', [{ id: 'C1', stamp: '2026-02-01T00:00:00Z', lines: [{ sku: 'BOWL', ordered: 2 }] }])
  expect(await balance(sql, 'BOWL', 'main')).toEqual({ onHand: 8, reserved: 2 })
})

test('a line that nobody knows is kept short, and served once it is matched', async () => {
  const channel = { accountId: 1 }
  const order = { id: 'D1', lines: [{ sku: 'LATER', ordered: 2 }] }
  expect((await book(sql, channel, 'web', [order]))[0]).toMatchObject({ short: 2, unmatched: ['LATER'] })
  await layIn(sql, { LATER: { main: 2 } })
  expect((await book(sql, channel, 'web', [order]))[0]).toMatchObject({ outcome: 'updated', short: 0 })
  expect(await balance(sql, 'LATER', 'main')).toEqual({ onHand: 2, reserved: 2 })
})

test('we ship and cancel: stock follows at once and an act tells the platform', async () => {
  const channel = { accountId: 1 }
  await layIn(sql, { FORK: { main: 5 } })
  const [booked] = await book(sql, channel, 'web', [{ id: 'E1', lines: [{ sku: 'FORK', ordered: 3 }] }])
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
  const ship = {
    actor: 'test',
    scope: 't',
    key: 'ship',
    kind: 'ship',
    hash: 'x',
    orderId: booked?.orderId ?? 0,
    lines: [{ lineId: line?.id ?? 0, quantity: 2 }],
  }
  const [shipped] = await sql`select order_ship_1(${sql.json(ship)}) as answer`
  expect(shipped?.answer).toMatchObject({ outcome: 'shipped' })
  const [again] = await sql`select order_ship_1(${sql.json(ship)}) as answer`
  expect(again?.answer).toMatchObject({ replayed: true })
  await sql`select order_cancel_1(${sql.json({ actor: 'test', orderId: booked?.orderId ?? 0 })})`
  expect(await orderLine(sql, 'E1')).toEqual({ ordered: 3, reserved: 0, short: 0, shipped: 2, cancelled: 1, returned: 0 })
  expect(await balance(sql, 'FORK', 'main')).toEqual({ onHand: 3, reserved: 0 })
  const acts = await sql`select kind, state from acts where order_id = ${booked?.orderId ?? 0} order by id`
  expect(acts.map(act => [act.kind, act.state])).toEqual([
    ['ship', 'intended'],
    ['cancel', 'intended'],
  ])
  // The platform has not taken notice of our cancel yet: its older view does not bring the unit back.
  await book(sql, channel, 'web', [{ id: 'E1', stamp: '2026-03-01T00:00:00Z', lines: [{ sku: 'FORK', ordered: 3, shipped: 2 }] }])
  expect(await orderLine(sql, 'E1')).toMatchObject({ shipped: 2, cancelled: 1, reserved: 0 })
})

test('the ledger cannot be rewritten, and its sums are the balances', async () => {
  await expect(sql`update movements set on_hand = 0`).rejects.toThrow(/append-only/)
  const differences = await sql`
    select b.variant_id from balances b join (select variant_id, location_id, sum(on_hand) as on_hand, sum(reserved) as reserved from movements group by 1, 2) m
      using (variant_id, location_id) where (b.on_hand, b.reserved) is distinct from (m.on_hand, m.reserved)`
  expect(differences).toEqual([])
})

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()

test('a count that was true two hours ago does not undo what was sold since', async () => {
  await layIn(sql, { CUT: { main: 0 } })
  await change(sql, [{ sku: 'CUT', location: 'main', quantity: 10, kind: 'receive' }], { occurred_at: ago(120) })
  await change(sql, [{ sku: 'CUT', location: 'main', quantity: 3, kind: 'sale' }], { occurred_at: ago(30) })
  await change(sql, [{ sku: 'CUT', location: 'main', quantity: 9, kind: 'count' }], { occurred_at: ago(20) })
  expect(await balance(sql, 'CUT', 'main')).toEqual({ onHand: 9, reserved: 0 })
  await change(sql, [{ sku: 'CUT', location: 'main', quantity: 2, kind: 'sale' }], { occurred_at: ago(10) })
  await change(sql, [{ sku: 'CUT', location: 'main', quantity: 8, kind: 'count' }], { occurred_at: ago(15) })
  expect(await balance(sql, 'CUT', 'main')).toEqual({ onHand: 6, reserved: 0 })
})

test('a count that agrees leaves its trace all the same', async () => {
  await layIn(sql, { AGREE: { main: 4 } })
  await change(sql, [{ sku: 'AGREE', location: 'main', quantity: 4, kind: 'count', reason: 'looked' }])
  const [movement] = await sql`select kind, on_hand, reason from movements order by id desc limit 1`
  expect(movement).toEqual({ kind: 'count', on_hand: 0, reason: 'looked' })
})

test('what ends by itself while a command of the past is posted ends now, by nobody', async () => {
  await layIn(sql, { PAST: { main: 5 } })
  const [held] = await reserve(sql, [{ key: 'past', lines: [{ sku: 'PAST', quantity: 2 }], now: ago(2), expiresAt: ago(1) }])
  expect(held?.outcome).toBe('reserved')
  await change(sql, [{ sku: 'PAST', location: 'main', quantity: 1, kind: 'sale' }], { occurred_at: '2026-01-01T00:00:00Z' })
  const [ended] =
    await sql`select occurred_at > '2026-06-01' as recent, actor, command_key from movements where kind = 'expire' order by id desc limit 1`
  expect(ended).toEqual({ recent: true, actor: 'system', command_key: null })
})

test('a promise does not move to a closed location, nor to stock that a platform holds', async () => {
  await layIn(sql, { GO: { main: 2, shut: 2 } })
  await sql`update locations set active = false where code = 'shut'`
  const [held] = await reserve(sql, [{ key: 'go', lines: [{ sku: 'GO', quantity: 1, location: 'main' }] }])
  const [moved] = await sql`select stock_move_promise_2(${sql.json({ actor: 'test', basket: held?.basket ?? '', to: 'shut' })}) as answer`
  expect(moved?.answer).toEqual({ outcome: 'closed', location: 'shut' })
  await sql`update locations set active = true where code = 'shut'`
})
