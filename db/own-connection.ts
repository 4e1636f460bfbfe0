import { type Sql, singleBeside } from './connect.ts'

const idle = new WeakMap<Sql, Sql[]>()

/**
 * Lends a connection beside the pool, so that statements go one behind the other over it: what is sent while another is under way follows it at
 * once. The one that was used last is lent first: its session has its plans at hand. The library's own `reserve` is no help: it never answers
 * when it has to open a connection first and `fetch_types` is off.
 *
 * A connection that is lost is opened anew by the next statement, so whoever needs two statements to have met the same session compares its
 * `pg_backend_pid()`.
 */
export async function onOneConnection<T>(sql: Sql, act: (own: Sql) => Promise<T>): Promise<T> {
  const free = idle.get(sql) ?? []
  idle.set(sql, free)
  const own = free.pop() ?? singleBeside(sql)
  try {
    return await act(own)
  } finally {
    free.push(own)
  }
}
