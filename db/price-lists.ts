import type { BelowFloor } from '../src/domain/pricing/below-floor.ts'
import type { Audience } from '../src/domain/pricing/facts.ts'
import type { JsonValue, Sql } from './connect.ts'

/** For whom a list is: its kind, and the code of the region, channel group, channel, partner tier or partner; null for everyone. */
export type AudienceNamed = { readonly kind: Audience; readonly code: string | null }

export type PriceListTerms = {
  readonly title: string
  readonly currency: string
  readonly kind: 'price' | 'sale'
  readonly audience: AudienceNamed
  readonly priority: number
  /** Null: as the channel that shows it. */
  readonly taxIncluded: boolean | null
  /** ISO 8601 in UTC. */
  readonly from: string | null
  /** The first instant at which it no longer holds. */
  readonly to: string | null
  readonly fourEyes: boolean
}

type Done<Facts> = { readonly outcome: 'done'; readonly version: number; readonly replayed?: true } & Facts

export type PriceListRefusal =
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown; readonly line?: number }
  | { readonly outcome: 'missing'; readonly field: string }
  | { readonly outcome: 'period'; readonly from: string; readonly to: string }
  | { readonly outcome: 'ended'; readonly list?: string }
  | { readonly outcome: 'stale'; readonly version: number }
  | { readonly outcome: 'cycle' | 'too_deep'; readonly path: readonly string[] }
  | { readonly outcome: 'twice'; readonly line: number }
  | { readonly outcome: 'below_floor'; readonly below: readonly BelowFloor[] }
  | { readonly outcome: 'nothing' | 'own' | 'forbidden' | 'too_many' | 'key_conflict' }

/** What each command on a list answers when it is done; see functions/61_price_list_*.sql for `cmd` and the refusals. */
export type PriceListCommands = {
  readonly price_list_set_1: {
    readonly changed: boolean
    readonly made: boolean
    readonly state: 'draft' | 'approved'
    readonly waiting: boolean
  }
  readonly price_list_entries_1: { readonly changed: number; readonly waiting: boolean }
  readonly price_list_approve_1: {
    readonly terms: boolean
    readonly entries: number
    readonly notLower?: NotLower | null
    readonly guard?: readonly GuardAhead[] | null
    /** It speaks of too many SKUs to be judged ahead. */
    readonly unjudged?: boolean
  }
  readonly price_list_reject_1: { readonly terms: boolean; readonly entries: number }
  readonly price_list_end_1: { readonly changed: boolean }
}

export type PriceListAnswer<Name extends keyof PriceListCommands> = Done<PriceListCommands[Name]> | PriceListRefusal

