import { type Sql, singleBeside } from './connect.ts'

const sides = new WeakMap<Sql, Sql>()

/**
 * The connection beside a pool over which short statements go one behind the other: one that is sent while another is under way is begun as soon as that ends,
 * with its plans at hand. So the database never waits for us, nor does a statement for the locks of the one before it or behind a slow one of somebody
 * else's.
 */
export function sideConnection(sql: Sql): Sql {
  const side = sides.get(sql) ?? singleBeside(sql)
  sides.set(sql, side)
  return side
}
