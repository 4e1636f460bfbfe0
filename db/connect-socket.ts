import { Socket } from 'node:net'
import type { ParsedOptions } from 'postgres'

/**
 * Lets a pool open its sockets without Nagle's algorithm, which the library leaves on: what follows before the server has acknowledged what went
 * before it waits for that, 40 ms each time. The end of each COPY is such, and so is what is sent behind a statement under way. A list of hosts is left to
 * the library, which tries them one after another and does not tell which.
 */
export function withoutDelay<Pool extends { readonly options: Pick<ParsedOptions, 'host'> }>(pool: Pool): Pool {
  if (pool.options.host.length === 1) Object.assign(pool.options, { socket: openSocket })
  return pool
}

/** Where a pool goes, as the library has read it; `path` is a Unix socket, or false. */
type Address = { readonly host: readonly string[]; readonly port: readonly number[]; readonly path: string | false }

/** A socket that will connect. Host and port are noted on it as by the library, which reads them for the name that TLS verifies, and for its errors. */
function openSocket({ host: [host = 'localhost'], port: [port = 5432], path }: Address): Socket {
  const socket = new Socket()
  socket.setNoDelay()
  // The library takes the socket for connected, and writes its greeting in the next turn of the event loop. Should connecting fail before that, it
  // would keep the greeting and send nothing at all when it connects again.
  socket.cork()
  socket.once('connect', () => socket.uncork())
  const open = () => {
    if (!socket.destroyed) socket.connect(path ? { path } : { host, port: Number(port) })
  }
  setImmediate(() => setImmediate(open))
  return Object.assign(socket, { host, port })
}
