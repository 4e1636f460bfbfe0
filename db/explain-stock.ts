import type { Sql } from './connect.ts'

/**
 * The instant that is asked about. `bound`: what was recorded up to it counts (`infinity` for now). `clock`: what the clock said then, by which holds and lots
 * are over. Both are ISO text.
 */
export type Moment = { readonly bound: string; readonly clock: string }

/** A location as it was. */
export type PlaceThen = {
  readonly locationId: number
  readonly location: string
  readonly name: string
  readonly kind: 'warehouse' | 'store' | 'distributor' | 'platform'
  /** A closed location serves nobody. */
  readonly active: boolean
}

/** All locations that there were at a moment. */
export function placesThen(sql: Sql, moment: Moment): Promise<PlaceThen[]> {
  const bound = sql`${moment.bound}::text::timestamptz`
  return sql<PlaceThen[]>`
    select p.id as "locationId", p.code as location, p.name, p.kind, coalesce(not (select (a.detail->>'active')::boolean from audit a
      where a.subject = p.code and a.act = 'location_switched' and a.at > ${bound} order by a.id limit 1), p.active) as active
    from locations p where p.created_at <= ${bound} order by p.id`
}

/** The buckets of a variant at a location as they were. */
export type BalanceThen = {
  readonly variantId: number
  readonly locationId: number
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly incoming: number
  readonly safetyStock: number
  /** Units of lots whose time was over and that nobody had put aside yet. */
  readonly expiredLots: number
}

/** Balances as they were at a moment: those of today less what was recorded after it, so that carry-forwards of detached months are not needed. */
export function balancesThen(sql: Sql, variantIds: readonly number[], moment: Moment): Promise<BalanceThen[]> {
  const bound = sql`${moment.bound}::text::timestamptz`
  const isNow = moment.bound === 'infinity'
  return sql<BalanceThen[]>`
    select b.variant_id as "variantId", b.location_id as "locationId",
      (b.on_hand - l.on_hand)::int as "onHand", (b.reserved - l.reserved)::int as reserved, (b.unavailable - l.unavailable)::int as unavailable,
      (b.incoming - l.incoming)::int as incoming,
      ${
        isNow
          ? sql`b.safety_stock`
          : sql`coalesce((select s.quantity from safety_stocks s where s.variant_id = b.variant_id and s.location_id = b.location_id
        and s.valid_from <= ${bound} order by s.valid_from desc limit 1), 0)`
      } as "safetyStock",
      (select coalesce(sum(greatest(0, t.quantity - t.unavailable - c.usable)), 0)::int from lots t
        cross join lateral (select coalesce(sum(m.on_hand - m.unavailable), 0) as usable from movements m
          where m.variant_id = t.variant_id and m.location_id = t.location_id and m.recorded_at > ${bound} and m.lot_id = t.id) c
        where t.variant_id = b.variant_id and t.location_id = b.location_id and t.expires_at <= ${moment.clock}::text::timestamptz
          ${isNow ? sql`and not t.expired` : sql``}) as "expiredLots"
    from balances b
    cross join lateral (select coalesce(sum(m.on_hand), 0) as on_hand, coalesce(sum(m.reserved), 0) as reserved,
        coalesce(sum(m.unavailable), 0) as unavailable, coalesce(sum(m.incoming), 0) as incoming
      from movements m where m.variant_id = b.variant_id and m.location_id = b.location_id and m.recorded_at > ${bound}) l
    where b.variant_id = any(${variantIds as number[]}::bigint[]) order by b.location_id, b.variant_id`
}

/** A promise that was open. */
export type ReservationThen = {
  readonly id: number
  readonly variantId: number
  readonly sku: string
  readonly location: string
  readonly quantity: number
  /** Null: a hold. */
  readonly orderId: number | null
  readonly orderNumber: string | null
  readonly channel: string | null
  readonly basket: string
  readonly since: Date
  readonly until: Date | null
  /** The bundle that it is a part of. */
  readonly bundle: string | null
  /** Its time was over: it counts as released, though nobody had swept it away yet. */
  readonly isOver: boolean
}

/** Every promise on these variants that was open at a moment, the oldest first. */
export function reservationsThen(sql: Sql, variantIds: readonly number[], moment: Moment): Promise<ReservationThen[]> {
  const bound = sql`${moment.bound}::text::timestamptz`
  return sql<ReservationThen[]>`
    with later as (
      select m.reservation_id, sum(m.reserved)::int as units from balances b
      cross join lateral (select reservation_id, reserved from movements m
        where m.variant_id = b.variant_id and m.location_id = b.location_id and m.recorded_at > ${bound} and m.reservation_id is not null) m
      where b.variant_id = any(${variantIds as number[]}::bigint[]) group by 1
    ), held as (
      select r.id, r.quantity - coalesce(l.units, 0) as units from reservations r left join later l on l.reservation_id = r.id
      where r.variant_id = any(${variantIds as number[]}::bigint[]) and r.state = 'open'
      union all
      select r.id, -l.units from later l join reservations r on r.id = l.reservation_id where r.state <> 'open'
    )
    select r.id, r.variant_id as "variantId", v.sku, p.code as location, h.units as quantity, o.id as "orderId", o.number as "orderNumber", c.code as channel,
      r.basket, r.created_at as since, r.expires_at as until, g.sku as bundle, coalesce(r.expires_at <= ${moment.clock}::text::timestamptz, false) as "isOver"
    from held h join reservations r on r.id = h.id join variants v on v.id = r.variant_id join locations p on p.id = r.location_id
    left join variants g on g.id = r.bundle_id left join order_lines x on x.id = r.order_line_id left join orders o on o.id = x.order_id
    left join channels c on c.id = coalesce(r.channel_id, o.channel_id)
    where h.units > 0 order by r.id`
}

/** What one bundle takes of a part. */
export type PartThen = { readonly variantId: number; readonly sku: string; readonly perUnit: number }

/** A bundle's explosion down to what lies on shelves, as it was; empty for what was no bundle. */
export function partsThen(sql: Sql, variantId: number, moment: Moment): Promise<PartThen[]> {
  const valid = sql`b.valid_from <= ${moment.bound}::text::timestamptz and (b.valid_to is null or b.valid_to > ${moment.bound}::text::timestamptz)`
  return sql<PartThen[]>`
    with recursive down as (
      select b.part_id, b.quantity::bigint as units from bundle_parts b where b.bundle_id = ${variantId} and ${valid}
      union all
      select b.part_id, d.units * b.quantity from down d join bundle_parts b on b.bundle_id = d.part_id and ${valid}
    )
    select v.id as "variantId", v.sku, sum(d.units)::bigint as "perUnit" from down d join variants v on v.id = d.part_id
    where not exists (select from bundle_parts b where b.bundle_id = d.part_id and ${valid}) group by 1, 2 order by 1`
}
