import { type ConnectOptions, openPool, type Sql } from './connect-pool.ts'
import { withoutDelay } from './connect-socket.ts'

export { close, type JsonValue, type Sql, singleBeside } from './connect-pool.ts'

/** Opens a pool as `openPool` does, which tells what goes in and comes out; what is sent waits for no acknowledgement of the network. */
export function connect(url: string, options: ConnectOptions = {}): Sql {
  return withoutDelay(openPool(url, options))
}
