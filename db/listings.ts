import type { JsonValue, Sql } from './connect.ts'

export type ObservedListing = {
  readonly channelRef: string
  readonly externalId: string
  readonly parentId: string | null
  readonly sku: string
  readonly productType: string | null
  readonly gtin: string | null
  readonly title: string
  readonly state: 'active' | 'inactive'
  readonly quantity: number | null
  readonly price: JsonValue
}

/** Notes listings as the platform shows them now and matches new ones by SKU, then GTIN. */
export async function observeListings(
  sql: Sql,
  accountId: number,
  rows: readonly ObservedListing[],
  actor: string,
): Promise<{ seen: number; new: number; matched: number }> {
  const [row] = await sql<{ answer: { seen: number; new: number; matched: number } }[]>`
    select listings_observe_1(${accountId}, ${sql.json(rows as unknown as JsonValue)}, ${actor}) as answer`
  return row?.answer ?? { seen: 0, new: 0, matched: 0 }
}

/** Listings of the account that a whole pass, begun at the instant, did not see are gone. */
export async function endObservation(sql: Sql, accountId: number, beganAt: Date): Promise<number> {
  const rows = await sql`
    update listings set state = 'gone' where account_id = ${accountId} and observed_at < ${beganAt} and state <> 'gone' returning id`
  await sql`update accounts set observed_at = clock_timestamp() where id = ${accountId}`
  return rows.length
}

/** The database's clock: instants that are compared with the database's own are taken from it. */
export async function databaseNow(sql: Sql): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  if (!row) throw new Error('no clock')
  return row.now
}
