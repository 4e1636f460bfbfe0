import type { Sql } from './connect.ts'

/** What an open page looks at, by its own name. */
export type Watched = {
  readonly skus: readonly string[]
  readonly orders: readonly number[]
  readonly channels: readonly string[]
  /** The list of alerts: each look refreshes those that are open. */
  readonly alerts: boolean
}

/**
 * A mark for each thing that pages look at; it differs as soon as anything that those pages show differs. It is made of the rows'
 * transaction ids, so it costs no reading of values. A thing that nobody knows has no mark.
 */
export async function marks(sql: Sql, watched: Watched): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ topic: string; mark: string }[]>`
    select 'sku:' || v.sku as topic, concat_ws(';', v.xmin,
      (select string_agg(b.xmin::text, ',' order by b.location_id) from balances b where b.variant_id = v.id),
      (select string_agg(p.xmin::text, ',' order by p.listing_id, p.field) from publications p where p.variant_id = v.id),
      (select string_agg(x.xmin::text, ',' order by x.id) from prices x where x.variant_id = v.id and x.superseded_at is null),
      (select string_agg(concat(c.xmin, a.state), ',' order by p.listing_id, p.field) from publications p join channels c on c.id = p.channel_id
        join accounts a on a.id = c.account_id where p.variant_id = v.id),
      (select sum(l.short) from order_lines l where l.variant_id = v.id and l.short > 0)) as mark
    from variants v where v.sku = any(${[...watched.skus]}::text[])
    union all
    select 'order:' || o.id, concat_ws(';', o.xmin,
      (select string_agg(l.xmin::text, ',' order by l.id) from order_lines l where l.order_id = o.id),
      (select string_agg(a.xmin::text, ',' order by a.id) from acts a where a.order_id = o.id))
    from orders o where o.id = any(${[...watched.orders]}::bigint[])
    union all
    select 'channel:' || c.code, concat_ws(';', c.xmin, a.state, a.state_reason, a.observed_at,
      (select concat(count(*), ',', sum(p.xmin::text::bigint)) from publications p where p.channel_id = c.id),
      (select concat(count(*), ',', sum(l.xmin::text::bigint)) from listings l where l.channel_id = c.id),
      (select concat(count(*), ',', max(i.id)) from inbox i where i.account_id = a.id and i.state = 'refused'),
      (select concat(count(*), ',', sum(d.xmin::text::bigint)) from drifts d where d.channel_id = c.id and d.ended_at is null),
      (select k.xmin::text from drift_checks k where k.account_id = a.id order by k.id desc limit 1),
      (select max(y.id) from channel_policies y where y.channel_id = c.id),
      (select concat(count(*), ',', max(y.id)) from channel_locations y where y.channel_id = c.id and y.valid_to is null))
    from channels c join accounts a on a.id = c.account_id where c.code = any(${[...watched.channels]}::text[])
    union all
    select 'alerts:all', concat_ws(';', count(*), (select max(id) from alerts), string_agg(x.xmin::text, ',' order by x.id))
    from alerts x where x.ended_at is null and ${watched.alerts} having ${watched.alerts}`
  return new Map(rows.map(row => [row.topic, row.mark]))
}
