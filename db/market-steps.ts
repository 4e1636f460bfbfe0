import type { MarketFacts, MarketStep } from '../src/domain/pricing/market-facts.ts'
import type { JsonValue, Sql } from './connect.ts'
import type { MarketRuleStated } from './market-rules.ts'

/** SKUs that wait to be judged, as they were taken. */
export type MarketWork = { readonly variantId: number; readonly asked: number }

/** The facts of one rule about one SKU, and what a decision on them leans on in the books. */
export type MarketFactsRow = MarketFacts & {
  readonly variantId: number
  readonly termsId: number
  readonly ruleId: number
  readonly listId: number
  readonly list: string
  /** The last step; 0: there was none. */
  readonly lastId: number
  /** The entry that stands in the list, and the one that waits. */
  readonly entryId: number | null
  readonly waitingId: number | null
  /** In a dry run: the rule that decides here, where it is another. */
  readonly ruledBy: string | null
}

export type MarketWritten = {
  readonly outcome: 'done'
  readonly steps: number
  /** Of them, those that wait for approval. */
  readonly waiting: number
  readonly wars: number
  /** SKUs of which something changed meanwhile: they are judged again. */
  readonly stale: number
  readonly refused: readonly { readonly sku: string; readonly list: string; readonly outcome: string }[]
}

/** Takes at most `limit` SKUs to judge, for so many seconds. */
export function takeMarketWork(sql: Sql, limit: number, leaseS: number): Promise<MarketWork[]> {
  return sql<MarketWork[]>`select variant_id as "variantId", asked from market_take_1(${limit}, ${leaseS})`
}

type Kept = { readonly variantId: number; readonly facts: Omit<MarketFactsRow, 'variantId'> }

/** What the rules in force for SKUs decide upon, at the instant. */
export async function readMarketFacts(sql: Sql, variantIds: readonly number[], now: Date): Promise<MarketFactsRow[]> {
  const rows = await sql<Kept[]>`select variant_id as "variantId", facts from market_facts_1(${variantIds as number[]}::bigint[], ${now})`
  return rows.map(factsOf)
}

/** The same for a rule as it stands (`said` null) or as it is stated, of SKUs that somebody offers, after one. */
export async function tryMarketFacts(
  sql: Sql,
  rule: string,
  said: MarketRuleStated | null,
  after: number,
  limit: number,
  now: Date,
): Promise<MarketFactsRow[]> {
  const terms = said === null ? null : sql.json(said as unknown as JsonValue)
  const rows = await sql<
    Kept[]
  >`select variant_id as "variantId", facts from market_try_1(${rule}, ${terms}::jsonb, ${after}, ${limit}, ${now})`
  return rows.map(factsOf)
}

/** Instants come as text within a document. */
function factsOf({ variantId, facts }: Kept): MarketFactsRow {
  const step = (told: MarketStep): MarketStep => ({ ...told, at: new Date(told.at) })
  return {
    ...facts,
    variantId,
    ruledBy: facts.ruledBy ?? null,
    offers: facts.offers.map(offer => ({ ...offer, seenAt: new Date(offer.seenAt) })),
    steps: facts.steps.map(step),
    last: facts.last === null ? null : step(facts.last),
    stop: facts.stop === null ? null : { ...facts.stop, at: new Date(facts.stop.at) },
    resumedAt: facts.resumedAt === null ? null : new Date(facts.resumedAt),
  }
}

