import type { Sql } from './connect.ts'

/** How much of what is available a channel shows, and its id. */
export type ChannelPolicy = {
  readonly id: number
  readonly code: string
  readonly buffer: number
  readonly bufferPercent: number
  readonly cap: number | null
  readonly stopSellingAt: number
}

/** The policies of channels, in the order of their codes; `codes` null means all, unknown ones are left out. */
export function policiesOf(sql: Sql, codes: readonly string[] | null): Promise<ChannelPolicy[]> {
  return sql<ChannelPolicy[]>`
    select c.id, c.code, coalesce(y.buffer, 0) as buffer, coalesce(y.buffer_percent, 0)::float8 as "bufferPercent", y.cap,
      coalesce(y.stop_selling_at, 0) as "stopSellingAt"
    from channels c left join channel_policies y on y.channel_id = c.id and y.valid_to is null
    where ${codes as string[] | null}::text[] is null or c.code = any(${codes as string[] | null}::text[]) order by c.code`
}

/**
 * What channels can promise of many SKUs now. `skus`: those that exist, sorted; `atp`: for each of them one number for each channel, in their
 * order, or null for a SKU that is a bundle, is sold ahead, has a buffer by risk, or has holds or lots whose time is over: `channel_shown_2` knows how. `listed`: as many,
 * whether the channel has a listing of the SKU; null where nobody asked, because it takes half as long again.
 */
export type BulkAtp = {
  readonly skus: readonly string[]
  readonly atp: readonly (number | null)[]
  readonly listed: readonly boolean[] | null
}

/**
 * Reads ATP for up to ten thousand SKUs as two columns of text: as rows, most of the time would go into making objects of them.
 */
export async function bulkAtp(sql: Sql, skus: readonly string[], channelIds: readonly number[], withListed: boolean): Promise<BulkAtp> {
  const listings = withListed
    ? sql`, listed as (select distinct variant_id, channel_id from listings
        where variant_id = any(array(select id from asked)) and channel_id = any(${channelIds as number[]}::bigint[]) and state <> 'gone')`
    : sql``
  const isListed = withListed ? sql`l.variant_id is not null` : sql`null::boolean`
  const joined = withListed ? sql`left join listed l on l.variant_id = a.id and l.channel_id = c.id` : sql``
  const [row] = await sql<{ skus: string | null; atp: string | null; listed: string | null }[]>`
    with special as (
      select bundle_id as id from bundle_flat
      union all select variant_id from risk_buffers where valid_to is null and units > 0 and channel_id = any(${channelIds as number[]}::bigint[])
      union all select variant_id from selling_terms where valid_to is null
      union all select variant_id from reservations where state = 'open' and expires_at <= clock_timestamp()
      union all select variant_id from lots where not expired and quantity > 0 and expires_at <= clock_timestamp()
    ), asked as materialized (
      select v.id, v.sku, v.id in (select id from special) as is_special from variants v where v.sku = any(${skus as string[]}::text[])
    ), pool as (
      select c.channel_id, c.location_id from channel_locations c join locations p on p.id = c.location_id and p.active
      where c.channel_id = any(${channelIds as number[]}::bigint[]) and c.valid_to is null
    ), atp as (
      select b.variant_id, c.channel_id,
        sum(greatest(0, b.on_hand - b.reserved - b.unavailable - b.safety_stock)) as units
      from balances b join pool c on c.location_id = b.location_id
      where b.variant_id = any(array(select id from asked)) group by 1, 2
    )${listings}
    select string_agg(x.sku, E'\n') filter (where x.place = 1) as skus,
      string_agg(case when x.is_special then '' else coalesce(x.units, 0)::text end, ',') as atp,
      string_agg(case when x.is_listed then '1' when not x.is_listed then '0' end, '') as listed
    from (
      select a.sku, a.is_special, c.place, t.units, ${isListed} as is_listed from asked a cross join unnest(${channelIds as number[]}::bigint[]) with ordinality c(id, place)
      left join atp t on t.variant_id = a.id and t.channel_id = c.id ${joined} order by a.sku, c.place) x`
  if (!row || row.skus === null || row.atp === null) return { skus: [], atp: [], listed: null }
  // No SKU holds a control character.
  return {
    skus: row.skus.split('\n'),
    atp: row.atp.split(',').map(text => (text === '' ? null : Number(text))),
    listed: row.listed === null ? null : Array.from(row.listed, one => one === '1'),
  }
}
