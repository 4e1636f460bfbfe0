import type { Sql } from './connect.ts'

/** Something that may have changed what a channel shows of a SKU's stock: what, who, when. `at`: ISO text. */
export type PushCause = {
  readonly what: 'movement' | 'policy' | 'pool' | 'safety' | 'terms' | 'buffer'
  readonly at: string
  readonly actor: string
  /** Of a movement: kind, sku, location, onHand, reserved, unavailable, order, reason. Of the others what was set. */
  readonly detail: Readonly<Record<string, unknown>>
}

/** The period after `from` (null: all time) until `to`; ISO text, `infinity` for now. */
export type CausePeriod = { readonly from: string | null; readonly to: string }

/**
 * What happened to the stock of these variants (a SKU and its parts) in the locations that serve a channel, and to the channel's rules, the newest first. `channelId`:
 * the one that publishes the stock.
 */
export function stockCauses(
  sql: Sql,
  channelId: number,
  variantIds: readonly number[],
  period: CausePeriod,
  most: number,
): Promise<PushCause[]> {
  const ids = variantIds as number[]
  const [from, to] = [sql`${period.from ?? '-infinity'}::text::timestamptz`, sql`${period.to}::text::timestamptz`]
  const within = (column: string) => sql`${sql.unsafe(column)} > ${from} and ${sql.unsafe(column)} <= ${to}`
  return sql<PushCause[]>`
    select what, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, actor, jsonb_strip_nulls(detail) as detail from (
      (select 'movement' as what, m.recorded_at as at, m.actor, jsonb_build_object('kind', m.kind, 'sku', v.sku, 'location', o.code, 'onHand', nullif(m.on_hand, 0), 'reserved', nullif(m.reserved, 0),
          'unavailable', nullif(m.unavailable, 0), 'order', r.number, 'reason', coalesce(m.reason_code, m.reason)) as detail
        from channel_locations w join balances b on b.location_id = w.location_id and b.variant_id = any(${ids}::bigint[]) join variants v on v.id = b.variant_id
        join locations o on o.id = b.location_id
        cross join lateral (select * from movements m where m.variant_id = b.variant_id and m.location_id = b.location_id and ${within('m.recorded_at')}
          and (m.on_hand, m.reserved, m.unavailable) <> (0, 0, 0) order by m.recorded_at desc, m.id desc limit ${most}) m
        left join order_lines x on x.id = m.order_line_id left join orders r on r.id = x.order_id
        where w.channel_id = ${channelId} and w.valid_from <= ${to} and (w.valid_to is null or w.valid_to > ${to})
        order by m.recorded_at desc, m.id desc limit ${most})
      union all
      (select 'policy', valid_from, actor, jsonb_build_object('buffer', buffer, 'bufferPercent', nullif(trim_scale(buffer_percent), 0)::text, 'cap', cap, 'stopSellingAt', stop_selling_at,
          'sellAhead', sell_ahead, 'risk', risk_margin is not null)
        from channel_policies where channel_id = ${channelId} and ${within('valid_from')} order by valid_from desc limit ${most})
      union all
      (select 'pool', max(w.valid_from), min(w.actor), jsonb_build_object('locations', jsonb_agg(o.code order by w.position))
        from channel_locations w join locations o on o.id = w.location_id where w.channel_id = ${channelId} and ${within('w.valid_from')} group by date_trunc('second', w.valid_from) limit ${most})
      union all
      (select 'safety', s.valid_from, s.actor, jsonb_build_object('location', o.code, 'quantity', s.quantity)
        from safety_stocks s join locations o on o.id = s.location_id where s.variant_id = any(${ids}::bigint[]) and ${within('s.valid_from')} order by s.valid_from desc limit ${most})
      union all
      (select 'terms', valid_from, actor, jsonb_build_object('kind', kind, 'limit', quantity_limit)
        from selling_terms where variant_id = any(${ids}::bigint[]) and ${within('valid_from')} order by valid_from desc limit ${most})
      union all
      (select 'buffer', valid_from, 'system', jsonb_build_object('units', units)
        from risk_buffers where channel_id = ${channelId} and variant_id = any(${ids}::bigint[]) and ${within('valid_from')} order by valid_from desc limit ${most})
    ) x order by x.at desc, what limit ${most}`
}
