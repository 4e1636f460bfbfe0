import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { QuickDoor } from './http/quick/door.ts'

export type Listening = {
  readonly port: number
  /** Takes no more connections and waits for the requests under way, at most `graceMs`. */
  readonly close: (graceMs: number) => Promise<void>
}

type Fetch = (request: Request, env: never) => Response | Promise<Response>

const TRIES = 20

/** What answers: the app's `fetch`, and the door before it, when there is one. */
export type Answering = { readonly fetch: Fetch; readonly quick?: QuickDoor }

/**
 * Listens at host and port. With `orNext`, a port that is taken makes way for the next one, up to 20 further.
 * @throws Error in words when the port is taken or may not be used.
 */
export async function listen(answering: Answering, host: string, port: number, orNext: boolean): Promise<Listening> {
  for (let at = port; ; at++) {
    const server = await tryListen(answering, host, at, orNext && at < port + TRIES)
    if (server !== null) return listening(server)
  }
}

/** Null: the port is taken, and another will do. */
function tryListen({ fetch, quick }: Answering, host: string, port: number, orNext: boolean): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const app = getRequestListener(fetch as never, { hostname: host })
    const server = createServer(quick === undefined ? app : quick(app))
    server.listen(port, host, () => resolve(server))
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && orNext) return resolve(null)
      const why = error.code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${error.code ?? error.message})`
      reject(new Error(`${host}:${port} ${why}: set PORT or HOST to another one`, { cause: error }))
    })
  })
}

function listening(server: Server): Listening {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server listens at no port')
  return {
    port: address.port,
    close: graceMs =>
      new Promise(resolve => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs)
        server.close(() => {
          clearTimeout(cut)
          resolve()
        })
        server.closeIdleConnections()
      }),
  }
}
