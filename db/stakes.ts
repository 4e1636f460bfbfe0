import type { Sql } from './connect.ts'

/** Listings that are weighed by one statement: they are locked meanwhile. */
const WEIGHED_AT_ONCE = 500

/** Learns what is at stake with each SKU in each channel, by its demand of the last days; after `learnDemand`. Answers how many changed. */
export async function learnStakes(sql: Sql, now: Date, days: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select stakes_learn_1(${now}, ${days}) as n`
  return row?.n ?? 0
}

/** Weighs all that waits anew, part by part, by what is at stake now. */
export async function weighWaiting(sql: Sql): Promise<void> {
  for (let after: number | null = 0; after !== null; ) {
    const [row]: { next: number | null }[] = await sql<{ next: number | null }[]>`
      select publications_weigh_1(${after}, ${WEIGHED_AT_ONCE}) as next`
    after = row?.next ?? null
  }
}
