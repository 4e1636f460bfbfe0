import type { JsonValue, Sql } from './connect.ts'

export const SHORT_BECOMES = ['person', 'incoming', 'cancel'] as const

export type ShortRule = {
  /** What stays short waits for a person; waits for what is to come, else is cancelled; or is cancelled. */
  readonly becomes: (typeof SHORT_BECOMES)[number]
  /** How long it is short before that. */
  readonly afterMinutes: number
}

/** A rule as it was written: of a channel, or (null) of all. */
export type WrittenShortRule = ShortRule & { readonly channel: string | null; readonly since: Date; readonly actor: string }

/** The rules that hold, of all first. */
export function shortRules(sql: Sql): Promise<WrittenShortRule[]> {
  return sql<WrittenShortRule[]>`
    select c.code as channel, r.becomes, r.after_minutes as "afterMinutes", r.valid_from as since, r.actor
    from short_rules r left join channels c on c.id = r.channel_id where r.valid_to is null order by c.code nulls first`
}

/** What holds for a channel: its own rule, else that of all, else a person decides. */
export async function shortRuleOf(sql: Sql, channelId: number): Promise<ShortRule & { readonly isOwn: boolean }> {
  const [row] = await sql<(ShortRule & { isOwn: boolean })[]>`
    select becomes, after_minutes as "afterMinutes", exists (select from short_rules where channel_id = ${channelId} and valid_to is null) as "isOwn"
    from short_rule(${channelId})`
  if (row === undefined) throw new Error('short_rule gave no row')
  return row
}

export type ShortRuleAnswer =
  | { readonly outcome: 'changed'; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: string }
  | { readonly outcome: 'key_conflict' }

/** Writes a rule, or takes it back; see functions/47_short_rules.sql. */
export async function writeShortRule(sql: Sql, cmd: JsonValue): Promise<ShortRuleAnswer> {
  const [row] = await sql<{ answer: ShortRuleAnswer }[]>`select short_rule_set_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('short_rule_set_1 gave no row')
  return row.answer
}

/** Ends by rule what stayed short until an instant, of at most so many orders; answers of how many. */
export async function endShort(sql: Sql, at: Date, limit: number): Promise<number> {
  const [row] = await sql<{ ended: number }[]>`select orders_end_short_1(${at}, ${limit}) as ended`
  return row?.ended ?? 0
}
