import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { orderOfChannel } from '../../db/holds.ts'
import { endShort } from '../../db/short-rules.ts'
import { proposedSubstitutes, substituteShort } from '../../db/substitutes.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { holdOrder, letGoOrder, receiveReturn } from '../../src/usecases/change-order.ts'
import { setShortRule } from '../../src/usecases/short-rules.ts'
import { substituteUnits } from '../../src/usecases/substitute.ts'
import { setSubstitutionRules } from '../../src/usecases/substitution-rules.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, change, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { RED: { main: 2 }, BLUE: { main: 3 }, GREEN: { main: 2, far: 1 } })
const web = await quietChannel(sql, 'web', ['main'])

type Lines = Readonly<Record<string, number>>
const take = (id: string, lines: Lines, more: object = {}) =>
  book(sql, web, 'web', [{ id, lines: Object.entries(lines).map(([sku, ordered]) => ({ sku, ordered })), ...more }])
const orderOf = async (id: string): Promise<number> =>
  (await sql<{ id: number }[]>`select id from orders where external_id = ${id}`)[0]?.id ?? 0
const linesOf = (id: string) => sql<{ id: number; sku: string; ordered: number; reserved: number; short: number }[]>`
  select l.id, l.sku, l.ordered, l.reserved, l.short from order_lines l join orders o on o.id = l.order_id where o.external_id = ${id} order by l.id`
const briefly = async (id: string) => (await linesOf(id)).map(line => `${line.sku} ${line.ordered}: ${line.reserved} ${line.short}`)
const actsOf = (id: string) => sql`
  select a.kind, a.body from acts a join orders o on o.id = a.order_id where o.external_id = ${id} order by a.id`
const substitute = (minutes = 0) => substituteShort(sql, new Date(Date.now() + minutes * 60_000), 100)
const clean = async () => expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
const all = { automatic: true, abovePercent: null }

test('what is short is handed over by rule as what is preferred and there, then as the next, and the order goes on', async () => {
  await setSubstitutionRules(context, 's1', {
    sku: 'RED',
    channel: null,
    substitutes: [
      { sku: 'BLUE', ...all },
      { sku: 'GREEN', ...all },
    ],
  })
  await take('A', { RED: 6 })
  expect(await briefly('A')).toEqual(['RED 6: 2 4'])
  expect(await substitute()).toBe(1)
  expect(await substitute()).toBe(0)
  expect(await briefly('A')).toEqual(['RED 2: 2 0', 'BLUE 3: 3 0', 'GREEN 1: 1 0'])
  const [event] = await sql`select actor, reason, from_state, to_state, detail from order_events where transition = 'substitute'`
  const [sold, blue, green] = await linesOf('A')
  expect(event).toEqual({
    ...{ actor: 'rule', reason: 'short of stock', from_state: 'accepted', to_state: 'accepted' },
    detail: {
      lines: [
        { lineId: blue?.id, quantity: 3, sku: 'BLUE', soldLineId: sold?.id, instead: 'RED' },
        { lineId: green?.id, quantity: 1, sku: 'GREEN', soldLineId: sold?.id, instead: 'RED' },
      ],
    },
  })
  await clean()
})

test('its platform is told of its own line alone, and what comes back is what was handed over', async () => {
  const order = await orderOf('A')
  const [, blue, green] = await linesOf('A')
  const line = green?.id ?? 0
  await cancelOrder(context, 'c1', order, { lines: [{ lineId: line, quantity: 1 }] })
  await shipOrder(context, 'p1', order, {})
  expect((await actsOf('A')).map(act => [act.kind, act.body.lines])).toEqual([
    ['cancel', [{ lineId: expect.any(Number), externalLineId: expect.any(String), quantity: 1 }]],
    ['ship', [{ lineId: expect.any(Number), externalLineId: expect.any(String), quantity: 5 }]],
  ])
  expect(await balance(sql, 'BLUE', 'main')).toEqual({ onHand: 0, reserved: 0 })
  const back = { lineId: blue?.id ?? 0, toStock: 2, unavailable: 0, scrapped: 0 }
  await receiveReturn(context, 'b1', order, { location: 'main', lines: [back] })
  expect(await balance(sql, 'BLUE', 'main')).toEqual({ onHand: 2, reserved: 0 })
  expect(await balance(sql, 'RED', 'main')).toEqual({ onHand: 0, reserved: 0 })
  await clean()
})

