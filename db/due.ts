import type { JsonValue, Sql } from './connect.ts'

/** Carries out at most `limit` rows of what is due by the instant: holds that end, prices that begin or end. Answers how many were taken. */
export async function sweepDue(sql: Sql, at: Date, limit: number): Promise<number> {
  const [row] = await sql<{ taken: number }[]>`select due_sweep_1(${at}, ${limit}) as taken`
  return row?.taken ?? 0
}

/** Tells the feed of prices that begin or end by now, by the database's clock; at most `limit` rows. Answers how many were taken. */
export async function sweepPrices(sql: Sql, limit: number): Promise<number> {
  const [row] = await sql<{ taken: number }[]>`select due_prices_1(${limit}) as taken`
  return row?.taken ?? 0
}

/** Milliseconds until the next thing is due by the database's clock, 0 when one is; null when nothing is. */
export async function msUntilDue(sql: Sql): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`select due_next_1() as ms`
  return row?.ms ?? null
}

/** The next instant at which prices of an account's listings begin or end, within so many ms; `listings` is how many at most, counted up to `most`. */
export type Turn = { readonly inMs: number; readonly listings: number }

export async function nextTurn(sql: Sql, accountId: number, withinMs: number, most: number): Promise<Turn | null> {
  const [row] = await sql<Turn[]>`select in_ms as "inMs", listings from due_turns_2(${accountId}, ${Math.ceil(withinMs)}, ${most})`
  return row ?? null
}

/** Something that will begin or end: a dated price, in one channel or (null) all of the currency; or a list, with the audience that it is about to have. */
export type TurnClaim =
  | { readonly at: string; readonly sku: string; readonly channel: string | null; readonly currency: string }
  | { readonly at: string; readonly list: string; readonly audience?: string; readonly audienceCode?: string | null }

/** What turns at an instant in one account, at most: the claims and what stands in the books already. */
export type TurnRow = {
  readonly at: Date
  readonly account: string
  readonly platform: string
  readonly scale: number
  readonly listings: number
  readonly families: readonly number[]
  readonly channels: readonly { readonly channel: string; readonly listings: number }[]
}

export async function readTurns(sql: Sql, claims: readonly TurnClaim[]): Promise<TurnRow[]> {
  return sql<TurnRow[]>`
    select at, account, platform, scale::float8 as scale, listings, families, channels from price_turns_1(${sql.json(claims as unknown as JsonValue)})`
}
