import type { Sql } from './connect.ts'

export type DriftRow = {
  readonly id: number
  readonly channel: string
  readonly listing: number
  readonly sku: string
  readonly externalId: string
  readonly field: 'stock' | 'price' | 'listing'
  readonly cause: 'order' | 'edited' | 'lost' | 'gone' | 'unmapped'
  readonly state: 'open' | 'held' | 'taking' | 'repaired' | 'taken' | 'explained' | 'overtaken' | 'seen'
  /** What the platform showed by our books, what we wanted, and what it shows. */
  readonly believed: Readonly<Record<string, unknown>> | null
  readonly wanted: Readonly<Record<string, unknown>> | null
  readonly shown: Readonly<Record<string, unknown>> | null
  /** Of stock: units more or fewer than believed, and how many of them orders have explained. */
  readonly units: number | null
  readonly explained: number
  readonly rightAt: Date | null
  readonly modifiedAt: Date | null
  readonly foundAt: Date
  /** Why the platform's value was not taken in. */
  readonly reason: 'currency' | 'sale' | 'below_floor' | 'elsewhere' | 'shared' | 'bundle' | 'rule' | 'too_few' | null
  readonly words: string | null
  readonly winner: 'hub' | 'platform' | null
  readonly decidedBy: string | null
  readonly decidedAt: Date | null
  readonly note: string | null
  readonly endedAt: Date | null
}

export type DriftFilter = {
  readonly id?: number | undefined
  readonly channel?: string | undefined
  readonly field?: DriftRow['field'] | undefined
  readonly cause?: DriftRow['cause'] | undefined
  readonly state?: DriftRow['state'] | undefined
  /** True: those that have not ended. */
  readonly open?: boolean | undefined
}

/** Differences, the newest first, before the id. */
export function listDrifts(sql: Sql, filter: DriftFilter, before: number | null, limit: number): Promise<DriftRow[]> {
  return sql<DriftRow[]>`
    select d.id, c.code as channel, d.listing_id as listing, coalesce(v.sku, l.external_sku) as sku, l.external_id as "externalId", d.field, d.cause, d.state, d.believed,
      d.wanted, d.shown, d.units, abs(d.explained) as explained, d.right_at as "rightAt", d.modified_at as "modifiedAt", d.found_at as "foundAt", d.reason, d.words, d.winner,
      d.decided_by as "decidedBy", d.decided_at as "decidedAt", d.note, d.ended_at as "endedAt"
    from drifts d join channels c on c.id = d.channel_id join listings l on l.id = d.listing_id left join variants v on v.id = l.variant_id
    where (${before}::bigint is null or d.id < ${before}) and (${filter.id ?? null}::bigint is null or d.id = ${filter.id ?? null})
      and (${filter.channel ?? null}::text is null or c.code = ${filter.channel ?? null})
      and (${filter.field ?? null}::text is null or d.field = ${filter.field ?? null})
      and (${filter.cause ?? null}::text is null or d.cause = ${filter.cause ?? null})
      and (${filter.state ?? null}::text is null or d.state = ${filter.state ?? null})
      and (${filter.open ?? null}::boolean is null or (d.ended_at is null) = ${filter.open ?? null})
    order by d.id desc limit ${limit}`
}

export type DriftCheckRow = {
  readonly id: number
  readonly actor: string
  readonly askedAt: Date
  readonly beganAt: Date | null
  readonly endedAt: Date | null
  /** A search of everything, or the platform's reports and what they do not settle by name. */
  readonly way: 'search' | 'report'
  readonly calls: number
  /** Listings looked at, and differences found. */
  readonly seen: number
  readonly differs: number
}

export type ChannelDrift = {
  readonly channel: string
  readonly account: string
  readonly accountId: number
  readonly platform: string
  /** How many times faster than a real platform it goes (sandboxes). */
  readonly scale: number
  /** Matched listings of the account: what a check looks at, at the least. */
  readonly listings: number
  readonly running: DriftCheckRow | null
  readonly last: DriftCheckRow | null
  readonly stock: 'hub' | 'platform' | 'ask'
  readonly price: 'hub' | 'platform' | 'ask'
  readonly open: number
  readonly held: number
  /** Accepted by the platform and not proven yet: how many values, and since when the oldest. */
  readonly unproven: number
  readonly unprovenSince: Date | null
}