/** Writes what rules decided, guarded; see market_steps_1. */
export async function writeMarketTurns(sql: Sql, cmd: JsonValue): Promise<MarketWritten> {
  const [row] = await sql<{ answer: MarketWritten }[]>`select market_steps_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('market_steps_1 answered no row')
  return row.answer
}

/** Takes SKUs off the work of which no rule speaks any more. */
export async function dropMarketWork(sql: Sql, work: readonly MarketWork[]): Promise<void> {
  await sql`select market_idle_1(${work.map(one => one.variantId)}::bigint[], ${work.map(one => one.asked)}::bigint[])`
}

/** How many steps a rule took for SKUs since the instant, by SKU; those without any are left out. */
export async function stepsSince(sql: Sql, rule: string, skus: readonly string[], since: Date): Promise<Map<string, number>> {
  const rows = await sql<{ sku: string; n: number }[]>`
    select v.sku, count(*)::int as n from market_steps s join market_rules r on r.id = s.rule_id join variants v on v.id = s.variant_id
    where r.code = ${rule} and v.sku = any(${skus as string[]}::text[]) and s.at > ${since} group by 1`
  return new Map(rows.map(row => [row.sku, row.n]))
}

export type MarketStepRow = {
  readonly id: number
  readonly at: Date
  readonly rule: string
  readonly list: string
  readonly sku: string
  readonly currency: string
  /** Null: the list asked nothing before. */
  readonly from: string | null
  readonly to: string
  readonly competitor: string
  /** The offer that it followed, as it was stated. */
  readonly offer: { readonly id: number; readonly amount: string; readonly currency: string; readonly channel: string | null }
  readonly target: string
  readonly clamp: 'floor' | 'ceiling' | 'most' | null
  /** A step down, after the same competitor went down after our step before. */
  readonly isAnswer: boolean
  readonly why: string
  /** It was written to a list marked four eyes, where it waited for approval. */
  readonly waits: boolean
}

export type MarketStepFilter = { readonly sku?: string | undefined; readonly rule?: string | undefined; readonly list?: string | undefined }

/** Steps, the newest first, before the id. */
export function listMarketSteps(sql: Sql, filter: MarketStepFilter, before: number | null, limit: number): Promise<MarketStepRow[]> {
  const [sku, rule, list] = [filter.sku ?? null, filter.rule ?? null, filter.list ?? null]
  return sql<MarketStepRow[]>`
    select s.id, s.at, r.code as rule, l.code as list, v.sku, t.currency, trim_scale(s.from_amount)::text as "from", trim_scale(s.to_amount)::text as "to", s.competitor,
      jsonb_build_object('id', o.id, 'amount', trim_scale(o.amount)::text, 'currency', o.currency, 'channel', c.code) as offer,
      trim_scale(s.target)::text as target, s.clamp, s.is_answer as "isAnswer", s.why, s.waits
    from market_steps s join market_rules r on r.id = s.rule_id join price_lists l on l.id = s.list_id join variants v on v.id = s.variant_id
    join price_list_terms t on t.list_id = l.id and t.valid_to is null join market_offers o on o.id = s.offer_id left join channels c on c.id = o.channel_id
    where (${before}::bigint is null or s.id < ${before}) and (${sku}::text is null or s.variant_id = (select id from variants where sku = ${sku}))
      and (${rule}::text is null or r.code = ${rule}) and (${list}::text is null or l.code = ${list})
    order by s.id desc limit ${limit}`
}

export type MarketStopRow = {
  readonly id: number
  readonly rule: string
  readonly list: string
  readonly sku: string
  readonly competitor: string
  readonly why: {
    readonly steps: number
    readonly windowMinutes: number
    readonly price: string
    readonly offer: string
    readonly target: string
    readonly currency: string
    readonly words: string
  }
  readonly at: Date
  /** Null: it is stopped. */
  readonly resumedAt: Date | null
  readonly resumedBy: string | null
  readonly note: string | null
}

export type MarketStopFilter = {
  readonly sku?: string | undefined
  readonly rule?: string | undefined
  readonly resumed?: boolean | undefined
}

/** Where rules stopped, the newest first, before the id. `resumed`: also those that go on. */
export function listMarketStops(sql: Sql, filter: MarketStopFilter, before: number | null, limit: number): Promise<MarketStopRow[]> {
  const [sku, rule] = [filter.sku ?? null, filter.rule ?? null]
  return sql<MarketStopRow[]>`
    select s.id, r.code as rule, l.code as list, v.sku, s.competitor, s.why, s.at, s.resumed_at as "resumedAt", s.resumed_by as "resumedBy", s.note
    from market_stops s join market_rules r on r.id = s.rule_id join price_lists l on l.id = s.list_id join variants v on v.id = s.variant_id
    where (${before}::bigint is null or s.id < ${before}) and (${filter.resumed ?? false} or s.resumed_at is null)
      and (${sku}::text is null or s.variant_id = (select id from variants where sku = ${sku})) and (${rule}::text is null or r.code = ${rule})
    order by s.id desc limit ${limit}`
}
