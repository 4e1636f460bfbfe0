import fc from 'fast-check'
import { pino } from 'pino'
import { expect } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { endShort } from '../../db/short-rules.ts'
import { substituteShort } from '../../db/substitutes.ts'
import { endOverdueExchanges, endToldReturns } from '../../jobs/exchange.ts'
import { routeAll } from '../../jobs/route.ts'
import type { Context } from '../../src/usecases/context.ts'
import { lookAfterWaiting } from '../../src/usecases/not-collected.ts'
import { book, change } from '../support/goods.ts'
import { leaveAddress } from '../support/pick-up-stage.ts'
import { exchangeIn, exchangeStep } from './exchange-steps.ts'
import { groupIn, groupStep } from './group-steps.ts'

// What can happen to orders: told by their channel, done by people, by a rule, or by the clock. Each step names what it happens to by chance; where there is nothing of the kind, it
// does nothing, or is refused.

const DAY_MS = 86_400_000
const sku = fc.constantFrom('CUP', 'PLATE')
const place = fc.constantFrom('main', 'shop', 'corner')
const order = fc.constantFrom('A', 'B', 'C')
const few = fc.nat(4)
const seldom = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: few })
const line = fc.record({
  ...{ ordered: fc.integer({ min: 1, max: 4 }), cancelled: seldom, shipped: seldom, returned: seldom },
  collectAt: fc.option(fc.constantFrom('shop', 'corner')),
})
type Line = typeof line extends fc.Arbitrary<infer One> ? One : never

