import type { JsonValue, Sql } from './connect.ts'

/** What a look did: how many alerts it opened and ended, and how many deliveries it wrote. Null: another look was under way. */
export type Look = { readonly opened: number; readonly ended: number; readonly told: number }

/** The program's own limit of a kind: seconds or a count, and how long it must be over. */
export type UsualLimits = Readonly<Record<string, { readonly amount: number; readonly quietS: number }>>

/** Looks at what is wrong, and opens, refreshes and ends alerts, as of `now` (null: the database's clock). */
export async function lookForAlerts(sql: Sql, usual: UsualLimits, now: Date | null = null): Promise<Look | null> {
  const [row] = await sql<{ look: Look | null }[]>`select alerts_look_1(${now}, ${sql.json(usual as unknown as JsonValue)}) as look`
  return row?.look ?? null
}

/** Takes the look that is due now, over all processes; the next is due after so long, ms. False: none is due. */
export async function takeAlertLook(sql: Sql, everyMs: number): Promise<boolean> {
  const rows = await sql`
    insert into alert_looks (next_at) values (clock_timestamp() + make_interval(secs => ${everyMs / 1000}::float8))
    on conflict (one) do update set next_at = excluded.next_at where alert_looks.next_at <= clock_timestamp() returning 1`
  return rows.length > 0
}

export type AlertRow = {
  readonly id: number
  readonly kind: string
  readonly subject: string
  readonly channel: string | null
  readonly account: string | null
  readonly facts: Readonly<Record<string, unknown>>
  /** Since when it is wrong; the alert was opened when that had lasted for too long. */
  readonly since: Date
  readonly openedAt: Date
  /** The last look that found it. */
  readonly seenAt: Date
  readonly seen: number
  readonly endedAt: Date | null
}

export type AlertFilter = {
  readonly id?: number | undefined
  readonly open?: boolean | undefined
  readonly kind?: string | undefined
  readonly channel?: string | undefined
}

/** Alerts, the newest first, before the id. */
export function listAlerts(sql: Sql, filter: AlertFilter, before: number | null, limit: number): Promise<AlertRow[]> {
  return sql<AlertRow[]>`
    select x.id, x.kind, x.subject, c.code as channel, a.name as account, x.facts, x.since, x.opened_at as "openedAt", x.seen_at as "seenAt", x.seen,
      x.ended_at as "endedAt"
    from alerts x left join channels c on c.id = x.channel_id left join accounts a on a.id = x.account_id
    where (${before}::bigint is null or x.id < ${before}) and (${filter.id ?? null}::bigint is null or x.id = ${filter.id ?? null})
      and (${filter.kind ?? null}::text is null or x.kind = ${filter.kind ?? null})
      and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.open ?? null}::boolean is null or (x.ended_at is null) = ${filter.open ?? null})
    order by x.id desc limit ${limit}`
}

/** How many alerts are open. */
export async function countOpenAlerts(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from alerts where ended_at is null`
  return row?.n ?? 0
}

/** A limit that somebody set; null: as a step above says. */
export type AlertLimitRow = {
  readonly kind: string
  readonly channel: string | null
  readonly amount: number | null
  readonly quietS: number | null
  readonly off: boolean
  readonly actor: string
  readonly setAt: Date
}

/** The limits that are not the program's own. */
export function listAlertLimits(sql: Sql): Promise<AlertLimitRow[]> {
  return sql<AlertLimitRow[]>`
    select l.kind, c.code as channel, l.amount::float8 as amount, l.quiet_s as "quietS", l.off, l.actor, l.set_at as "setAt"
    from alert_limits l left join channels c on c.id = l.channel_id order by l.kind, c.code nulls first`
}

export type AlertAnswer =
  | {
      readonly outcome: 'done'
      readonly id?: number
      readonly delivery?: number
      readonly deliveries?: number
      readonly endsAt?: string
      readonly replayed?: true
    }
  | { readonly outcome: 'unknown'; readonly field?: string; readonly value?: unknown }
  | { readonly outcome: 'exists' }
  | { readonly outcome: 'not_active'; readonly state: string }
  | { readonly outcome: 'key_conflict' }

export type AlertCommand =
  | 'alert_limit_set_1'
  | 'alert_endpoint_add_1'
  | 'alert_endpoint_change_1'
  | 'alert_endpoint_remove_1'
  | 'alert_secret_rotate_1'
  | 'alert_test_1'
  | 'alert_replay_1'

/** Calls a command of functions/82_alerts.sql or 83_alert_endpoints.sql, which tell what `cmd` holds. */
export async function alertCommand(sql: Sql, name: AlertCommand, cmd: JsonValue): Promise<AlertAnswer> {
  const [row] = await sql<{ answer: AlertAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}