test('what its channel states of the sold line is shared out: shipped, cancelled, more, fewer, back', async () => {
  await change(sql, [{ sku: 'RED', location: 'main', quantity: 1, kind: 'count' }])
  await take('B', { RED: 3 })
  await substitute()
  expect(await briefly('B')).toEqual(['RED 1: 1 0', 'BLUE 2: 2 0'])
  // The same again, then one fewer: what was sold goes first.
  await take('B', { RED: 3 }, { stamp: '2026-01-02T00:00:00Z' })
  expect(await briefly('B')).toEqual(['RED 1: 1 0', 'BLUE 2: 2 0'])
  await take('B', { RED: 1 }, { stamp: '2026-01-03T00:00:00Z' })
  expect(
    await sql`select sku, ordered - cancelled as wanted, reserved from order_lines where order_id = ${await orderOf('B')} order by id`,
  ).toEqual([
    { sku: 'RED', wanted: 0, reserved: 0 },
    { sku: 'BLUE', wanted: 1, reserved: 1 },
  ])
  await clean()
  await take('B', { RED: 4 }, { stamp: '2026-01-04T00:00:00Z' })
  expect(await briefly('B')).toEqual(['RED 3: 1 2', 'BLUE 1: 1 0'])
  expect(await substitute()).toBe(1)
  expect(await briefly('B')).toEqual(['RED 1: 1 0', 'BLUE 1: 1 0', 'BLUE 1: 1 0', 'GREEN 1: 1 0'])
  await clean()
})

test('a person hands over what the rules do not say, is refused what is not there, and a repeated key changes nothing', async () => {
  await change(sql, [{ sku: 'BLUE', location: 'main', quantity: 2, kind: 'count' }])
  await setSubstitutionRules(context, 's2', {
    sku: 'RED',
    channel: 'web',
    substitutes: [{ sku: 'GREEN', automatic: false, abovePercent: null }],
  })
  await take('C', { RED: 2 })
  expect(await substitute()).toBe(0)
  const [order, [line]] = [await orderOf('C'), await linesOf('C')]
  const lineId = line?.id ?? 0
  await change(sql, [{ sku: 'GREEN', location: 'main', quantity: 5, kind: 'count' }])
  expect(await proposedSubstitutes(sql, [order])).toMatchObject([{ lineId, short: 2, sku: 'GREEN', automatic: false }])
  const wish = { lineId, sku: 'GREEN', quantity: 1, reason: 'called her' }
  const done = await substituteUnits(context, 'u1', order, wish)
  expect(await substituteUnits(context, 'u1', order, wish)).toMatchObject({ lineId: done.lineId, replayed: true })
  await expect(substituteUnits(context, 'u2', order, { ...wish, quantity: 2 })).rejects.toMatchObject({
    code: 'invalid',
    detail: { field: 'quantity' },
  })
  await expect(substituteUnits(context, 'u3', order, { lineId, sku: 'RED' })).rejects.toMatchObject({
    code: 'invalid',
    detail: { field: 'sku' },
  })
  await expect(substituteUnits(context, 'u4', order, { lineId, sku: 'NONE' })).rejects.toMatchObject({ code: 'invalid' })
  await change(sql, [{ sku: 'BLUE', location: 'main', quantity: 0, kind: 'count' }])
  await expect(substituteUnits(context, 'u5', order, { lineId, sku: 'BLUE' })).rejects.toMatchObject({ code: 'insufficient_stock' })
  expect(await briefly('C')).toEqual(['RED 1: 0 1', 'GREEN 1: 1 0'])
  await expect(substituteUnits(context, 'u6', order, { lineId: done.lineId, sku: 'BLUE' })).rejects.toMatchObject({ code: 'conflict' })
  await clean()
})

