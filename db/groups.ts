import type { GroupState } from '../src/domain/fulfilment/group-life.ts'
import type { JsonValue, Sql } from './connect.ts'

/** A line of a group after a command: what is open, how much of that is picked, and what was picked and is not wanted any more. */
export type GroupLine = { readonly lineId: number; readonly open: number; readonly picked: number; readonly putBack: number }

type Told = { readonly groupId: number; readonly state: GroupState; readonly replayed?: true }

export type GroupAnswer =
  | (Told & { readonly outcome: 'picked'; readonly lines: readonly GroupLine[]; readonly promisedAgain: number })
  | (Told & { readonly outcome: 'put_back' | 'arrived' | 'kept' | 'sent'; readonly lines: readonly GroupLine[] })
  | (Told & {
      readonly outcome: 'ready'
      readonly lines: readonly GroupLine[]
      readonly code: string | null
      readonly collectBy: string | null
      readonly act: number | null
    })
  | (Told & {
      readonly outcome: 'handed_over'
      readonly act: number
      readonly lines: readonly { readonly lineId: number; readonly externalLineId: string; readonly quantity: number }[]
    })
  | (Told & { readonly outcome: 'received' /** Of the store; null: nothing of it was wanted any more. */; readonly group: number | null })
  | { readonly outcome: 'rejected'; readonly group: number; readonly state: GroupState; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'closed' | 'not_ready' | 'ended'; readonly state: GroupState | 'held' }
  | { readonly outcome: 'over'; readonly lineId: number; readonly sku: string | null; readonly asked: number; readonly open: number }
  | { readonly outcome: 'in_parts'; readonly lineId: number }
  | { readonly outcome: 'too_many'; readonly lineId: number; readonly sku: string; readonly asked: number; readonly open: number }
  | { readonly outcome: 'part_needed'; readonly lineId: number; readonly parts: readonly string[] }
  | { readonly outcome: 'not_picked'; readonly lineId: number; readonly sku: string; readonly open: number; readonly picked: number }
  | { readonly outcome: 'wrong_code'; readonly left: number }
  | { readonly outcome: 'code_locked' }
  | { readonly outcome: 'key_conflict' }

export type GroupFunction =
  | 'fulfilment_pick_1'
  | 'fulfilment_put_back_1'
  | 'fulfilment_ready_1'
  | 'fulfilment_hand_over_1'
  | 'fulfilment_arrive_1'
  | 'fulfilment_reject_1'
  | 'pick_up_keep_longer_1'
  | 'parcel_send_1'
  | 'parcel_receive_1'

/** Does something with a fulfilment group; see functions/48_pick_up.sql, 48_pick_up_hand.sql and 49_store_parcels.sql. */
export async function actOnGroup(sql: Sql, name: GroupFunction, cmd: JsonValue): Promise<GroupAnswer> {
  const [row] = await sql<{ answer: GroupAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}

/** Where a group is, for as long as it is; null where there is no such group. */
export async function locationOfGroup(sql: Sql, groupId: number): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`select location_id as id from fulfilment_groups where id = ${groupId}`
  return row?.id ?? null
}

/** Where goods that are sent to a store come from and go to, and of which order; `to` null: they go to none. */
export async function parcelPlaces(
  sql: Sql,
  groupId: number,
): Promise<{ readonly orderId: number; readonly from: number; readonly to: number | null } | null> {
  const [row] = await sql<{ orderId: number; from: number; to: number | null }[]>`
    select order_id as "orderId", location_id as from, case method when 'ship_to_store' then collect_location_id end as to
    from fulfilment_groups where id = ${groupId}`
  return row ?? null
}
