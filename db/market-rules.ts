import type { MarketRule } from '../src/domain/pricing/market-facts.ts'
import type { JsonValue, Sql } from './connect.ts'

export type MarketScope = 'variant' | 'product' | 'category' | 'all'

/** A rule as a person states it. Amounts are in the list's currency, as the list states prices. */
export type MarketRuleStated = Omit<MarketRule, 'code'> & {
  /** The price list that its steps are written to. */
  readonly list: string
  readonly scope: MarketScope
  readonly sku: string | null
  readonly product: string | null
  readonly category: string | null
  readonly state: 'active' | 'ended'
}

export type MarketRuleRow = MarketRuleStated & {
  readonly id: number
  readonly code: string
  readonly why: string | null
  readonly actor: string
  readonly since: Date
  /** SKUs for which it stopped, and nobody has resumed it. */
  readonly stops: number
}

export type MarketRuleRefusal =
  | { readonly outcome: 'unknown'; readonly field: 'list' | 'sku' | 'product' | 'category' | 'rule'; readonly value: string }
  | { readonly outcome: 'ended'; readonly list: string }
  | { readonly outcome: 'key_conflict' }

export type MarketRuleSet = {
  readonly outcome: 'done'
  readonly made: boolean
  readonly changed: boolean
  readonly replayed?: true
}

/** Makes a rule or changes it; see market_rule_set_1. */
export async function putMarketRule(sql: Sql, cmd: JsonValue): Promise<MarketRuleSet | MarketRuleRefusal> {
  const [row] = await sql<{ answer: MarketRuleSet | MarketRuleRefusal }[]>`select market_rule_set_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('market_rule_set_1 answered no row')
  return row.answer
}

export type MarketResumed = { readonly outcome: 'done'; readonly replayed?: true } | { readonly outcome: 'not_stopped' } | MarketRuleRefusal

/** Lets a rule go on that stopped for a SKU; see market_resume_1. */
export async function resumeMarketRule(sql: Sql, cmd: JsonValue): Promise<MarketResumed> {
  const [row] = await sql<{ answer: MarketResumed }[]>`select market_resume_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('market_resume_1 answered no row')
  return row.answer
}

/** What a stated rule names and nobody knows; null: nothing. */
export async function marketRuleRefusal(sql: Sql, said: MarketRuleStated): Promise<MarketRuleRefusal | null> {
  const [row] = await sql<
    { refusal: MarketRuleRefusal | null }[]
  >`select market_rule_refusal(${sql.json(said as unknown as JsonValue)}) as refusal`
  return row?.refusal ?? null
}

export type MarketRuleFilter = {
  readonly code?: string | undefined
  readonly list?: string | undefined
  readonly ended?: boolean | undefined
}

/** Rules as they stand, in the order of their ids, after the id. */
export async function listMarketRules(sql: Sql, filter: MarketRuleFilter, after: number, limit: number): Promise<MarketRuleRow[]> {
  const [code, list] = [filter.code ?? null, filter.list ?? null]
  const rows = await sql<(Omit<MarketRuleRow, keyof MarketRuleStated> & { readonly terms: MarketRuleStated })[]>`
    select r.id, r.code, market_rule_told(t) as terms, t.why, t.actor, t.valid_from as since,
      (select count(*)::int from market_stops s where s.rule_id = r.id and s.resumed_at is null) as stops
    from market_rules r join market_rule_terms t on t.rule_id = r.id and t.valid_to is null
    where r.id > ${after} and (${code}::text is null or r.code = ${code}) and (${list}::text is null or t.list_id = (select id from price_lists where code = ${list}))
      and (${filter.ended ?? false} or t.state = 'active')
    order by r.id limit ${limit}`
  return rows.map(({ terms, id, code, ...row }) => ({ id, code, ...terms, ...row }))
}
