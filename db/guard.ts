import type { JsonValue, Sql } from './connect.ts'

/** A channel's limits; null: that one is turned off. Percentages are decimal text. */
export type GuardLimits = {
  readonly channel: string
  readonly changedPercent: string | null
  readonly changedLeast: number
  readonly windowMinutes: number
  readonly dropPercent: string | null
  readonly zeroListings: number | null
  readonly zeroPercent: string
  readonly releaseMinutes: number
  /** Null: nobody has set them; these are the defaults. */
  readonly since: Date | null
  readonly actor: string | null
}

/** The limits in force, of one channel or (null) all, by the channel's code. */
export function readGuardLimits(sql: Sql, channel: string | null): Promise<GuardLimits[]> {
  return sql<GuardLimits[]>`
    select c.code as channel, trim_scale(l.changed_percent)::text as "changedPercent", l.changed_least as "changedLeast", l.window_minutes as "windowMinutes",
      trim_scale(l.drop_percent)::text as "dropPercent", l.zero_listings as "zeroListings", trim_scale(l.zero_percent)::text as "zeroPercent",
      l.release_minutes as "releaseMinutes", l.valid_from as since, l.actor
    from channels c cross join lateral guard_limits_of(c.id) l where ${channel}::text is null or c.code = ${channel} order by c.code`
}

export type GuardAnswer =
  | { readonly outcome: 'done'; readonly held?: number; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field?: string; readonly value?: unknown }
  | { readonly outcome: 'moved'; readonly revision: number }
  | { readonly outcome: 'decided'; readonly decision: string; readonly by: string }
  | { readonly outcome: 'key_conflict' }

/** Calls a command of functions/66_guard.sql, which tell what `cmd` holds. */
export async function guardCommand(sql: Sql, name: 'guard_limits_set_1' | 'quarantine_decide_1', cmd: JsonValue): Promise<GuardAnswer> {
  const [row] = await sql<{ answer: GuardAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}

/** Lets go at most so many values of an approved incident; answers how many are left. */
export async function releaseQuarantine(sql: Sql, id: number, limit: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select guard_release_1(${id}, clock_timestamp(), ${limit}) as n`
  return row?.n ?? 0
}

/** One time that a limit was broken. `held`: fields that still wait; `joined`: all that ever did. */
export type QuarantineRow = {
  readonly id: number
  readonly channel: string
  readonly field: 'stock' | 'price'
  readonly why: Readonly<Record<string, unknown>>
  readonly openedAt: Date
  readonly revision: number
  readonly joined: number
  readonly held: number
  readonly decision: 'approved' | 'rejected' | 'released' | 'dissolved' | null
  readonly decidedAt: Date | null
  readonly decidedBy: string | null
  readonly note: string | null
}

export type QuarantineFilter = {
  readonly id?: number | undefined
  readonly channel?: string | undefined
  readonly field?: 'stock' | 'price' | undefined
  /** True: that wait for a decision; false: decided. */
  readonly open?: boolean | undefined
}

/** Incidents, the newest first, before the id. */
export function listQuarantines(sql: Sql, filter: QuarantineFilter, before: number | null, limit: number): Promise<QuarantineRow[]> {
  return sql<QuarantineRow[]>`
    select q.id, c.code as channel, q.field, q.why, q.opened_at as "openedAt", q.revision, i.joined, i.held, q.decision, q.decided_at as "decidedAt",
      q.decided_by as "decidedBy", q.note
    from quarantines q join channels c on c.id = q.channel_id
    cross join lateral (select count(*)::int as joined, count(*) filter (where left_at is null)::int as held from quarantine_items where quarantine_id = q.id) i
    where (${before}::bigint is null or q.id < ${before}) and (${filter.id ?? null}::bigint is null or q.id = ${filter.id ?? null})
      and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.field ?? null}::text is null or q.field = ${filter.field ?? null})
      and (${filter.open ?? null}::boolean is null or (q.decided_at is null) = ${filter.open ?? null})
    order by q.id desc limit ${limit}`
}

/** The guard's window of a channel and field, which an incident is of: since when it counts, how many listings moved since, and how many may (null: as many as like). */
export type IncidentWindow = {
  readonly begins: Date
  readonly minutes: number
  readonly listings: number
  readonly moved: number
  readonly allowed: number | null
  /** Approving the incident makes the window count anew: it holds more than falls. */
  readonly restarts: boolean
}

/** The window as it counts now. */
export async function readIncidentWindow(sql: Sql, id: number): Promise<IncidentWindow | null> {
  const [row] = await sql<IncidentWindow[]>`
    select w.begins, (w.limits).window_minutes as minutes, w.listings, w.moved, w.allowed,
      exists (select from quarantine_items i where i.quarantine_id = q.id and i.limit_name <> 'dropped') as restarts
    from quarantines q cross join lateral guard_window(q.channel_id, q.field, clock_timestamp()) w where q.id = ${id}`
  return row ?? null
}

/** A value that an incident holds or held: what the platform had, what was to replace it, and which limit that goes beyond. */
export type QuarantineItem = {
  readonly listingId: number
  readonly sku: string
  readonly externalId: string
  readonly limit: 'changed' | 'dropped' | 'zeroed'
  readonly before: Readonly<Record<string, unknown>>
  readonly value: Readonly<Record<string, unknown>>
  readonly at: Date
  readonly leftAt: Date | null
  readonly leftHow: 'approved' | 'released' | 'changed' | 'shown' | null
}

/** The values of an incident by listing, after the one; with `held` only those that still wait. */
export function listQuarantineItems(sql: Sql, id: number, held: boolean, after: number, limit: number): Promise<QuarantineItem[]> {
  return sql<QuarantineItem[]>`
    select i.listing_id as "listingId", coalesce(v.sku, l.external_sku) as sku, l.external_id as "externalId", i.limit_name as "limit", i.before, i.value, i.at,
      i.left_at as "leftAt", i.left_how as "leftHow"
    from quarantine_items i join listings l on l.id = i.listing_id left join variants v on v.id = l.variant_id
    where i.quarantine_id = ${id} and i.listing_id > ${after} and (not ${held}::boolean or i.left_at is null)
    order by i.listing_id limit ${limit}`
}
