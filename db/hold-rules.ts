import type { JsonValue, Sql } from './connect.ts'

export const HOLD_RULES = ['short', 'address', 'amount'] as const
export type HoldRuleKind = (typeof HOLD_RULES)[number]

export type HoldRule = {
  readonly id: number
  /** Null: every channel. */
  readonly channel: string | null
  readonly rule: HoldRuleKind
  readonly above: string | null
  readonly currency: string | null
  readonly actor: string
  readonly since: Date
  /** Null: it holds. */
  readonly until: Date | null
}

/** Rules that hold, and the last ones that were ended, newest first. */
export function listHoldRules(sql: Sql, ended: number): Promise<HoldRule[]> {
  return sql<HoldRule[]>`
    select r.id, c.code as channel, r.rule, trim_scale(r.above)::text as above, r.currency, r.actor, r.valid_from as since, r.valid_to as until
    from hold_rules r left join channels c on c.id = r.channel_id
    where r.valid_to is null or r.id in (select id from hold_rules where valid_to is not null order by valid_to desc, id desc limit ${ended})
    order by r.valid_to is not null, r.valid_to desc, r.id desc`
}

/** Orders that are held by rule now, by the kind of their hold. */
export async function heldByRule(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(distinct order_id)::int as n from order_holds where by_rule and ended_at is null`
  return row?.n ?? 0
}

export type HoldRuleAnswer =
  | { readonly outcome: 'changed' | 'same'; readonly id: number; readonly replayed?: boolean }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: string }
  | { readonly outcome: 'key_conflict' }

export async function writeHoldRule(sql: Sql, cmd: Readonly<Record<string, JsonValue>>): Promise<HoldRuleAnswer> {
  const [row] = await sql<{ answer: HoldRuleAnswer }[]>`select hold_rule_set_1(${sql.json(cmd)}) as answer`
  if (!row) throw new Error('nothing was answered')
  return row.answer
}
