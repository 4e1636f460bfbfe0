import type { Sql } from './connect.ts'
import { isConnectionLost } from './once-more.ts'

/**
 * Sends statements one behind the other over one connection of the pool: what is sent while another is under way follows it at once.
 * Where the connection is lost all of them fail, so whichever succeeds was carried out by the same server as those before it.
 */
export async function onOneConnection<T>(sql: Sql, act: (own: Sql) => Promise<T>): Promise<T> {
  const own = await sql.reserve()
  let isLost = false
  try {
    return await act(own)
  } catch (error) {
    isLost = isConnectionLost(error)
    throw error
  } finally {
    // A lost connection went back to the pool by itself, to be opened anew; given back once more it would be taken for an open one.
    if (!isLost) own.release()
  }
}