/** Carries out a command on a price list. */
export async function priceListCommand<Name extends keyof PriceListCommands>(
  sql: Sql,
  name: Name,
  cmd: JsonValue,
): Promise<PriceListAnswer<Name>> {
  const called: keyof PriceListCommands = name
  const [row] = await sql<{ answer: PriceListAnswer<Name> }[]>`select ${sql(called)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}

/** `live`: approved and in its period. `ended`: ended by a person, or its period is over. */
export type PriceListState = 'draft' | 'approved' | 'live' | 'ended'

export type PriceListRow = {
  readonly id: number
  readonly code: string
  readonly state: PriceListState
  readonly terms: PriceListTerms
  /** Terms that wait for approval; null: none. */
  readonly waitingTerms: PriceListTerms | null
  /** Entries that stand, and that wait for approval. */
  readonly entries: number
  readonly waitingEntries: number
  readonly createdAt: Date
  readonly changedAt: Date
  readonly changedBy: string
  /** Changes with every change; an approval names the one that was seen. */
  readonly version: number
}

/** The state of the terms `t`. */
export const PRICE_LIST_STATE = (sql: Sql, now: Date | null) => sql`
  case when t.state = 'approved' and t.ends_at <= coalesce(${now}::timestamptz, clock_timestamp()) then 'ended'
    when t.state = 'approved' and (t.starts_at is null or t.starts_at <= coalesce(${now}::timestamptz, clock_timestamp())) then 'live' else t.state end`

/** Lists with what stands and waits, ready for conditions on `l` and `t`. */
export const priceListColumns = (sql: Sql, now: Date | null) => sql`
  select l.id, l.code, l.created_at as "createdAt", price_terms_told(t) as terms, price_terms_told(price_list_waits(l.id)) as "waitingTerms", ${PRICE_LIST_STATE(sql, now)} as state,
    (select count(*)::int from price_entries e where e.list_id = l.id and e.valid_from is not null and e.valid_to is null) as entries,
    (select count(*)::int from price_entries e where e.list_id = l.id and e.valid_from is null and e.valid_to is null)
      + (select count(*)::int from price_entries e where e.list_id = l.id and e.valid_from is null and e.valid_to = 'infinity') as "waitingEntries",
    a.at as "changedAt", a.actor as "changedBy", coalesce(a.id, 0) as version
  from price_lists l join price_list_terms t on t.list_id = l.id and t.valid_to is null
  left join lateral (select x.id, x.at, x.actor from audit x where x.subject = 'price-list:' || l.code order by x.id desc limit 1) a on true`

/** One list; null for an unknown code. `now` null: the database's clock. */
export async function readPriceList(sql: Sql, code: string, now: Date | null = null): Promise<PriceListRow | null> {
  const [row] = await sql<PriceListRow[]>`${priceListColumns(sql, now)} where l.code = ${code}`
  return row ?? null
}

export type PriceListFilter = {
  readonly state?: PriceListState | undefined
  readonly kind?: 'price' | 'sale' | undefined
  readonly audience?: AudienceNamed | undefined
  readonly currency?: string | undefined
  /** Only those with something to approve: drafts, and lists with terms or entries that wait. */
  readonly waiting?: boolean | undefined
}

/** Lists by their ids, after the id. `now` null: the database's clock. */
export function listPriceLists(
  sql: Sql,
  filter: PriceListFilter,
  after: number,
  limit: number,
  now: Date | null = null,
): Promise<PriceListRow[]> {
  const { audience } = filter
  return sql<PriceListRow[]>`
    select * from (${priceListColumns(sql, now)}
      where l.id > ${after} and (${filter.kind ?? null}::text is null or t.kind = ${filter.kind ?? null})
        and (${filter.currency ?? null}::text is null or t.currency = ${filter.currency ?? null})
        and (${filter.state ?? null}::text is null or ${PRICE_LIST_STATE(sql, now)} = ${filter.state ?? null})
        and (${audience?.kind ?? null}::text is null or t.audience = ${audience?.kind ?? null}
          and (${audience?.code ?? null}::text is null or t.audience_id = price_audience_id(t.audience, ${audience?.code ?? null})))) x
    where not ${filter.waiting ?? false} or x.state = 'draft' or x."waitingTerms" is not null or x."waitingEntries" > 0
    order by x.id limit ${limit}`
}

/** Another list that could price the same goods for the same buyers at the same time; `wins` is the code of the one that holds. */
export type PriceListOverlap = { readonly list: string; readonly state: 'draft' | 'approved'; readonly wins: string }

/**
 * Where a list will be passed over, as the tax between its basis (or that of what its rules lean on) and the channel's is not known: the channel has no region, or the
 * region no rate for a tax category.
 */
export type PriceListGap = {
  readonly channel: string
  readonly because: 'no_region' | 'no_tax_rate'
  readonly region?: string
  readonly category?: string
  readonly skus: number
}

/** Where entries show nowhere, as another source goes before the list: SKUs listed in a channel, and the first of them with the list that wins; without one, a typed price does. */
export type PriceListBeaten = {
  readonly channel: string
  readonly skus: number
  readonly examples: readonly { readonly sku: string; readonly list?: string; readonly amount: string; readonly currency: string }[]
}

/** Where a larger quantity costs more than a smaller one. `of`: a SKU, product or category; null: all. Values are decimal text, of fixed prices in the list's currency. */
export type DearerBreaks = {
  readonly count: number
  readonly examples: readonly {
    readonly of: string | null
    readonly rule: 'fixed' | 'percent' | 'amount' | 'margin'
    readonly minQuantity: number
    readonly value: string
    readonly fewer: number
    readonly fewerValue: string
  }[]
}

/** Where a sale is not lower than the regular price at its beginning. Amounts are decimal text. */
export type NotLower = {
  readonly count: number
  readonly examples: readonly {
    readonly sku: string
    readonly channel: string
    readonly currency: string
    readonly regular: string
    readonly sale: string
  }[]
}

/** What the guard of a channel would hold of an approved list when its prices begin to show. Percentages are decimal text; null limits are left out. */
export type GuardAhead = {
  readonly channel: string
  readonly at: string
  readonly listings: number
  readonly moved: number
  readonly allowed?: number
  readonly windowMinutes: number
  readonly held: number
  /** Of those that are held: more than may change, and falls by too much. */
  readonly changed: number
  readonly dropped: number
  readonly changedPercent?: string
  readonly dropPercent?: string
  /** Whoever approved the list took it: just these values pass. */
  readonly accepted: boolean
  readonly examples: readonly {
    readonly sku: string
    readonly limit: 'changed' | 'dropped'
    readonly before: Readonly<Record<string, unknown>>
    readonly after: Readonly<Record<string, unknown>>
  }[]
}

export async function priceListGaps(sql: Sql, code: string, now: Date | null = null): Promise<readonly PriceListGap[]> {
  const [row] = await sql<{ gaps: PriceListGap[] }[]>`
    select price_list_gaps(l.id, coalesce(${now}::timestamptz, clock_timestamp())) as gaps from price_lists l where l.code = ${code}`
  return row?.gaps ?? []
}

/** Where another source goes before a list when it begins. */
export async function priceListBeaten(sql: Sql, code: string, now: Date | null = null): Promise<readonly PriceListBeaten[]> {
  const [row] = await sql<{ beaten: PriceListBeaten[] }[]>`
    select price_list_beaten(l.id, coalesce(${now}::timestamptz, clock_timestamp())) as beaten from price_lists l where l.code = ${code}`
  return row?.beaten ?? []
}

/** Where a list asks more of whoever buys more; null: nowhere. */
export async function priceListDearerBreaks(sql: Sql, code: string): Promise<DearerBreaks | null> {
  const [row] = await sql<
    { dearer: DearerBreaks | null }[]
  >`select price_list_dearer_breaks(id) as dearer from price_lists where code = ${code}`
  return row?.dearer ?? null
}

export function priceListOverlaps(sql: Sql, code: string, now: Date | null = null): Promise<PriceListOverlap[]> {
  return sql<PriceListOverlap[]>`
    select o.code as list, o.state, o.wins from price_lists l cross join lateral price_list_overlaps(l.id, coalesce(${now}::timestamptz, clock_timestamp())) o
    where l.code = ${code}`
}
