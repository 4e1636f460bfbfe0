import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { chargeOf, NO_CHARGE } from '../../src/values/order-amounts.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { change, layIn, type OrderSketch, quietChannel, reserve, toBook } from '../support/goods.ts'
import { isLong, repetitions } from '../support/repetitions.ts'

const GOODS = ['CUP', 'JUG', 'POT']
const PLACES = ['main', 'shop']
const SHOPS = ['east', 'west', 'north'] as const
/** One place leaves no choice: its orders are routed as they are booked. */
const POOLS = { east: PLACES, west: PLACES.toReversed(), north: ['main'] }
const PROMISE = { workOn: '2026-03-02', readyBy: '2026-03-02T10:00:00Z', deliverBy: '2026-03-04T19:00:00Z' }
const charge = chargeOf({ price: 1000, discount: 10, tax: 190 }, true)
const amounts = { digits: 2, taxIncluded: true, lines: { 1: charge }, shipping: charge, fees: NO_CHARGE, discount: 0, total: 1980 }
const NOW = Date.parse('2026-03-01T12:00:00.123Z')

/** The same goods twice, sold by two channels that draw on both places in different order, and by one that has the first alone. */
async function goods(): Promise<{ sql: Sql; accounts: ReadonlyMap<string, number>; route: Readonly<Record<string, JsonValue>> }> {
  const { sql } = await freshDatabase({ max: 1 })
  await layIn(sql, Object.fromEntries(GOODS.map(sku => [sku, Object.fromEntries(PLACES.map(place => [place, 0]))])))
  const accounts = new Map<string, number>()
  for (const shop of SHOPS) accounts.set(shop, (await quietChannel(sql, shop, POOLS[shop])).accountId)
  const [north] = await sql<{ channelId: number; locationId: number }[]>`
    select c.id as "channelId", p.id as "locationId" from channels c, locations p where c.code = 'north' and p.code = 'main'`
  return { sql, accounts, route: { ...north, ...PROMISE } }
}
const [sets, lines] = [await goods(), await goods()]

