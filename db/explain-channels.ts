import type { Sql } from './connect.ts'
import type { Moment } from './explain-stock.ts'

/** How a channel was set up: its policy, the locations that served it in order of preference, what could be sold ahead. */
export type ChannelThen = {
  readonly channelId: number
  readonly channel: string
  /** The channel whose stock publication serves this one too. */
  readonly stockLead: string | null
  readonly buffer: number
  /** Percent of what is available, decimal text. */
  readonly bufferPercent: string
  /** Where the buffer was by risk: why it is what it is. Null: it was not, or nothing was known to be at risk. */
  readonly risk: RiskThen | null
  readonly cap: number | null
  readonly stopSellingAt: number
  readonly sellAhead: boolean
  /** Since when the policy was in force and who set it; null before there was one. */
  readonly policySince: Date | null
  readonly policyActor: string | null
  readonly pool: readonly { readonly locationId: number; readonly location: string; readonly position: number }[]
}

/** The probability that more than the buffer is sold unseen in one lag (seconds), the units expected to be, and the probability that is accepted. */
export type RiskThen = { readonly tail: number; readonly mean: number; readonly lagS: number; readonly accepted: number }

/** Channels as they were at a moment; `code` null means all. The pool's closed locations are among them; a buffer by risk is that of the variant. */
export function channelsThen(sql: Sql, code: string | null, moment: Moment, variantId: number | null = null): Promise<ChannelThen[]> {
  const bound = sql`${moment.bound}::text::timestamptz`
  return sql<ChannelThen[]>`
    select c.id as "channelId", c.code as channel, lead.code as "stockLead", coalesce(k.units, y.buffer, 0) as buffer, coalesce(trim_scale(y.buffer_percent)::text, '0') as "bufferPercent",
      case when k.units is not null then jsonb_build_object('tail', k.tail, 'mean', k.mean, 'lagS', k.lag_s, 'accepted', y.risk_margin / (y.risk_margin + y.risk_cancellation)) end as risk,
      y.cap, coalesce(y.stop_selling_at, 0) as "stopSellingAt", coalesce(y.sell_ahead, false) as "sellAhead", y.valid_from as "policySince", y.actor as "policyActor",
      coalesce((select jsonb_agg(jsonb_build_object('locationId', p.id, 'location', p.code, 'position', w.position) order by w.position, p.id)
        from channel_locations w join locations p on p.id = w.location_id
        where w.channel_id = c.id and w.valid_from <= ${bound} and (w.valid_to is null or w.valid_to > ${bound})), '[]') as pool
    from channels c left join channels lead on lead.id = c.stock_lead_id
    left join lateral (select * from channel_policies y where y.channel_id = c.id and y.valid_from <= ${bound} order by y.valid_from desc limit 1) y on true
    left join lateral (select * from risk_buffers k where y.risk_margin is not null and k.channel_id = c.id and k.variant_id = ${variantId}
      and k.valid_from <= ${bound} and (k.valid_to is null or k.valid_to > ${bound}) order by k.valid_from desc limit 1) k on true
    where (${code}::text is null or c.code = ${code}) and c.created_at <= ${bound} order by c.id`
}

/** When a channel, or (null) the first one, was set up; null where there is none. */
export async function channelSetUp(sql: Sql, code: string | null): Promise<{ readonly channel: string; readonly at: Date } | null> {
  const [row] = await sql<{ channel: string; at: Date }[]>`
    select code as channel, created_at as at from channels where ${code}::text is null or code = ${code} order by created_at, id limit 1`
  return row ?? null
}

export type TermsThen = { readonly kind: 'backorder' | 'preorder'; readonly limit: number; readonly availableFrom: Date | null }

/** What could be sold of a variant before it was there; null where nothing could. */
export async function termsThen(sql: Sql, variantId: number, moment: Moment): Promise<TermsThen | null> {
  const bound = sql`${moment.bound}::text::timestamptz`
  const [row] = await sql<TermsThen[]>`
    select kind, quantity_limit as "limit", available_from as "availableFrom" from selling_terms
    where variant_id = ${variantId} and valid_from <= ${bound} and (valid_to is null or valid_to > ${bound}) order by valid_from desc limit 1`
  return row ?? null
}

/**
 * Units of a variant that orders were short of. Of the past: those of today, less what happened to the lines since. What was short then and was cancelled since
 * left no movement and is not in it.
 */
export async function shortThen(sql: Sql, variantId: number, partIds: readonly number[], moment: Moment): Promise<number> {
  if (moment.bound === 'infinity') {
    const [now] = await sql<
      { units: number }[]
    >`select coalesce(sum(short), 0)::int as units from order_lines where variant_id = ${variantId} and short > 0`
    return now?.units ?? 0
  }
  const bound = sql`${moment.bound}::text::timestamptz`
  const [row] = await sql<{ units: number }[]>`
    with touched as (
      select id, short from order_lines where variant_id = ${variantId} and short > 0
      union
      select l.id, l.short from balances b cross join lateral (select distinct order_line_id from movements m
        where m.variant_id = b.variant_id and m.location_id = b.location_id and m.recorded_at > ${bound} and m.order_line_id is not null) m
      join order_lines l on l.id = m.order_line_id and l.variant_id = ${variantId}
      where b.variant_id = any(${[variantId, ...partIds]}::bigint[])
    ), line as (
      select t.id, t.short from touched t join order_lines l on l.id = t.id join orders o on o.id = l.order_id where o.booked_at <= ${bound}
    ), item as (
      select l.id, m.tx, coalesce(-r.pack, r.id) as item, max(case m.kind when 'reserve' then m.reserved / r.per_unit else 0 end) as made,
        max(case m.kind when 'lost' then -m.reserved / r.per_unit else 0 end) as lost, max(case m.kind when 'release' then -m.reserved / r.per_unit else 0 end) as freed
      from line l join movements m on m.order_line_id = l.id and m.recorded_at > ${bound} join reservations r on r.id = m.reservation_id group by 1, 2, 3
    ), turn as (
      -- A release beside a promise is a move; one by itself is a cancellation. The other parts of a bundle that lost one are free again.
      select id, case when sum(made) > 0 then sum(made) - sum(lost) - sum(case when lost > 0 then 0 else freed end) else -sum(lost) end as filled from item group by id, tx
    )
    select coalesce((select sum(short) from line), 0)::int + coalesce((select sum(filled) from turn), 0)::int as units`
  return Math.max(0, row?.units ?? 0)
}
