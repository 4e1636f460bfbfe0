import type { GroupState } from '../src/domain/fulfilment/group-life.ts'
import type { JsonValue, Sql } from './connect.ts'
import type { GroupLine } from './groups.ts'

export type KeptAnswer =
  | {
      readonly outcome: 'kept'
      readonly collectBy: string
      readonly groupId: number
      readonly state: GroupState
      readonly lines: readonly GroupLine[]
      readonly replayed?: true
    }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'closed'; readonly state: GroupState }
  | { readonly outcome: 'used_up'; readonly most: number }
  | { readonly outcome: 'key_conflict' }

export type NotCollectedAnswer =
  | { readonly outcome: 'not_collected'; readonly becomes: 'cancel' | 'ship' }
  | { readonly outcome: 'not_over'; readonly state: string; readonly collectBy: string | null }
  | { readonly outcome: 'unknown'; readonly field: string }

async function ask<T>(sql: Sql, name: 'pick_up_keep_longer_1' | 'pick_up_not_collected_1', cmd: JsonValue): Promise<T> {
  const [row] = await sql<{ answer: T }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}

/** Keeps a group longer for its buyer; see functions/49_pick_up_kept.sql. */
export const keepGroup = (sql: Sql, cmd: JsonValue): Promise<KeptAnswer> => ask(sql, 'pick_up_keep_longer_1', cmd)

/** Ends a group that nobody came for, if its time is over by then. */
export const endUncollected = (sql: Sql, cmd: JsonValue): Promise<NotCollectedAnswer> => ask(sql, 'pick_up_not_collected_1', cmd)

/** Notes reminders and late groups that are due by an instant; answers how many. */
export async function tellWaiting(sql: Sql, at: Date, limit: number): Promise<number> {
  const [row] = await sql<{ told: number }[]>`select pick_up_tell_1(${at}, ${limit}) as told`
  return row?.told ?? 0
}

export type OverGroup = { readonly groupId: number; readonly orderId: number; readonly becomes: 'cancel' | 'ship' }

/** Groups whose time is over by an instant, the longest over first, and what the rule says becomes of them. */
export function groupsOver(sql: Sql, at: Date, limit: number): Promise<OverGroup[]> {
  return sql<OverGroup[]>`select group_id as "groupId", order_id as "orderId", becomes from pick_up_over(${at}, ${limit})`
}
