import type { JsonValue, Sql } from '../../db/connect.ts'
import { actOnGroup, type GroupAnswer, type GroupFunction } from '../../db/groups.ts'

let last = 0

/** Does something with a group under a key of its own, unless one is given. */
export function actOn(
  sql: Sql,
  name: GroupFunction,
  groupId: number,
  more: Readonly<Record<string, JsonValue>> = {},
): Promise<GroupAnswer> {
  last += 1
  const key = typeof more.key === 'string' ? more.key : `${name}-${groupId}-${last}`
  return actOnGroup(sql, name, { scope: 'test', kind: name, hash: JSON.stringify([groupId, more]), actor: 'test', groupId, ...more, key })
}

export type Grouped = { readonly groupId: number; readonly orderId: number; readonly lineIds: readonly number[] }

/** A group of all that an order has promised at a location, as routing leaves it. */
export async function groupOf(
  sql: Sql,
  externalId: string,
  location: string,
  method: 'ship' | 'collect' = 'collect',
  readyBy: Date | null = null,
): Promise<Grouped> {
  const [row] = await sql<Grouped[]>`
    with o as (
      select id from orders where external_id = ${externalId}
    ), place as (
      select id from locations where code = ${location}
    ), g as (
      insert into fulfilment_groups (order_id, location_id, method, collect_location_id, ready_by, actor)
      select o.id, place.id, ${method}, null, ${readyBy}, 'test' from o, place returning id
    ), lines as (
      insert into fulfilment_lines (group_id, order_line_id, assigned)
      select g.id, l.id, p.units from g, place, o join order_lines l on l.order_id = o.id
      cross join lateral (select sum(units)::int as units from order_line_promises(l.id) x where x.location_id = (select id from place)) p
      where p.units > 0 returning order_line_id
    )
    select (select id from g) as "groupId", (select id from o) as "orderId", array(select order_line_id from lines order by 1) as "lineIds"`
  if (row === undefined || row.lineIds.length === 0) throw new Error(`order ${externalId} has nothing at ${location}`)
  return row
}