test('a rule goes before a cancellation by rule, not for what a person holds, and not for what is dearer than it allows', async () => {
  await setSubstitutionRules(context, 's3', {
    sku: 'RED',
    channel: 'web',
    substitutes: [{ sku: 'GREEN', automatic: true, abovePercent: 10 }],
  })
  await setShortRule(context, 'r1', 'web', { becomes: 'cancel', afterMinutes: 0 })
  const price = (amount: string) =>
    sql`select prices_set_1(${sql.json({ actor: 'test', prices: [{ sku: 'GREEN', currency: 'EUR', amount }] })})`
  await price('11.01')
  expect(await substitute()).toBe(0)
  await price('11')
  await holdOrder(context, 'h1', await orderOf('C'), { kind: 'manual' })
  // What was to be handed over to B instead is gone: it goes over to the next.
  expect(await substitute()).toBe(1)
  expect(await briefly('B')).toEqual(['RED 1: 1 0', 'BLUE 0: 0 0', 'BLUE 0: 0 0', ...Array(3).fill('GREEN 1: 1 0')])
  expect(await briefly('C')).toEqual(['RED 1: 0 1', 'GREEN 1: 1 0'])
  await letGoOrder(context, 'h2', await orderOf('C'), {})
  expect(await endShort(sql, new Date(Date.now() + 60_000), 100)).toBe(0)
  expect(await substitute()).toBe(1)
  expect(await briefly('C')).toEqual(['RED 0: 0 0', 'GREEN 1: 1 0', 'GREEN 1: 1 0'])
  await clean()
})

test('rules are refused that name what is not there, the SKU itself, or one twice', async () => {
  const rule = (sku: string, substitutes: readonly string[], channel: string | null = null) =>
    setSubstitutionRules(context, null, { sku, channel, substitutes: substitutes.map(one => ({ sku: one, ...all })) })
  await expect(rule('NONE', ['BLUE'])).rejects.toMatchObject({ code: 'not_found' })
  await expect(rule('RED', ['BLUE', 'NONE'])).rejects.toMatchObject({ code: 'invalid', detail: { field: 'substitutes.1.sku' } })
  await expect(rule('RED', ['RED'])).rejects.toMatchObject({ code: 'invalid', detail: { field: 'substitutes.0.sku' } })
  await expect(rule('RED', ['BLUE', 'BLUE'])).rejects.toMatchObject({ code: 'invalid', detail: { field: 'substitutes' } })
  await expect(rule('RED', ['BLUE'], 'nowhere')).rejects.toMatchObject({ code: 'invalid', detail: { field: 'channel' } })
  expect(await rule('RED', ['BLUE'], 'web')).toBe(true)
  expect(await rule('RED', ['BLUE'], 'web')).toBe(false)
  expect(await rule('RED', [], 'web')).toBe(true)
  expect(await sql`select actor, subject from audit where act = 'substitution_rules' order by id desc limit 1`).toEqual([
    { actor: expect.any(String), subject: 'RED' },
  ])
})

test('what counts as sold is what the channel sold, whatever was handed over instead', async () => {
  expect(await orderOfChannel(sql, web.channelId, 'C')).toMatchObject({ items: [{ sku: 'RED', quantity: 2 }] })
  await sql`update orders set placed_at = clock_timestamp() - interval '1 hour'`
  await sql`select demand_refresh_1(clock_timestamp() + interval '1 second', 7)`
  const [sold] = await sql<{ units: number }[]>`select sum(ordered + substituted)::int as units from order_lines where instead_of is null`
  expect(await sql`select v.sku, d.units from demand d join variants v on v.id = d.sold_id`).toEqual([{ sku: 'RED', units: sold?.units }])
})
