import type { JsonValue, Sql } from './connect.ts'

/** An account as lanes and intake need it. Credentials stay sealed. */
export type AccountRow = {
  readonly id: number
  readonly name: string
  readonly platform: string
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: Uint8Array
  readonly webhookSecret: Uint8Array | null
  readonly webhookToken: string
  readonly state: 'active' | 'paused' | 'failing'
  readonly stateReason: string | null
  readonly retryAt: Date | null
  readonly coveredUntil: Date | null
  readonly observedAt: Date | null
  readonly channels: readonly {
    readonly id: number
    readonly code: string
    readonly ref: string
    readonly currency: string
    readonly zone: string
  }[]
}

/** All accounts with their channels, or the one with this id. */
export async function readAccounts(sql: Sql, id: number | null = null): Promise<AccountRow[]> {
  return sql<AccountRow[]>`
    select a.id, a.name, a.platform, a.settings, a.credentials, a.webhook_secret as "webhookSecret", a.webhook_token as "webhookToken", a.state,
      a.state_reason as "stateReason", a.retry_at as "retryAt", a.covered_until as "coveredUntil", a.observed_at as "observedAt",
      coalesce((select jsonb_agg(jsonb_build_object('id', c.id, 'code', c.code, 'ref', c.external_ref, 'currency', c.currency, 'zone', c.zone) order by c.id)
        from channels c where c.account_id = a.id), '[]') as channels
    from accounts a where ${id}::bigint is null or a.id = ${id} order by a.id`
}

/** Sets an account's state; `since` moves only when the state changes. */
export async function setAccountState(
  sql: Sql,
  id: number,
  state: AccountRow['state'],
  reason: string | null,
  retryAt: Date | null,
): Promise<void> {
  await sql`
    update accounts set state_since = case when state = ${state} then state_since else clock_timestamp() end,
      state = ${state}, state_reason = ${reason}, retry_at = ${retryAt} where id = ${id}
      and (state, state_reason, retry_at) is distinct from (${state}, ${reason}, ${retryAt}::timestamptz)`
}

/** What is wrong with an account, beginning with auth, down or throttled, and how long until it is tried again. */
export type AccountTroubleNote = { readonly reason: string; readonly forMs: number }

/** The holder of the lease tells what is wrong with the account, or (null) that nothing is. What a person has paused stays paused. */
export async function noteAccountHealth(sql: Sql, id: number, leaseToken: number, trouble: AccountTroubleNote | null): Promise<void> {
  const state = trouble ? 'failing' : 'active'
  await sql`
    update accounts set state_since = case when state = ${state} then state_since else clock_timestamp() end, state = ${state},
      state_reason = ${trouble?.reason ?? null}::text,
      retry_at = clock_timestamp() + make_interval(secs => ${trouble ? Math.max(0, trouble.forMs) / 1000 : null}::float8)
    where id = ${id} and lease_token = ${leaseToken} and state <> 'paused'`
}

/** Whether any channel of the account is switched on and not paused. */
export async function publishesAnything(sql: Sql, accountId: number): Promise<boolean> {
  const rows =
    await sql`select 1 from channels where account_id = ${accountId} and (publish_stock or publish_prices) and not paused limit 1`
  return rows.length > 0
}

export type Lease = { readonly token: number; readonly isNew: boolean }

/**
 * Takes or keeps the lease of an account for `ttlMs`. The token grows each time the lease changes hands. Null: somebody else has it.
 */
export async function holdLease(sql: Sql, accountId: number, owner: string, ttlMs: number): Promise<Lease | null> {
  const [row] = await sql<{ token: number; isNew: boolean }[]>`
    update accounts a set lease_owner = ${owner}, lease_until = clock_timestamp() + make_interval(secs => ${ttlMs / 1000}::float8),
      lease_token = a.lease_token + case when old.mine then 0 else 1 end
    from (select id, (lease_owner = ${owner} and lease_until > clock_timestamp()) is true as mine from accounts where id = ${accountId} for update) old
    where a.id = old.id and (old.mine or a.lease_until is null or a.lease_until <= clock_timestamp())
    returning a.lease_token as token, not old.mine as "isNew"`
  return row ?? null
}

/** Gives the lease back, so that a successor need not wait for its end. */
export async function dropLease(sql: Sql, accountId: number, owner: string): Promise<void> {
  await sql`update accounts set lease_until = clock_timestamp() where id = ${accountId} and lease_owner = ${owner}`
}

/**
 * What was left in `sent` for longer than `ageMs`, because its answer was never noted, is to be read from the platform first; acts become
 * unknown. With age 0: whatever a former holder of the lease left. Answers how many were found.
 */
export async function unstick(sql: Sql, accountId: number, ageMs: number, busy: readonly number[] = []): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select account_unstick_2(${accountId}, make_interval(secs => ${ageMs / 1000}::float8), ${busy as number[]}::bigint[]) as n`
  return row?.n ?? 0
}

/** All orders that the platform changed before the instant are known. */
export async function noteCovered(sql: Sql, accountId: number, until: Date): Promise<void> {
  await sql`select account_covered_1(${accountId}, ${until})`
}

export type RequestKind = 'test' | 'observe' | 'compare' | 'poll'
export type RequestRow = {
  readonly id: number
  readonly accountId: number
  readonly kind: RequestKind
  readonly state: 'open' | 'done' | 'failed'
  readonly answer: Readonly<Record<string, unknown>> | null
}

/** Asks the holder of the account's lease for something; an open request of the same kind is joined. */
export async function askAccount(sql: Sql, accountId: number, kind: RequestKind, actor: string): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    with open as (select id from account_requests where account_id = ${accountId} and kind = ${kind} and state = 'open' limit 1),
      made as (insert into account_requests (account_id, kind, actor)
        select ${accountId}, ${kind}, ${actor} where not exists (select from open) returning id),
      rung as (insert into change (kind, account_id) select 'channel', ${accountId}::bigint from made)
    select id from open union all select id from made`
  if (!row) throw new Error('a request was neither found nor made')
  return row.id
}

export async function openRequests(sql: Sql, accountId: number): Promise<RequestRow[]> {
  return sql<RequestRow[]>`
    select id, account_id as "accountId", kind, state, answer from account_requests where account_id = ${accountId} and state = 'open' order by id`
}

export async function readRequest(sql: Sql, id: number): Promise<RequestRow | null> {
  const [row] = await sql<RequestRow[]>`select id, account_id as "accountId", kind, state, answer from account_requests where id = ${id}`
  return row ?? null
}

export async function endRequest(sql: Sql, id: number, state: 'done' | 'failed', answer: JsonValue): Promise<void> {
  await sql`update account_requests set state = ${state}, answer = ${sql.json(answer)}, ended_at = clock_timestamp() where id = ${id}`
}

/** Notes that the platform is subscribed to tell us of orders, from now on unless it was before. */
export async function noteWebhooks(sql: Sql, accountId: number): Promise<void> {
  await sql`update accounts set webhooks_since = clock_timestamp() where id = ${accountId} and webhooks_since is null`
}