const weighed = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
const doing = <const D extends string, T>(name: D, more: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(more).map(rest => ({ do: name, ...rest }))

export const step = fc.oneof(
  weighed(
    5,
    doing('book', {
      order,
      effect: fc.oneof(weighed(9, fc.constant('reserve')), weighed(1, fc.constantFrom('settle', 'cancel', 'ignore', 'foreign'))),
      cup: line,
      plate: fc.option(line),
      set: fc.option(line, { freq: 3 }),
      address: fc.boolean(),
    }),
  ),
  weighed(3, doing('receive', { sku, place, units: fc.integer({ min: 1, max: 6 }) })),
  weighed(1, doing('count', { sku, place, units: few })),
  weighed(
    4,
    doing('act', {
      order,
      fn: fc.constantFrom('order_ship_1', 'order_cancel_1', 'order_hold_1', 'order_let_go_1', 'order_let_go_1'),
      units: few,
    }),
  ),
  weighed(
    2,
    doing('back', {
      order,
      how: fc.constantFrom('announce', 'receive', 'refuse', 'unasked'),
      units: fc.integer({ min: 1, max: 2 }),
      place,
    }),
  ),
  weighed(4, exchangeStep),
  weighed(2, doing('move', { order, sku, place })),
  weighed(5, doing('route', {})),
  weighed(1, doing('late', { order })),
  weighed(8, groupStep),
  weighed(
    2,
    doing('choose', { order, choice: fc.constantFrom('store', 'ship', 'cancel'), asked: fc.boolean(), ready: fc.boolean(), place }),
  ),
  weighed(2, doing('wait', { days: fc.constantFrom(0, 6.5, 6.5, 8, 30) })),
  weighed(1, doing('short', { minutes: fc.constantFrom(1, 60) })),
  weighed(3, doing('instead', { order, sku: fc.constantFrom('CUP', 'PLATE', 'SET'), units: few, by: fc.constantFrom('rule', 'person') })),
  weighed(1, doing('forget', { order })),
)
export type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** Rules that a history is played under. */
export const rules = fc.record({
  notCollected: fc.constantFrom('cancel', 'ship'),
  short: fc.constantFrom('person', 'incoming', 'cancel'),
  late: fc.boolean(),
  /** Where the goods lie at first. */
  lies: fc.constantFrom({ main: 8 }, { main: 2, shop: 3, corner: 3 }),
})
export type Rules = typeof rules extends fc.Arbitrary<infer One> ? One : never

const log = pino({ level: 'silent' })
const asCommand = (cmd: Readonly<Record<string, JsonValue>>) => ({ actor: 'test', ...cmd })
type Known = { readonly id: number; readonly line: number }

/** Plays steps in a hub: `web` is the channel that orders come from. */
export function player(context: Context, web: { readonly accountId: number }) {
  const { sql } = context
  const call = (fn: string, cmd: Readonly<Record<string, JsonValue>>) => sql`select ${sql(fn)}(${sql.json(asCommand(cmd))}) as answer`
  const now = () => Date.now()

  async function set({ notCollected, short, late }: Rules): Promise<void> {
    await call('pick_up_rule_set_1', { rule: { becomes: notCollected } })
    await call('short_rule_set_1', { rule: short === 'person' ? null : { becomes: short, afterMinutes: 30 } })
    await sql`update substitution_rules set valid_to = clock_timestamp() where valid_to is null`
    await sql`update routing_rules set body = body || ${sql.json({ lateAfterHours: late ? 4 : null })}`
  }

  async function take(one: Step, at: number): Promise<void> {
    if (one.do === 'receive' || one.do === 'count')
      return void (await change(sql, [{ kind: one.do, sku: one.sku, location: one.place, quantity: one.units }]))
    if (one.do === 'route') return void (await routeAll({ ...context, actor: 'routing' }, log))
    if (one.do === 'wait') return void (await lookAfterWaiting({ ...context, actor: 'rule' }, new Date(now() + one.days * DAY_MS), 50))
    if (one.do === 'overdue') {
      await endToldReturns(sql, new Date())
      return void (await endOverdueExchanges(sql, new Date(now() + one.days * DAY_MS)))
    }
    if (one.do === 'short') return void (await endShort(sql, new Date(now() + one.minutes * 60_000), 100))
    if (one.do === 'book') return bookOne(one, at)
    if (one.do === 'group') return groupIn(sql, one)
    if (one.do === 'instead' && one.by === 'rule') return insteadByRule()
    const nth = 'units' in one && typeof one.units === 'number' ? one.units : 0
    const [known] = await sql<Known[]>`
      select o.id, (select (array_agg(id order by id))[1 + ${nth}::int % count(*)::int] from order_lines where order_id = o.id) as line from orders o
      where external_id = ${one.order}`
    if (known !== undefined) await onOrder(sql, one, known)
  }

  /** From now on anything may be handed over instead of anything, also a set, and instead of one. */
  async function insteadByRule(): Promise<void> {
    const instead = { CUP: ['PLATE', 'SET'], PLATE: ['CUP'], SET: ['PLATE'] }
    for (const [sku, others] of Object.entries(instead))
      await call('substitution_rules_set_1', { sku, substitutes: others.map(one => ({ sku: one, automatic: true, abovePercent: null })) })
    await substituteShort(sql, new Date(), 10)
  }

  /** All that a channel wants of its lines is promised or short, whatever is handed over instead. */
  async function allWanted(id: number, lines: readonly { readonly ordered: number }[]): Promise<void> {
    const rows = await sql<{ line: number; open: number; gone: number }[]>`
      select s.external_line_id::int as line, sum(x.reserved + x.short)::int as open, sum(x.shipped + x.cancelled)::int as gone
      from order_lines x join order_lines s on s.id = coalesce(x.instead_of, x.id) where x.order_id = ${id} and s.external_line_id::int <= ${lines.length} group by 1 order by 1`
    expect(rows.map(({ line, open }) => ({ line, open }))).toEqual(
      rows.map(({ line, gone }) => ({ line, open: Math.max((lines[line - 1]?.ordered ?? 0) - gone, 0) })),
    )
  }

  async function bookOne(one: Extract<Step, { do: 'book' }>, at: number): Promise<void> {
    const told = (name: string, line: Line | null) => {
      if (line === null) return []
      const cancelled = Math.min(line.cancelled, line.ordered)
      const shipped = Math.min(line.shipped, line.ordered - cancelled)
      const numbers = { ordered: line.ordered, cancelled, shipped, returned: Math.min(line.returned, shipped) }
      return [{ sku: name, ...numbers, ...(line.collectAt === null ? {} : { collectAt: line.collectAt }) }]
    }
    const lines = [...told('CUP', one.cup), ...told('PLATE', one.plate), ...told('SET', one.set)]
    const stamp = new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString()
    const [booked] = await book(sql, web, 'web', [{ id: one.order, effect: one.effect, stamp, lines }])
    if (booked?.orderId !== undefined && one.effect === 'reserve') await allWanted(booked.orderId, lines)
    if (one.address && booked?.orderId !== undefined) await leaveAddress(context, booked.orderId, { city: 'Berlin', country: 'DE' })
  }

  return { set, take }

  async function onOrder(
    sql: Sql,
    one: Exclude<Step, { do: 'receive' | 'count' | 'route' | 'wait' | 'short' | 'overdue' | 'book' | 'group' }>,
    { id, line }: Known,
  ) {
    if (one.do === 'instead') {
      const quantity = one.units === 0 ? {} : { quantity: one.units }
      return void (await call('order_substitute_1', { orderId: id, lineId: line, sku: one.sku, ...quantity }))
    }
    if (one.do === 'exchange' || one.do === 'swapped') return void (await exchangeIn(sql, one, { id, line }))
    if (one.do === 'forget') return void (await call('orders_forget_1', { orderIds: [id] }))
    if (one.do === 'move') return void (await call('stock_move_promise_2', { basket: `order:${id}`, sku: one.sku, to: one.place }))
    if (one.do === 'late')
      return void (await sql`update fulfilment_groups set ready_by = clock_timestamp() - interval '2 days' where order_id = ${id} and ready_by is not null`)
    if (one.do === 'choose') {
      const [store] = await sql<{ id: number }[]>`select id from locations where code = ${one.place}`
      return void (await call('pick_up_choose_1', {
        orderId: id,
        choice: one.choice,
        asked: one.asked,
        ready: one.ready,
        locationId: store?.id ?? 0,
      }))
    }
    if (one.do === 'back') {
      const [announced] = await sql<{ id: number; units: number }[]>`
        select r.id, sum(l.announced)::int as units from returns r join return_lines l on l.return_id = r.id
        where r.order_id = ${id} and r.state = 'announced' group by 1 order by 1 limit 1`
      if (one.how === 'announce')
        return void (await call('order_return_announce_1', {
          orderId: id,
          location: one.place,
          lines: [{ lineId: line, quantity: one.units }],
        }))
      if (one.how !== 'unasked' && announced === undefined) return
      if (one.how === 'refuse')
        return void (await call('order_return_cancel_1', { orderId: id, returnId: announced?.id ?? 0, reason: 'kept' }))
      const came = { lineId: line, toStock: one.units - 1, unavailable: 1, scrapped: 0 }
      const returnId = one.how === 'receive' ? { returnId: announced?.id ?? 0 } : {}
      return void (await call('order_return_receive_1', { orderId: id, ...returnId, location: one.place, lines: [came] }))
    }
    const lines =
      one.units === 0 || one.fn.includes('hold') || one.fn.includes('let_go') ? {} : { lines: [{ lineId: line, quantity: one.units }] }
    await call(one.fn, { orderId: id, hold: 'manual', ...lines })
  }
}
