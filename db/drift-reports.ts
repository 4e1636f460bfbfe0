import type { JsonValue, Sql } from './connect.ts'
import type { CheckPlace, OpenCheck } from './drift.ts'

/** What a check of an account has to look at: goods, the channels that have any, those of them that no report can settle, and when everything was last searched. */
export type CheckSize = {
  readonly goods: number
  readonly channels: readonly string[]
  readonly byName: number
  readonly searchedAgoMs: number | null
  readonly tookMs: readonly number[]
}

/** How large a check would be, and how long the last reports took, ms, oldest first. */
export async function checkSize(sql: Sql, accountId: number): Promise<CheckSize> {
  const [row] = await sql<CheckSize[]>`
    select count(distinct l.external_sku)::int as goods,
      (select coalesce(array_agg(c.external_ref order by c.id), '{}') from channels c where c.account_id = ${accountId}
        and exists (select from listings x where x.channel_id = c.id and x.variant_id is not null and x.state <> 'gone')) as channels,
      count(*) filter (where exists (select from publications p where p.listing_id = l.id and (p.state in ('sent', 'accepted') or p.check_at is not null
        or (p.field = 'price' and coalesce(jsonb_typeof(p.accepted->'sale'), 'null') <> 'null'))))::int as "byName",
      extract(epoch from clock_timestamp() - greatest((select observed_at from accounts where id = ${accountId}),
        (select max(ended_at) from drift_checks where account_id = ${accountId} and way = 'search'))) * 1000 as "searchedAgoMs",
      array(select report_ms from (select id, report_ms from drift_checks where account_id = ${accountId} and report_ms is not null order by id desc limit 5) x order by id)
        as "tookMs"
    from listings l where l.account_id = ${accountId} and l.variant_id is not null and l.state <> 'gone'`
  if (!row) throw new Error('a count gave no row')
  return { ...row, searchedAgoMs: row.searchedAgoMs === null ? null : Number(row.searchedAgoMs) }
}

/** Of these SKUs of a channel those that our books do not know. */
export async function unknownSkus(sql: Sql, accountId: number, channelRef: string, skus: readonly string[]): Promise<string[]> {
  const rows = await sql<{ sku: string }[]>`
    select s.sku from unnest(${skus as string[]}::text[]) s(sku) where not exists (select from listings l join channels c on c.id = l.channel_id
      where l.account_id = ${accountId} and l.external_sku = s.sku and c.external_ref = ${channelRef} and l.state <> 'gone')`
  return rows.map(row => row.sku)
}

/** A row of a report; null: it does not tell. */
export type ReportRow = {
  readonly sku: string
  readonly state: 'active' | 'inactive' | null
  readonly quantity: number | null
  readonly regular: string | null
}

/** Takes a part of a report in and moves the check on, in one statement. Answers how many were as they should be; null: another holder was first. */
export async function noteReport(
  sql: Sql,
  check: OpenCheck,
  channelRef: string,
  at: Date,
  rows: readonly ReportRow[],
  moved: CheckPlace,
): Promise<number | null> {
  const [row] = await sql<{ n: number | null }[]>`
    select drift_report_1(${check.id}, ${check.calls}, ${channelRef}, ${at}, ${sql.json(rows as unknown as JsonValue)}, ${sql.json({ ...moved })}) as n`
  return row?.n ?? null
}

/** Keeps how long the reports of a check took, ms: the slowest. */
export async function noteReportTime(sql: Sql, checkId: number, ms: number): Promise<void> {
  await sql`update drift_checks set report_ms = greatest(report_ms, ${Math.round(ms)}) where id = ${checkId}`
}
