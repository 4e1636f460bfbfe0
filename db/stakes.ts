import type { Sql } from './connect.ts'

/** Listings that are weighed by one statement: they are locked meanwhile. */
const WEIGHED_AT_ONCE = 500

/** Learns what is at stake with each SKU in each channel, by its demand of the last days; after `learnDemand`. Answers how many changed. */
export async function learnStakes(sql: Sql, now: Date, days: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select stakes_learn_1(${now}, ${days}) as n`
  return row?.n ?? 0
}

/** Weighs all that waits anew, part by part, by what is at stake now. What comes to wait meanwhile is weighed as it comes. */
export async function weighWaiting(sql: Sql): Promise<void> {
  // Looked for once: to look for the next part each time would be a look at all that waits.
  const [row] = await sql<{ ids: number[] | null }[]>`
    select array_agg(distinct listing_id order by listing_id) as ids from publications where waiting_since is not null`
  const ids = row?.ids ?? []
  for (let at = 0; at < ids.length; at += WEIGHED_AT_ONCE)
    await sql`select publications_weigh_2(${ids.slice(at, at + WEIGHED_AT_ONCE)}::bigint[])`
}
