import type { JsonValue, Sql } from './connect.ts'

/** What may be handed over instead of a SKU, at its place in the order of preference. */
export type Substitute = {
  readonly sku: string
  /** It goes by itself; else it is only proposed. */
  readonly automatic: boolean
  /** How many per cent its regular price may be above; null: by any amount. */
  readonly abovePercent: number | null
}

/** Rules as they were written: of a SKU in a channel, or (null) in all. */
export type SubstitutionRule = {
  readonly sku: string
  readonly channel: string | null
  readonly substitutes: readonly Substitute[]
  readonly since: Date
  readonly actor: string
}

/** Where a list of rules goes on: behind the rule of this SKU in this channel, empty for all channels. */
export type RulePlace = { readonly sku: string; readonly channel: string }

/** The rules that hold, by SKU, those of all channels first. */
export function substitutionRules(sql: Sql, after: RulePlace | null, limit: number): Promise<SubstitutionRule[]> {
  return rulesWhere(sql, sql`(v.sku, coalesce(c.code, '')) > (${after?.sku ?? ''}, ${after?.channel ?? ''})`, limit)
}

/** The rules of one SKU, that of all channels first. */
export function substitutionRulesOf(sql: Sql, sku: string): Promise<SubstitutionRule[]> {
  return rulesWhere(sql, sql`v.sku = ${sku}`, null)
}

function rulesWhere(sql: Sql, where: ReturnType<Sql>, limit: number | null): Promise<SubstitutionRule[]> {
  return sql<SubstitutionRule[]>`
    select v.sku, c.code as channel, max(r.valid_from) as since, max(r.actor) as actor,
      jsonb_agg(jsonb_build_object('sku', s.sku, 'automatic', r.automatic, 'abovePercent', r.above_percent) order by r.position) as substitutes
    from substitution_rules r join variants v on v.id = r.variant_id join variants s on s.id = r.substitute_id left join channels c on c.id = r.channel_id
    where r.valid_to is null and ${where} group by v.sku, c.code order by v.sku, coalesce(c.code, '') limit ${limit}`
}

export type SubstitutionRuleAnswer =
  | { readonly outcome: 'changed' | 'unchanged'; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: 'sku' | 'channel'; readonly value: string; readonly at?: number }
  | { readonly outcome: 'same_sku'; readonly at: number }
  | { readonly outcome: 'twice'; readonly sku: string }
  | { readonly outcome: 'key_conflict' }

/** Writes what may be handed over instead of a SKU; see functions/47_substitution_rules.sql. */
export async function writeSubstitutionRules(sql: Sql, cmd: JsonValue): Promise<SubstitutionRuleAnswer> {
  const [row] = await sql<{ answer: SubstitutionRuleAnswer }[]>`select substitution_rules_set_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('substitution_rules_set_1 gave no row')
  return row.answer
}

export type SubstituteAnswer =
  | { readonly outcome: 'substituted'; readonly line: number; readonly sku: string; readonly quantity: number; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: 'order' | 'line' | 'sku'; readonly value: unknown }
  | { readonly outcome: 'unmatched' }
  | { readonly outcome: 'same_sku'; readonly sku: string }
  | { readonly outcome: 'nothing_short'; readonly state: string }
  | { readonly outcome: 'over'; readonly asked: number; readonly short: number }
  | { readonly outcome: 'not_enough'; readonly sku: string; readonly asked: number; readonly free: number }
  | { readonly outcome: 'key_conflict' }

/** Hands over another SKU instead of short units of a line; see functions/46_substitutes.sql. */
export async function substituteLine(sql: Sql, cmd: JsonValue): Promise<{ readonly answer: SubstituteAnswer; readonly token: string }> {
  const [row] = await sql<{ answer: SubstituteAnswer; token: string }[]>`
    select order_substitute_1(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error('order_substitute_1 gave no row')
  return row
}

/** Hands over by rule what is there instead of what is short, of at most so many orders; answers of how many. */
export async function substituteShort(sql: Sql, at: Date, limit: number): Promise<number> {
  const [row] = await sql<{ served: number }[]>`select orders_substitute_1(${at}, ${limit}) as served`
  return row?.served ?? 0
}

/** What the rules allow instead of a short line, the preferred first, and how many of it are free. */
export type ProposedSubstitute = {
  readonly orderId: number
  readonly lineId: number
  readonly short: number
  readonly sku: string
  readonly free: number
  readonly automatic: boolean
}

/** What may be handed over instead of the short lines of these orders. */
export function proposedSubstitutes(sql: Sql, orderIds: readonly number[]): Promise<ProposedSubstitute[]> {
  return sql<ProposedSubstitute[]>`
    select l.order_id as "orderId", l.id as "lineId", l.short, s.sku, s.free, s.automatic
    from order_lines l cross join lateral order_line_substitutes(l.id, clock_timestamp(), false) with ordinality s(id, sku, free, automatic, nth)
    where l.order_id = any(${[...orderIds]}::bigint[]) and l.short > 0 and l.variant_id is not null order by l.id, s.nth`
}