/** How a channel stands: its checks, who wins, what is open, and what is accepted but not proven. Null: there is no such channel. */
export async function channelDrift(sql: Sql, code: string): Promise<ChannelDrift | null> {
  const check = sql`jsonb_build_object('id', k.id, 'actor', k.actor, 'askedAt', k.asked_at, 'beganAt', k.began_at, 'endedAt', k.ended_at, 'way', k.way, 'calls', k.calls, 'seen', k.seen, 'differs', k.differs)`
  const [row] = await sql<(Omit<ChannelDrift, 'running' | 'last'> & { running: Stated | null; last: Stated | null })[]>`
    select c.code as channel, a.name as account, a.id as "accountId", a.platform, coalesce((a.settings->>'scale')::float8, 1) as scale,
      (select count(*)::int from listings l where l.account_id = a.id and l.variant_id is not null and l.state <> 'gone') as listings,
      (select ${check} from drift_checks k where k.account_id = a.id and k.ended_at is null) as running,
      (select ${check} from drift_checks k where k.account_id = a.id and k.ended_at is not null order by k.id desc limit 1) as last,
      coalesce((select winner from drift_policies w where w.channel_id = c.id and w.field = 'stock' and w.valid_to is null), 'hub') as stock,
      coalesce((select winner from drift_policies w where w.channel_id = c.id and w.field = 'price' and w.valid_to is null), 'hub') as price,
      (select count(*)::int from drifts d where d.channel_id = c.id and d.ended_at is null) as open,
      (select count(*)::int from drifts d where d.channel_id = c.id and d.ended_at is null and d.state = 'held') as held,
      u.n as unproven, u.since as "unprovenSince"
    from channels c join accounts a on a.id = c.account_id
    cross join lateral (select count(*)::int as n, min(accepted_at) as since from publications p
      where p.channel_id = c.id and accepted_at is not null and (applied_at is null or applied_at < accepted_at)) u
    where c.code = ${code}`
  return row ? { ...row, running: dated(row.running), last: dated(row.last) } : null
}

type Stated = Omit<DriftCheckRow, 'askedAt' | 'beganAt' | 'endedAt'> & { askedAt: string; beganAt: string | null; endedAt: string | null }

function dated(check: Stated | null): DriftCheckRow | null {
  if (check === null) return null
  const date = (text: string | null): Date | null => (text === null ? null : new Date(text))
  return { ...check, askedAt: new Date(check.askedAt), beganAt: date(check.beganAt), endedAt: date(check.endedAt) }
}

export type DriftGauges = {
  readonly drifts: readonly { readonly channel: string; readonly field: string; readonly cause: string; readonly count: number }[]
  readonly unproven: readonly { readonly channel: string; readonly count: number; readonly seconds: number }[]
}

/** What monitoring wants to know: open differences, and accepted values that are not proven with the age of the oldest in seconds. */
export async function driftGauges(sql: Sql): Promise<DriftGauges> {
  const [row] = await sql<[DriftGauges]>`
    select
      (select coalesce(jsonb_agg(jsonb_build_object('channel', c.code, 'field', d.field, 'cause', d.cause, 'count', d.n)), '[]')
        from (select channel_id, field, cause, count(*) as n from drifts where ended_at is null group by 1, 2, 3) d join channels c on c.id = d.channel_id) as drifts,
      (select coalesce(jsonb_agg(jsonb_build_object('channel', c.code, 'count', u.n, 'seconds', coalesce(extract(epoch from clock_timestamp() - u.since), 0))), '[]')
        from channels c cross join lateral (select count(*) as n, min(accepted_at) as since from publications p
          where p.channel_id = c.id and accepted_at is not null and (applied_at is null or applied_at < accepted_at)) u) as unproven`
  if (row === undefined) throw new Error('the gauges gave no row')
  return row
}
