import { type Sql, singleBeside } from './connect.ts'

const idle = new WeakMap<Sql, Sql[]>()

/**
 * Lends a connection beside the pool, so that statements go one behind the other over it: what is sent while another is under way follows it at
 * once, and none of them stands behind a slow one of somebody else. The one that was used last is lent first: its session has its plans at hand. The
 * library's own `reserve` is no help: it never answers when it has to open a connection first and `fetch_types` is off.
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

const AT_HAND_MOST = 6
const lent = new WeakMap<Sql, number>()

/**
 * Runs statements where their plans are most likely at hand: over the connection that `onOneConnection` lent last, as long as few are lent so, else over the pool, which gives each
 * statement to the connection that was idle longest. A large function is planned by each session that runs it, for longer than a small set takes.
 */
export async function withPlansAtHand<T>(sql: Sql, act: (sql: Sql) => Promise<T>): Promise<T> {
  const now = lent.get(sql) ?? 0
  if (now >= AT_HAND_MOST) return act(sql)
  lent.set(sql, now + 1)
  try {
    return await onOneConnection(sql, act)
  } finally {
    lent.set(sql, (lent.get(sql) ?? 1) - 1)
  }
}
