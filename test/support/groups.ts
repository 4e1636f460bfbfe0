import type { Sql } from '../../db/connect.ts'

/** What a group is made of in a test: units of lines of one order, to be handed over from one location. */
export type GroupSketch = {
  readonly order: string
  readonly location: string
  readonly method?: 'ship' | 'collect'
  readonly state?: 'waiting' | 'picking' | 'ready'
  /** Units by the line's number. */
  readonly lines: Readonly<Record<string, number>>
}

/** Lays a group down as it is; answers its id. */
export async function layGroup(sql: Sql, { order, location, method = 'ship', state = 'waiting', lines }: GroupSketch): Promise<number> {
  const [row] = await sql<{ id: number }[]>`
    with made as (
      insert into fulfilment_groups (order_id, location_id, method, state, actor)
      select o.id, p.id, ${method}, ${state}, 'test' from orders o, locations p where o.external_id = ${order} and p.code = ${location} returning id, order_id
    ), filled as (
      insert into fulfilment_lines (group_id, order_line_id, assigned)
      select m.id, l.id, x.value::int from made m join order_lines l on l.order_id = m.order_id
      join jsonb_each_text(${sql.json(lines)}) x on x.key = l.external_line_id
    )
    select id from made`
  if (!row) throw new Error(`no group for ${order} at ${location}`)
  return row.id
}

/** A group's state, and of each line `assigned/done/released`. */
export async function groupOf(sql: Sql, id: number): Promise<{ state: string; lines: string[] }> {
  const [row] = await sql<{ state: string; lines: string[] }[]>`
    select g.state, array_agg(l.assigned || '/' || l.done || '/' || l.released order by l.order_line_id) as lines
    from fulfilment_groups g join fulfilment_lines l on l.group_id = g.id where g.id = ${id} group by g.id`
  if (!row) throw new Error(`no group ${id}`)
  return row
}
