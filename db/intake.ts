import type { Sql } from './connect.ts'
import { withPlansAtHand } from './own-connection.ts'

export type InboxRow = {
  readonly id: number
  readonly source: 'webhook' | 'queue' | 'poll' | 'report'
  readonly topic: string
  readonly body: Uint8Array
  readonly attempts: number
}

/**
 * Takes up to `limit` waiting messages of an account, oldest first, for 10 seconds. What is not finished by then may be taken again:
 * understanding a message twice does no harm.
 */
export async function takeInbox(sql: Sql, accountId: number, limit: number): Promise<InboxRow[]> {
  const rows = await withPlansAtHand(
    sql,
    own => own<InboxRow[]>`
    update inbox i set taken_until = clock_timestamp() + interval '10 seconds', attempts = i.attempts + 1
    from (select id from inbox where account_id = ${accountId} and state = 'new' and (taken_until is null or taken_until < clock_timestamp())
      order by id limit ${limit} for update skip locked) due
    where i.id = due.id returning i.id, i.source, i.topic, i.body, i.attempts`,
  )
  return rows.sort((a, b) => a.id - b.id)
}

export type InboxVerdict = { readonly id: number; readonly state: 'done' | 'refused' | 'ignored'; readonly reason: string | null }

/** Notes what became of messages. */
export async function endInbox(sql: Sql, verdicts: readonly InboxVerdict[]): Promise<void> {
  if (verdicts.length === 0) return
  const told = sql.json(verdicts.map(verdict => ({ ...verdict })))
  await withPlansAtHand(
    sql,
    own => own`
    update inbox i set state = v.state, reason = v.reason, taken_until = null, done_at = clock_timestamp()
    from jsonb_to_recordset(${told}) v(id bigint, state text, reason text) where i.id = v.id`,
  )
}

/** Messages that could not be handled for our own trouble wait for a moment. */
export async function postponeInbox(sql: Sql, ids: readonly number[], ms: number): Promise<void> {
  await sql`
    update inbox set taken_until = clock_timestamp() + make_interval(secs => ${ms / 1000}::float8) where id = any(${ids as number[]}::bigint[])`
}

/** Takes a refused message up again. False: there is no refused message of that id. */
export async function replayInbox(sql: Sql, id: number, actor: string): Promise<boolean> {
  const rows = await sql`
    with again as (update inbox set state = 'new', reason = null, attempts = 0, taken_until = null where id = ${id} and state = 'refused' returning account_id),
      noted as (insert into audit (actor, act, subject) select ${actor}, 'inbox.replay', ${String(id)} from again)
    insert into change (kind, account_id) select 'inbox', account_id from again returning account_id`
  return rows.length > 0
}

/** Accounts that have messages waiting which nobody has taken. */
export async function accountsWithInbox(sql: Sql): Promise<number[]> {
  const rows = await sql<{ accountId: number }[]>`
    select distinct account_id as "accountId" from inbox where state = 'new' and (taken_until is null or taken_until < clock_timestamp())`
  return rows.map(row => row.accountId)
}
