import type { Sql } from './connect.ts'

/**
 * What channels should show of SKUs now, as the text of a JSON array `[{sku, channels: [ChannelNumbers]}]`: for ten thousand SKUs, making
 * rows into objects and those into text again costs more than reading them. In the order of the SKUs; unknown ones are left out.
 */
export async function availabilityText(sql: Sql, skus: readonly string[], channels: readonly string[] | null): Promise<string> {
  const [row] = await sql<{ items: string | null }[]>`
    with asked as (
      select array(select id from channels where ${channels as string[] | null}::text[] is null
        or code = any(${channels as string[] | null}::text[])) as channels, array(select id from variants where sku = any(${skus as string[]}::text[])) as ids
    ), item as (
      select s.variant_id, string_agg(concat('{"channel":"', c.code, '","atp":', s.atp, ',"ahead":', s.ahead, ',"buffer":', s.buffer, ',"cap":',
        coalesce(s.cap::text, 'null'), ',"stopSellingAt":', s.stop_selling_at, ',"shown":', s.shown, '}'), ',' order by c.code) as channels
      from asked a cross join lateral channel_shown_2(a.channels, a.ids, clock_timestamp()) s join channels c on c.id = s.channel_id group by 1
    )
    select string_agg(concat('{"sku":', to_json(v.sku), ',"channels":[', i.channels, ']}'), ',' order by v.sku) as items
    from item i join variants v on v.id = i.variant_id`
  return `[${row?.items ?? ''}]`
}
