import fc from 'fast-check'
import type { JsonValue, Sql } from '../../db/connect.ts'

const DAY_MS = 86_400_000
const order = fc.constantFrom('A', 'B', 'C')
const doing = <const D extends string, T>(name: D, more: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(more).map(rest => ({ do: name, ...rest }))

/** Goods of an order are exchanged, or those of what went out for them; what went out is shipped, cancelled or let go; time goes by until which goods were to be back. */
export const exchangeStep = fc.oneof(
  doing('exchange', {
    order,
    how: fc.constantFrom('announced', 'received', 'waits'),
    handOver: fc.constantFrom('ship', 'collect', 'counter'),
    again: fc.boolean(),
    ...{
      sku: fc.constantFrom('CUP', 'PLATE', 'SET'),
      units: fc.integer({ min: 1, max: 2 }),
      place: fc.constantFrom('main', 'shop', 'corner'),
    },
  }),
  doing('swapped', { order, fn: fc.constantFrom('order_ship_1', 'order_cancel_1', 'order_let_go_1'), units: fc.nat(2) }),
  doing('overdue', { days: fc.constantFrom(1, 30) }),
)
type Step = typeof exchangeStep extends fc.Arbitrary<infer One> ? One : never
type Known = { readonly id: number; readonly line: number }

/** Plays such a step on an order. */
export async function exchangeIn(sql: Sql, one: Exclude<Step, { do: 'overdue' }>, known: Known): Promise<void> {
  const call = (fn: string, cmd: Readonly<Record<string, JsonValue>>) => sql`select ${sql(fn)}(${sql.json({ actor: 'test', ...cmd })})`
  const [out] = await sql<Known[]>`
    select o.id, (select min(id) from order_lines where order_id = o.id) as line from orders o where o.exchange_of = ${known.id} order by o.id desc limit 1`
  if (one.do === 'swapped') {
    const lines = one.units === 0 || out === undefined ? {} : { lines: [{ lineId: out.line, quantity: one.units }] }
    if (out !== undefined) await call(one.fn, { orderId: out.id, ...lines })
    return
  }
  const { id: orderId, line: lineId } = (one.again ? out : undefined) ?? known
  const received = one.how === 'received'
  const back = received ? { lineId, toStock: one.units - 1, unavailable: 1, scrapped: 0 } : { lineId, quantity: one.units }
  await call('order_exchange_1', {
    ...{ orderId, received, lines: [back], location: one.place },
    replacement: {
      ...{ lines: [{ sku: one.sku, quantity: one.units }], handOver: one.handOver },
      ...(one.handOver === 'ship' ? {} : { location: one.place }),
    },
    waits: one.how === 'waits' && one.handOver !== 'counter',
    ...(received ? {} : { returnBy: new Date(Date.now() + 7 * DAY_MS).toISOString() }),
  })
}
