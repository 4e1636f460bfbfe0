import type { JsonValue, Sql } from './connect.ts'
import type { ObservedListing } from './listings.ts'
import type { WorkRow } from './publications.ts'

/** Where a check is: in the connector's pages, in the variations of a parent, in the platform's reports, or looking by name at what it has not seen. */
export type CheckPlace = {
  readonly phase: 'page' | 'family' | 'missed' | 'report'
  readonly place: string | null
  readonly parent: string | null
}

export type OpenCheck = CheckPlace & {
  readonly id: number
  readonly calls: number
  readonly beganAt: Date
  readonly way: 'search' | 'report'
}

/** Asks for a check of an account; the open one is joined. Answers its id. */
export async function askCheck(sql: Sql, accountId: number, actor: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    with made as (insert into drift_checks (account_id, actor) values (${accountId}, ${actor})
      on conflict (account_id) where ended_at is null do nothing returning id)
    select id from made union all select id from drift_checks where account_id = ${accountId} and ended_at is null limit 1`
  if (!row) throw new Error('a check was neither found nor made')
  return row.id
}

/** Asks for the next check of itself: where something is published, and none was asked for since `everyMs`. */
export async function askDueCheck(sql: Sql, accountId: number, everyMs: number): Promise<void> {
  await sql`
    insert into drift_checks (account_id, actor) select a.id, 'system' from accounts a
    where a.id = ${accountId} and exists (select from channels c where c.account_id = a.id and not c.paused and (c.publish_stock or c.publish_prices))
      and greatest(a.observed_at, (select max(asked_at) from drift_checks where account_id = a.id)) < clock_timestamp() - make_interval(secs => ${everyMs / 1000}::float8)
    on conflict (account_id) where ended_at is null do nothing`
}

/** The open check of an account, which begins now if it has not yet; null: there is none. */
export async function openCheck(sql: Sql, accountId: number): Promise<OpenCheck | null> {
  const [row] = await sql<OpenCheck[]>`
    update drift_checks set began_at = coalesce(began_at, clock_timestamp()) where account_id = ${accountId} and ended_at is null
    returning id, phase, place, parent, calls, began_at as "beganAt", way`
  return row ?? null
}

/** The next parent with matched variations after the given one; null: there is none. */
export async function nextParent(sql: Sql, accountId: number, after: string | null): Promise<string | null> {
  const [row] = await sql<{ parent: string }[]>`
    select external_parent_id as parent from listings where account_id = ${accountId} and external_parent_id is not null and variant_id is not null
      and state <> 'gone' and external_parent_id > ${after ?? ''} order by external_parent_id limit 1`
  return row?.parent ?? null
}

export type LookedAt = ObservedListing & { readonly at: Date; readonly modifiedAt: string | null }

/** Takes in what a call of a check showed and moves the check on, in one statement. Answers how many values differ; null: another holder was first. */
export async function noteLook(
  sql: Sql,
  check: OpenCheck,
  applyWithinMs: number,
  listings: readonly LookedAt[],
  moved: CheckPlace,
  actor: string,
): Promise<number | null> {
  const [row] = await sql<{ n: number | null }[]>`
    select drift_look_1(${check.id}, ${check.calls}, ${Math.round(applyWithinMs)}, ${sql.json(listings as unknown as JsonValue)},
      ${sql.json({ ...moved })}, ${actor}) as n`
  return row?.n ?? null
}

/** Moves a check on without listings: of a report, `calls` is 1 where the platform was called for it. To the pages: they are read from the beginning. */
export async function moveCheck(sql: Sql, check: OpenCheck, moved: CheckPlace, calls = 0): Promise<void> {
  await sql`
    update drift_checks set phase = ${moved.phase}, place = ${moved.place}, parent = ${moved.parent}, calls = calls + ${calls},
      seen = case ${moved.phase} when 'page' then 0 else seen end, way = case ${moved.phase} when 'report' then 'report' when 'page' then 'search' else way end
    where id = ${check.id} and ended_at is null and calls = ${check.calls}`
}

/** Matched listings that the check has not seen, to be looked at by name. */
export async function unseenListings(sql: Sql, accountId: number, beganAt: Date, limit: number): Promise<WorkRow[]> {
  return sql<WorkRow[]>`
    select l.id as listing, 'stock' as field, c.external_ref as "channelRef", l.external_id as "externalId", l.external_parent_id as "externalParentId",
      l.external_sku as "externalSku", l.product_type as "productType", null::int as target, null::int as expected, null::float8 as "readAgeMs", true as doubtful,
      0 as attempts, 9 as urgency, 0::float8 as loss, clock_timestamp() as at
    from listings l join channels c on c.id = l.channel_id
    where l.account_id = ${accountId} and l.variant_id is not null and l.state <> 'gone' and l.observed_at < ${beganAt} order by l.id limit ${limit}`
}

/** Notes listings that are gone as differences of the check. */
export async function noteGoneInCheck(sql: Sql, checkId: number, listings: readonly number[], at: Date): Promise<void> {
  await sql`select drift_gone_1(${checkId}, ${listings as number[]}::bigint[], ${at})`
}

export async function endCheck(sql: Sql, checkId: number): Promise<void> {
  await sql`update drift_checks set ended_at = clock_timestamp() where id = ${checkId} and ended_at is null`
}

/** Moves on what became of the account's open differences. */
export async function settleDrifts(sql: Sql, accountId: number): Promise<void> {
  await sql`select drift_settle_1(${accountId}) where exists (select from drifts where account_id = ${accountId} and ended_at is null)`
}

/** Differences whose platform value is to become ours. */
export async function driftsToTake(sql: Sql, accountId: number, limit: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select id from drifts where account_id = ${accountId} and ended_at is null and taken_at is null and state = 'taking' and (settled or field = 'price')
    order by id limit ${limit}`
  return rows.map(row => row.id)
}

export type TakeAnswer =
  | { readonly outcome: 'taken' }
  | { readonly outcome: 'refused'; readonly words: string }
  /** Decided, ended or not known for sure yet. */
  | { readonly outcome: 'over' }

/** Takes the platform's value of a difference in as ours, or holds it for a person with the reason. */
export async function takeDrift(sql: Sql, id: number, actor: string): Promise<TakeAnswer> {
  const [row] = await sql<{ answer: TakeAnswer }[]>`select drift_take_1(${id}, ${actor}) as answer`
  return row?.answer ?? { outcome: 'over' }
}

/** Calls `drift_decide_1` or `drift_policy_1` and answers what it answers. */
export async function driftCommand(
  sql: Sql,
  name: 'drift_decide_1' | 'drift_policy_1',
  cmd: Readonly<Record<string, unknown>>,
): Promise<{ readonly outcome: string; readonly state?: string; readonly field?: string }> {
  const [row] = await sql<{ answer: { outcome: string } }[]>`select ${sql(name)}(${sql.json(cmd as unknown as JsonValue)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}