const line = fc.record({
  sku: fc.oneof({ weight: 30, arbitrary: fc.constantFrom(...GOODS) }, { weight: 1, arbitrary: fc.constant('NONE') }),
  ordered: fc.integer({ min: 1, max: 3 }),
  cancelled: fc.oneof({ weight: 15, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) }),
})
const order = fc.record({
  shop: fc.constantFrom(...SHOPS),
  id: fc.oneof({ weight: 8, arbitrary: fc.nat(1_000_000) }, { weight: 1, arbitrary: fc.nat(3) }),
  effect: fc.oneof(
    { weight: 12, arbitrary: fc.constant('reserve') },
    { weight: 1, arbitrary: fc.constantFrom('ignore', 'settle', 'cancel') },
  ),
  lines: fc.array(line, { minLength: 1, maxLength: 3 }),
})
const stock = fc.record({ sku: fc.constantFrom(...GOODS), location: fc.constantFrom(...PLACES), quantity: fc.integer({ min: 1, max: 50 }) })
const hold = fc.record({ sku: fc.constantFrom(...GOODS), quantity: fc.integer({ min: 1, max: 3 }), expiresInS: fc.constantFrom(1, 600) })
const history = fc.record({
  stock: fc.array(stock, { minLength: 2, maxLength: 12 }),
  holds: fc.array(hold, { maxLength: 2 }),
  batches: fc.array(fc.array(order, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
})

/** Every row that booking writes, without what only the database knows: numbers, its clock and its transactions. */
async function books(sql: Sql): Promise<unknown> {
  return [
    await sql`select v.sku, location_id, on_hand, reserved from balances b join variants v on v.id = b.variant_id order by 1, 2`,
    await sql`select channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, total, amounts, placed_at from orders order by 1, 2`,
    await sql`select o.channel_id, o.external_id, l.external_line_id, l.sku, l.variant_id, l.title, l.unit_price, l.ordered, l.reserved, l.short, l.short_cause, l.shipped,
      l.cancelled, l.returned, l.counted from order_lines l join orders o on o.id = l.order_id order by 1, 2, 3`,
    await sql`select o.external_id, l.external_line_id, r.line_no, r.channel_id, r.variant_id, r.location_id, r.quantity, r.asked, r.state, r.expires_at, r.actor from reservations r
      left join order_lines l on l.id = r.order_line_id left join orders o on o.id = l.order_id order by o.channel_id, 1, 2, r.id`,
    await sql`select o.external_id, l.external_line_id, m.variant_id, m.location_id, m.kind, m.on_hand, m.reserved, m.actor, m.occurred_at, r.location_id as promised
      from movements m left join order_lines l on l.id = m.order_line_id left join orders o on o.id = l.order_id left join reservations r on r.id = m.reservation_id
      where m.kind <> 'receive' order by o.channel_id, 1, 2, m.id`,
    await sql`select distinct kind, variant_id, channel_id from change order by 1, 2, 3`,
    await sql`select o.channel_id, o.external_id, e.transition, e.from_state, e.to_state, e.reason, e.detail - 'groups' - 'decision' as detail, e.actor from order_events e
      join orders o on o.id = e.order_id order by 1, 2, e.id`,
    await sql`select o.external_id, g.location_id, g.method, g.state, g.ready_by, g.deliver_by, g.work_on::text, g.actor, l.external_line_id, f.assigned, f.picked, f.done, f.released
      from fulfilment_groups g join orders o on o.id = g.order_id join fulfilment_lines f on f.group_id = g.id join order_lines l on l.id = f.order_line_id
      order by 1, g.id, f.order_line_id`,
    await sql`select o.external_id, d.outcome, d.body, d.actor, array(select g.id from fulfilment_groups g where g.order_id = o.id) = d.group_ids as "isOfIts",
      exists (select from order_events e where e.order_id = o.id and (e.detail->>'decision')::bigint = d.id and e.detail->'groups' = to_jsonb(d.group_ids)) as "isTold"
      from routing_decisions d join orders o on o.id = d.order_id order by 1, d.id`,
  ]
}

type Answer = Readonly<Record<string, unknown>> | null
const ask = async (
  sql: Sql,
  name: string,
  orders: readonly ReturnType<typeof toBook>[],
  at: number,
  more: JsonValue[] = [],
): Promise<Answer[]> => {
  const [row] = await sql<{ answer: Answer[] }[]>`
    select ${sql(name)}(${sql.json(orders as unknown as JsonValue)}, ${sql.json({ actor: 'channel', now: new Date(at).toISOString(), routes: more })}) as answer`
  return row?.answer ?? []
}
const routeWaiting = ({ sql, route }: typeof sets) =>
  sql`select fulfilment_route_plain_1(${sql.json({ ...route, actor: 'routing', limit: 100 })})`
const withoutId = (answers: readonly Answer[]): unknown => answers.map(answer => ({ ...answer, orderId: undefined }))

test(
  'new orders of what is plainly there are booked as line by line, and routed where there is no choice: same answers, same rows',
  async () => {
    let plainly = 0
    let otherwise = 0
    await fc.assert(
      fc.asyncProperty(history, async ({ stock, holds, batches }) => {
        for (const { sql } of [sets, lines]) {
          await emptyBooks(sql)
          for (const [at, one] of stock.entries())
            await change(sql, [{ kind: 'receive', ...one }], { scope: 'test', key: `in-${at}`, kind: 'in', hash: 'in' })
          for (const [at, { sku, quantity, expiresInS }] of holds.entries())
            await reserve(sql, [
              { key: `h-${at}`, expiresInS, now: new Date(NOW).toISOString(), lines: [{ sku, quantity, location: null }] },
            ])
        }
        for (const [at, batch] of batches.entries()) {
          const told = (side: typeof sets): ReturnType<typeof toBook>[] =>
            batch.map(({ shop, id, ...rest }) => {
              const sketch: OrderSketch = { id: `${shop}-${id}`, stamp: new Date(NOW + at * 1000).toISOString(), ...rest }
              return { ...toBook(side.accounts.get(shop) ?? 0, shop, sketch), ...(at % 2 === 0 ? { amounts } : {}) }
            })
          const now = NOW + at * 2_000
          const plain = await ask(sets.sql, 'orders_book_plain_1', told(sets), now, [sets.route])
          const isPlain = (_: unknown, n: number): boolean => plain[n] !== null
          const isOther = (_: unknown, n: number): boolean => plain[n] === null
          expect(withoutId(plain.filter(answer => answer !== null))).toEqual(
            withoutId(await ask(lines.sql, 'orders_book_1', told(lines).filter(isPlain), now)),
          )
          await routeWaiting(lines)
          const rest = [
            await ask(sets.sql, 'orders_book_1', told(sets).filter(isOther), now),
            await ask(lines.sql, 'orders_book_1', told(lines).filter(isOther), now),
          ]
          expect(withoutId(rest[0] ?? [])).toEqual(withoutId(rest[1] ?? []))
          for (const side of [sets, lines]) await routeWaiting(side)
          plainly += plain.filter(answer => answer !== null).length
          otherwise += plain.filter(answer => answer === null).length
        }
        expect(await books(sets.sql)).toEqual(await books(lines.sql))
      }),
      { numRuns: repetitions('histories of orders, booked both ways', 20, 2_000) },
    )
    // Neither way is left out by chance.
    expect(plainly).toBeGreaterThan(otherwise / 10)
    expect(otherwise).toBeGreaterThan(plainly / 10)
  },
  isLong ? 3_600_000 : 120_000,
)
