import type { Sql } from './connect.ts'

/** Adds up what was sold in the last days, and measures the lags of all channels. Answers how many rows of demand changed. */
export async function learnDemand(sql: Sql, now: Date, days: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select demand_refresh_1(${now}, ${days}) as n`
  await sql`select channel_lags_measure_1(${now})`
  return row?.n ?? 0
}

/** What else sells of a stock that a SKU of a channel draws on. */
export type OtherDemand = {
  readonly units: number
  /** Of them in the last day. */
  readonly recent: number
  readonly days: number
  /** How late we learn of its orders, seconds; null: not measured. */
  readonly intakeS: number | null
}

/** A SKU in a channel whose buffer is by risk, with what else sells of the stock it draws on. */
export type AtRisk = {
  readonly channelId: number
  readonly variantId: number
  readonly margin: number
  readonly cancellation: number
  readonly publishS: number | null
  /** The buffer in force; null where there was none. */
  readonly current: number | null
  readonly draws: readonly { readonly perUnit: number; readonly others: readonly OtherDemand[] }[]
}

/** Everything that may need a buffer by risk or has one, in batches. Channels that another one's stock is published with have none of their own. */
export async function* atRisk(sql: Sql, now: Date, days: number, batch = 1_000): AsyncGenerator<AtRisk[]> {
  const query = sql<AtRisk[]>`
    with ruled as (
      select c.id, y.risk_margin::float8 as margin, y.risk_cancellation::float8 as cancellation, k.publish_s,
        array(select location_id from channel_locations w where w.channel_id = c.id and w.valid_to is null) as pool
      from channels c join channel_policies y on y.channel_id = c.id and y.valid_to is null and y.risk_margin is not null
      left join channel_lags k on k.channel_id = c.id where c.stock_lead_id is null
    ), shares as (
      -- Whose pool has a location of this one's.
      select r.id as channel_id, o.id as scope_id, l.intake_s from ruled r join channels o on o.stock_lead_id is null left join channel_lags l on l.channel_id = o.id
      where exists (select from channel_locations w where w.channel_id = o.id and w.valid_to is null and w.location_id = any(r.pool))
    ), sold as (
      select distinct r.id as channel_id, l.variant_id from ruled r join listings l on l.channel_id = r.id and l.variant_id is not null and l.state <> 'gone'
    ), drawn as (
      select s.channel_id, s.variant_id, s.variant_id as part_id, 1 as per_unit from sold s
      union all select s.channel_id, s.variant_id, f.part_id, f.quantity from sold s join bundle_flat f on f.bundle_id = s.variant_id
    ), known as (
      select d.channel_id, d.variant_id, d.part_id, d.per_unit, jsonb_agg(jsonb_build_object('units', m.units, 'recent', m.recent,
        'days', least(${days}::float8, greatest(0.01, extract(epoch from ${now}::timestamptz - m.since) / 86400)), 'intakeS', h.intake_s)) as others
      from drawn d join demand m on m.part_id = d.part_id and (m.scope_id <> d.channel_id or m.sold_id <> d.variant_id)
      join shares h on h.channel_id = d.channel_id and h.scope_id = m.scope_id group by 1, 2, 3, 4
    ), drawing as (
      select channel_id, variant_id, jsonb_agg(jsonb_build_object('perUnit', per_unit, 'others', others)) as draws from known group by 1, 2
    )
    select r.id as "channelId", coalesce(d.variant_id, b.variant_id) as "variantId", r.margin, r.cancellation, r.publish_s::float8 as "publishS", b.units as current,
      coalesce(d.draws, '[]') as draws
    from drawing d full join (select * from risk_buffers where valid_to is null) b on b.channel_id = d.channel_id and b.variant_id = d.variant_id
    join ruled r on r.id = coalesce(d.channel_id, b.channel_id)`
  yield* query.cursor(batch)
}

export type SetBuffer = {
  readonly channelId: number
  readonly variantId: number
  readonly units: number
  readonly tail: number
  readonly mean: number
  readonly lagS: number
}

/** Notes buffers; those that are as they were stay. Answers how many changed. */
export async function setBuffers(sql: Sql, rows: readonly SetBuffer[]): Promise<number> {
  if (rows.length === 0) return 0
  const column = (name: keyof SetBuffer): number[] => rows.map(row => row[name])
  const [row] = await sql<{ n: number }[]>`
    select risk_buffers_set_1(${column('channelId')}::bigint[], ${column('variantId')}::bigint[], ${column('units')}::int[], ${column('tail')}::float8[],
      ${column('mean')}::float8[], ${column('lagS')}::float8[]) as n`
  return row?.n ?? 0
}

/** Ends the buffers of channels that keep nothing back by risk any more, and compares what was expected with what happened, where a day is over. */
export async function settleRisk(sql: Sql, now: Date): Promise<void> {
  await sql`select risk_buffers_end_1()`
  await sql`select risk_compare_1(${now})`
}

/** How a channel's buffer by risk stands. */
export type ChannelRisk = {
  readonly channel: string
  readonly margin: string | null
  readonly cancellation: string | null
  /** Seconds, 95 of 100 are faster; null: not measured yet. */
  readonly publishS: number | null
  readonly intakeS: number | null
  readonly measuredAt: Date | null
  /** SKUs of which something is kept back, and how many units in all. */
  readonly skus: number
  readonly units: number
  /** In the last 28 days: windows of one lag, in how many of them others were expected to sell more than was kept back, and in how many they did. */
  readonly windows: number
  readonly predicted: number
  readonly realised: number
  /** Units of orders that were not there, of those that were ordered, in the last 28 days. */
  readonly short: number
  readonly ordered: number
  readonly largest: readonly RiskOfSku[]
}

export type RiskOfSku = {
  readonly sku: string
  readonly units: number
  readonly tail: number
  readonly mean: number
  readonly lagS: number
  readonly since: string
}

/** Null where the code is unknown. */
export async function channelRisk(sql: Sql, code: string, now: Date): Promise<ChannelRisk | null> {
  const [row] = await sql<ChannelRisk[]>`
    select c.code as channel, trim_scale(y.risk_margin)::text as margin, trim_scale(y.risk_cancellation)::text as cancellation, k.publish_s::float8 as "publishS", k.intake_s::float8 as "intakeS",
      k.measured_at as "measuredAt", b.skus, b.units, o.windows, o.predicted, o.realised, l.short, l.ordered,
      coalesce((select jsonb_agg(to_jsonb(x)) from (
        select v.sku, r.units, r.tail, r.mean, r.lag_s as "lagS", r.valid_from as since from risk_buffers r join variants v on v.id = r.variant_id
        where r.channel_id = c.id and r.valid_to is null and r.units > 0 order by r.units desc, r.mean desc, v.sku limit 20) x), '[]') as largest
    from channels c left join channel_policies y on y.channel_id = c.id and y.valid_to is null left join channel_lags k on k.channel_id = c.id
    cross join lateral (select count(*)::int as skus, coalesce(sum(r.units), 0)::int as units from risk_buffers r
      where r.channel_id = c.id and r.valid_to is null and r.units > 0) b
    cross join lateral (select coalesce(sum(r.windows), 0)::float8 as windows, coalesce(sum(r.predicted), 0) as predicted, coalesce(sum(r.realised), 0)::float8 as realised
      from risk_outcomes r where r.channel_id = c.id and r.day > (${now}::timestamptz at time zone 'UTC')::date - 28) o
    cross join lateral (select coalesce(sum(i.ordered), 0)::float8 as ordered, coalesce(sum(i.short + i.cancelled) filter (where i.short_cause = 'over_available'), 0)::float8 as short
      from orders r join order_lines i on i.order_id = r.id where r.channel_id = c.id and r.placed_at > ${now}::timestamptz - interval '28 days') l
    where c.code = ${code}`
  return row ?? null
}
