import type { Sql } from './connect.ts'

export type SessionRow = {
  readonly userId: number
  readonly email: string
  readonly name: string
  readonly role: string
  readonly language: string
  readonly csrf: string
  readonly locationId: number | null
  readonly expiresAt: Date
}

/**
 * The session with this token hash, as long as it is neither over nor idle for longer than `idleS` seconds and its user may log in. Notes
 * that it was seen, at most once a minute.
 */
export async function findSession(sql: Sql, tokenHash: string, now: Date, idleS: number): Promise<SessionRow | null> {
  const [row] = await sql<SessionRow[]>`
    with alive as (
      select s.token_hash, s.seen_at, s.csrf_token as csrf, u.id as "userId", u.email, u.name, u.role, u.language,
        u.location_id as "locationId", s.expires_at as "expiresAt"
      from sessions s join users u on u.id = s.user_id
      where s.token_hash = ${tokenHash} and s.expires_at > ${now} and s.seen_at > ${now}::timestamptz - make_interval(secs => ${idleS})
        and u.disabled_at is null
    ), seen as (
      update sessions set seen_at = ${now} where token_hash = (select token_hash from alive where seen_at < ${now}::timestamptz - interval '1 minute')
    )
    select csrf, "userId", email, name, role, language, "locationId", "expiresAt" from alive`
  return row ?? null
}

export type NewSession = {
  readonly tokenHash: string
  readonly csrf: string
  readonly userId: number
  readonly now: Date
  readonly expiresAt: Date
  /** The session that the browser held before, which ends. */
  readonly replaces: string | null
  /** Whose failed attempts this success makes forgotten, and whose latest one (this very attempt) only. */
  readonly forget: { readonly all: string; readonly latest: string }
  readonly actor: string
}

/** Opens a session; the one before it ends, attempts are forgotten, sessions that are over are swept out, the login is noted. */
export async function openSession(sql: Sql, session: NewSession): Promise<void> {
  await sql`
    with gone as (
      delete from sessions where token_hash = ${session.replaces} or expires_at <= ${session.now}
    ), forgotten as (
      delete from login_attempts where subject = ${session.forget.all} or at < ${session.now}::timestamptz - interval '1 day'
        or ctid = (select ctid from login_attempts where subject = ${session.forget.latest} order by at desc limit 1)
    ), noted as (
      insert into audit (actor, act, subject) values (${session.actor}, 'signed_in', ${`user:${session.userId}`})
    )
    insert into sessions (token_hash, user_id, csrf_token, created_at, seen_at, expires_at)
    values (${session.tokenHash}, ${session.userId}, ${session.csrf}, ${session.now}, ${session.now}, ${session.expiresAt})`
}

/** Ends a session; one that is over already is no error. */
export async function endSession(sql: Sql, tokenHash: string): Promise<void> {
  await sql`delete from sessions where token_hash = ${tokenHash}`
}

/** Notes an attempt to log in. Answers null when it may go on, else the instant from which one more is allowed. */
export async function beginLogin(
  sql: Sql,
  subjects: readonly { readonly subject: string; readonly most: number }[],
  windowS: number,
  now: Date,
): Promise<Date | null> {
  const [row] = await sql<{ wait: Date | null }[]>`
    select login_begin_1(${subjects.map(s => s.subject)}::text[], ${subjects.map(s => s.most)}::int[], ${windowS}, ${now}) as wait`
  return row?.wait ?? null
}
