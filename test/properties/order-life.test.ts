import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { JsonValue } from '../../db/connect.ts'
import { leads, ORDER_STATES, type OrderState } from '../../src/domain/orders/life.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { book, change, layIn, quietChannel } from '../support/goods.ts'
import { isLong, repetitions } from '../support/repetitions.ts'

const { sql } = await freshDatabase({ max: 2 })
await layIn(sql, { CUP: { main: 0, shop: 0 }, PLATE: { main: 0, shop: 0 } })
const channel = await quietChannel(sql, 'web', ['main', 'shop'])
await sql`insert into hold_rules (rule, actor) values ('short', 'test')`

const sku = fc.constantFrom('CUP', 'PLATE')
const place = fc.constantFrom('main', 'shop')
const order = fc.constantFrom('A', 'B', 'C')
const few = fc.nat(4)
const seldom = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: few })
const line = fc.record({ ordered: fc.integer({ min: 1, max: 4 }), cancelled: seldom, shipped: seldom, returned: seldom })
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('book' as const),
      order,
      effect: fc.oneof(
        { weight: 9, arbitrary: fc.constant('reserve') },
        { weight: 1, arbitrary: fc.constantFrom('settle', 'cancel', 'ignore', 'foreign') },
      ),
      cup: line,
      plate: fc.option(line),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('receive' as const), sku, place, units: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('count' as const), sku, place, units: few }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('act' as const),
      order,
      fn: fc.constantFrom('order_ship_1', 'order_cancel_1', 'order_hold_1', 'order_let_go_1'),
      units: few,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('back' as const), order, units: fc.integer({ min: 1, max: 2 }), place }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), order, sku, place }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('route' as const), order, state: fc.constantFrom('waiting', 'picking') }) },
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

const call = (fn: string, cmd: Readonly<Record<string, JsonValue>>) =>
  sql`select ${sql(fn)}(${sql.json({ actor: 'test', ...cmd })}) as answer`

async function idOf(external: string): Promise<{ id: number; line: number } | undefined> {
  const [row] = await sql<{ id: number; line: number }[]>`
    select o.id, (select min(id) from order_lines where order_id = o.id) as line from orders o where external_id = ${external}`
  return row
}

/** All that no group has of an order goes into groups, one for each place. */
async function route(id: number, state: string): Promise<void> {
  const rows = await sql`
    with open as (
      select l.id as line, p.location_id, sum(p.units)::int - coalesce((select sum(f.assigned - f.done - f.released) from fulfilment_lines f
        join fulfilment_groups g on g.id = f.group_id where f.order_line_id = l.id and g.location_id = p.location_id), 0)::int as units
      from order_lines l cross join lateral order_line_promises(l.id) p where l.order_id = ${id} group by 1, 2
    ), made as (
      insert into fulfilment_groups (order_id, location_id, method, state, actor)
      select distinct ${id}::bigint, location_id, 'ship', ${state}, 'test' from open where units > 0 and (select state from orders where id = ${id}) <> 'held'
        and not exists (select from fulfilment_groups g where g.order_id = ${id} and g.location_id = open.location_id and g.state in ('waiting', 'picking', 'ready'))
      returning id, location_id
    )
    insert into fulfilment_lines (group_id, order_line_id, assigned) select made.id, line, units from made join open using (location_id) where units > 0 returning 1`
  if (rows.length > 0) await sql`select order_turn(${id}, ${state === 'waiting' ? 'route' : 'pick'}, null, null, '{"actor": "test"}')`
}

async function take(one: Step, at: number): Promise<void> {
  if (one.do === 'receive') return void (await change(sql, [{ kind: 'receive', sku: one.sku, location: one.place, quantity: one.units }]))
  if (one.do === 'count') return void (await change(sql, [{ kind: 'count', sku: one.sku, location: one.place, quantity: one.units }]))
  if (one.do === 'book') {
    const told = (name: string, { ordered, ...numbers }: { ordered: number; cancelled: number; shipped: number; returned: number }) => {
      const cancelled = Math.min(numbers.cancelled, ordered)
      const shipped = Math.min(numbers.shipped, ordered - cancelled)
      return { sku: name, ordered, cancelled, shipped, returned: Math.min(numbers.returned, shipped) }
    }
    const lines = [told('CUP', one.cup), ...(one.plate === null ? [] : [told('PLATE', one.plate)])]
    await book(sql, channel, 'web', [
      { id: one.order, effect: one.effect, stamp: new Date(Date.UTC(2026, 0, 1) + at * 1000).toISOString(), lines },
    ])
    return
  }
  const known = await idOf(one.order)
  if (known === undefined) return
  if (one.do === 'route') await route(known.id, one.state)
  else if (one.do === 'move') await call('stock_move_promise_2', { basket: `order:${known.id}`, sku: one.sku, to: one.place })
  else if (one.do === 'back')
    await call('order_return_receive_1', {
      orderId: known.id,
      location: one.place,
      lines: [{ lineId: known.line, toStock: one.units, unavailable: 0, scrapped: 0 }],
    })
  else
    await call(one.fn, {
      orderId: known.id,
      hold: 'manual',
      ...(one.units === 0 || one.fn.includes('hold') ? {} : { lines: [{ lineId: known.line, quantity: one.units }] }),
    })
}

const seen = new Set<string>()

test('no history leaves the table of transitions, each change of state has its event, and the state is what the facts say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60, size: 'max' }), async steps => {
      await emptyBooks(sql)
      for (const one of ['CUP', 'PLATE']) await change(sql, [{ kind: 'receive', sku: one, location: 'main', quantity: 8 }])
      for (const [at, one] of steps.entries()) await take(one, at)
      const events = await sql<{ order: number; transition: string; from: OrderState | null; to: OrderState; now: OrderState }[]>`
        select e.order_id as order, e.transition, e.from_state as from, e.to_state as to, o.state as now from order_events e join orders o on o.id = e.order_id
        where e.group_id is null order by e.order_id, e.id`
      for (const [at, { transition, from, to }] of events.entries()) {
        const before = events[at - 1]?.order === events[at]?.order ? (events[at - 1]?.to ?? null) : null
        expect({ transition, from }).toEqual({ transition, from: before })
        expect({ transition, from, to, leads: leads(transition, from, to) }).toEqual({ transition, from, to, leads: true })
        seen.add(transition).add(to)
      }
      for (const [at, { order: id, to, now }] of events.entries()) if (events[at + 1]?.order !== id) expect(now).toBe(to)
      expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
    }),
    { numRuns: repetitions('histories of lives of orders', 10, 2_000) },
  )
  // In a few histories not everything comes about.
  if (!isLong) return
  expect(
    [...ORDER_STATES, 'book', 'restate', 'ship', 'cancel', 'hold', 'let_go', 'lose', 'return', 'route', 'pick'].filter(
      one => !seen.has(one),
    ),
  ).toEqual([])
}, 120_000)
