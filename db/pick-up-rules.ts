import type { JsonValue, Sql } from './connect.ts'

export type PickUpRule = {
  /** Days that ready goods are kept. */
  readonly keepDays: number
  /** Hours before the end at which the buyer is reminded; 0: never. */
  readonly remindHours: number
  /** Minutes after its promise at which a group that is not ready counts as late. */
  readonly lateMinutes: number
  readonly extendDays: number
  /** How often a buyer may ask for more time himself. */
  readonly extensionsMost: number
  /** What becomes of what nobody collects. */
  readonly becomes: 'cancel' | 'ship'
}

/** A rule as it was written: of a location, of a channel, or (neither) of all. */
export type WrittenRule = PickUpRule & {
  readonly location: string | null
  readonly channel: string | null
  readonly since: Date
  readonly actor: string
}

/** The rules that hold, of all first. */
export function pickUpRules(sql: Sql): Promise<WrittenRule[]> {
  return sql<WrittenRule[]>`
    select p.code as location, c.code as channel, r.keep_days as "keepDays", r.remind_hours as "remindHours", r.late_minutes as "lateMinutes",
      r.extend_days as "extendDays", r.extensions_most as "extensionsMost", r.becomes, r.valid_from as since, r.actor
    from pick_up_rules r left join locations p on p.id = r.location_id left join channels c on c.id = r.channel_id
    where r.valid_to is null order by p.code nulls first, c.code nulls first`
}

/** The rule that a location's or a channel's orders have, of its own or not; of neither: that of all. */
export async function pickUpRuleOf(
  sql: Sql,
  of: { readonly location?: string | undefined; readonly channel?: string | undefined },
): Promise<PickUpRule> {
  const [row] = await sql<PickUpRule[]>`
    select r.keep_days as "keepDays", r.remind_hours as "remindHours", r.late_minutes as "lateMinutes", r.extend_days as "extendDays",
      r.extensions_most as "extensionsMost", r.becomes
    from pick_up_rule(coalesce((select id from channels where code = ${of.channel ?? ''}), 0), coalesce((select id from locations where code = ${of.location ?? ''}), 0)) r`
  if (row === undefined) throw new Error('pick_up_rule gave no row')
  return row
}

export type RuleAnswer =
  | { readonly outcome: 'changed'; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: string }
  | { readonly outcome: 'key_conflict' }

/** Writes a rule, or takes it back; see functions/47_pick_up_rules.sql. */
export async function writePickUpRule(sql: Sql, cmd: JsonValue): Promise<RuleAnswer> {
  const [row] = await sql<{ answer: RuleAnswer }[]>`select pick_up_rule_set_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('pick_up_rule_set_1 gave no row')
  return row.answer
}

export type StoreFigures = {
  readonly location: string
  readonly name: string
  /** Groups that lie ready, and those of them whose time is over. */
  readonly waiting: number
  readonly over: number
  /** Groups that ended in the days that were asked for. */
  readonly collected: number
  readonly notCollected: number
  /** How often it failed an order in those days, by why: rejected, late, short, damaged. */
  readonly failures: Readonly<Partial<Record<string, number>>>
  /** The rule of channels that have none of their own. */
  readonly rule: PickUpRule
}

/** What waits in each store where buyers collect, and who came in the last days; `location`: of this one only. */
export function storeFigures(sql: Sql, at: Date, days: number, location: string | null): Promise<StoreFigures[]> {
  const since = new Date(at.getTime() - days * 86_400_000)
  return sql<StoreFigures[]>`
    select p.code as location, p.name, o.waiting, o.over, e.collected, e."notCollected", coalesce(f.failures, '{}') as failures,
      (select json_build_object('keepDays', r.keep_days, 'remindHours', r.remind_hours, 'lateMinutes', r.late_minutes, 'extendDays', r.extend_days,
        'extensionsMost', r.extensions_most, 'becomes', r.becomes) from pick_up_rule(0, p.id) r) as rule
    from locations p join location_services s on s.location_id = p.id and s.valid_to is null and s.collects
    cross join lateral (
      select count(*)::int as waiting, count(*) filter (where g.collect_by <= ${at}::timestamptz)::int as over from fulfilment_groups g
      where g.location_id = p.id and g.state = 'ready' and g.method = 'collect') o
    cross join lateral (
      select count(*) filter (where g.state = 'done')::int as collected, count(*) filter (where g.state = 'cancelled' and g.not_collected_at is not null)::int as "notCollected"
      from fulfilment_groups g where g.location_id = p.id and g.method = 'collect' and g.state in ('done', 'cancelled') and g.state_since > ${since}) e
    left join lateral (
      select json_object_agg(x.why, x.n) as failures from (
        select case when e.reason in ('late', 'short', 'damaged') then e.reason else 'rejected' end as why, count(distinct e.order_id)::int as n
        from routing_exclusions e where e.location_id = p.id and e.at > ${since} group by 1) x) f on true
    where p.active and ${location === null ? sql`true` : sql`p.code = ${location}`} order by p.name, p.id`
}
