import fc from 'fast-check'
import type { Sql } from '../../db/connect.ts'
import type { Buckets } from '../../src/domain/inventory/availability.ts'
import { layIn, quietChannel } from '../support/goods.ts'

/** The instant at which everything is judged. */
export const NOW = new Date('2026-06-01T12:00:00Z')
const HOUR_MS = 3_600_000
export const hours = (n: number): Date => new Date(NOW.getTime() + n * HOUR_MS)

export const PLACES = ['a', 'b', 'c'] as const
export const SKUS = ['MUG', 'LID', 'BOX'] as const
/** The bundle BOX, and what one takes. */
export const PARTS = { MUG: 2, LID: 3 } as const
export const POOLS = { one: ['a', 'b'], two: ['b', 'c'] } as const

type Place = (typeof PLACES)[number]
export type Sku = (typeof SKUS)[number]

/** What one SKU has at one location. `over`: promised by a hold, `lot`: in a lot; each with the hour from now at which its time is over. */
type Cell = Buckets & {
  readonly over: { readonly units: number; readonly at: number }
  readonly lot: { readonly units: number; readonly at: number }
}

/** What there is of every SKU everywhere, and the units of each that orders are short of. */
export type Scene = { readonly cells: Readonly<Record<Sku, Readonly<Record<Place, Cell>>>>; readonly short: Readonly<Record<Sku, number>> }

const timed = fc.record({ units: fc.nat(6), at: fc.integer({ min: -3, max: 3 }) })
const cell = fc
  .record({ onHand: fc.nat(30), reserved: fc.nat(30), unavailable: fc.nat(10), safetyStock: fc.nat(8), over: timed, lot: timed })
  .filter(one => one.reserved + one.unavailable <= one.onHand && one.over.units <= one.reserved)
const cells = fc.record({ a: cell, b: cell, c: cell })
export const scene: fc.Arbitrary<Scene> = fc.record({
  cells: fc.record({ MUG: cells, LID: cells, BOX: cells }),
  short: fc.record({ MUG: fc.nat(6), LID: fc.nat(6), BOX: fc.nat(3) }),
})

/** A balance as the rules see it: without the holds that are over now, and without the lots whose time is over at `lotsAt`. */
export function bucketsOf({ over, lot, ...buckets }: Cell, lotsAt: Date = NOW): Buckets {
  return {
    ...buckets,
    reserved: buckets.reserved - (over.at <= 0 ? over.units : 0),
    unavailable: buckets.unavailable + (hours(lot.at) <= lotsAt ? lot.units : 0),
  }
}

export type Ids = { readonly sku: Readonly<Record<Sku, number>>; readonly channel: Readonly<Record<keyof typeof POOLS, number>> }

/** Makes the SKUs, the bundle and the channels once. */
export async function layInScene(sql: Sql): Promise<Ids> {
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { a: 1, b: 1, c: 1 }])))
  const made = [await quietChannel(sql, 'one', POOLS.one), await quietChannel(sql, 'two', POOLS.two)]
  await sql`
    insert into bundle_flat (bundle_id, part_id, quantity) select b.id, p.id, x.n from variants b, variants p
    join unnest(${Object.keys(PARTS)}::text[], ${Object.values(PARTS)}::int[]) x(sku, n) on x.sku = p.sku where b.sku = 'BOX'`
  const rows = await sql<{ id: number; sku: Sku }[]>`select id, sku from variants`
  const idOf = (sku: Sku): number => rows.find(row => row.sku === sku)?.id ?? 0
  await sql`
    insert into orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, placed_at)
    values (${made[0]?.channelId ?? 0}, 'o', 'o', 'accepted', 'open', ${NOW}, '', 'EUR', ${NOW})`
  return {
    sku: { MUG: idOf('MUG'), LID: idOf('LID'), BOX: idOf('BOX') },
    channel: { one: made[0]?.channelId ?? 0, two: made[1]?.channelId ?? 0 },
  }
}

/** Brings the tables to a scene. A short line of the bundle is short of its parts too. */
export async function setScene(sql: Sql, ids: Ids, { cells, short }: Scene): Promise<void> {
  const all = SKUS.flatMap(sku => PLACES.map(place => ({ sku, place, id: ids.sku[sku], ...cells[sku][place] })))
  await sql`truncate reservations, lots cascade`
  await sql`
    update balances b set on_hand = x."onHand", reserved = x.reserved, unavailable = x.unavailable, safety_stock = x."safetyStock"
    from jsonb_to_recordset(${sql.json(all)}) x(id bigint, place text, "onHand" int, reserved int, unavailable int, "safetyStock" int)
    join locations p on p.code = x.place where b.variant_id = x.id and b.location_id = p.id`
  const over = all.filter(one => one.over.units > 0).map(one => ({ ...one, units: one.over.units, at: hours(one.over.at).toISOString() }))
  await sql`
    insert into reservations (basket, variant_id, location_id, quantity, asked, expires_at, actor)
    select 'hold:test', x.id, p.id, x.units, x.units, x.at, 'test'
    from jsonb_to_recordset(${sql.json(over)}) x(id bigint, place text, units int, at timestamptz) join locations p on p.code = x.place`
  const lots = all.map(one => ({ ...one, units: one.lot.units, at: hours(one.lot.at).toISOString() }))
  await sql`
    insert into lots (variant_id, location_id, code, expires_at, quantity) select x.id, p.id, 'L', x.at, x.units
    from jsonb_to_recordset(${sql.json(lots)}) x(id bigint, place text, units int, at timestamptz) join locations p on p.code = x.place`
  await sql`truncate order_lines cascade`
  const lines = SKUS.filter(sku => short[sku] > 0).map(sku => ({ sku, id: ids.sku[sku], units: short[sku] }))
  await sql`
    insert into order_lines (order_id, external_line_id, variant_id, sku, title, ordered, short)
    select o.id, x.sku, x.id, x.sku, x.sku, x.units, x.units from orders o, jsonb_to_recordset(${sql.json(lines)}) x(sku text, id bigint, units int)`
  await sql`
    insert into order_line_parts (order_line_id, variant_id, quantity)
    select l.id, f.part_id, f.quantity from order_lines l join bundle_flat f on f.bundle_id = l.variant_id`
}
