import type { IncomingMessage, ServerResponse } from 'node:http'
import type { KeyHolder } from '../../usecases/key-holder.ts'
import { mayPass, type Principal, type RouteTable } from '../../usecases/principal.ts'
import { TOKEN_HEADER } from '../api.ts'
import type { AppDeps } from '../deps.ts'
import { bearerKey } from '../guard.ts'
import { type NoteRequest, requestIdOf } from '../log.ts'
import { refusalOf } from '../problem.ts'
import { fixedHeaders } from '../security-headers.ts'
import { readBody } from './body.ts'
import type { QuickAnswer, QuickRoute } from './route.ts'
import { makeTurns } from './turns.ts'

/** What Node's server calls for each request. */
export type Listener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/** Stands before a listener: answers what it can, and hands everything else onward. */
export type QuickDoor = (onward: Listener) => Listener

export type QuickParts = {
  readonly deps: Pick<AppDeps, 'sql' | 'keyring' | 'log' | 'publicUrl'>
  readonly table: RouteTable
  readonly holderOf: KeyHolder
  readonly note: NoteRequest
  /** Longer bodies, in bytes, are for the app to refuse. */
  readonly bodyMost: number
  readonly routes: readonly QuickRoute[]
}

/**
 * The quick door: the few routes that are asked thousands of times a second, without the Request and Response objects that cost three times
 * as much as the answer. It takes a request only when all is plain: a key that may pass, a body of stated length in JSON that the route's own
 * schemas let through. Whatever else comes goes to the app unchanged, which refuses it in its own words; so there is one guard, one set of
 * schemas and one use case, whichever door a request takes.
 */
export function makeQuickDoor({ deps, table, holderOf, note, bodyMost, routes }: QuickParts): QuickDoor {
  const headers = fixedHeaders(deps).flat()
  const turn = makeTurns()

  /** Null: the app is to answer. */
  function decide(route: QuickRoute, holder: Principal | null, incoming: IncomingMessage, bytes: Buffer | null) {
    const access = table[route.pattern]
    if (holder === null || access === undefined || !mayPass(access, holder)) return null
    const body = bytes === null ? undefined : parsed(bytes)
    if (body === UNREADABLE) return null
    const act = route.take({ url: incoming.url ?? '', headers: incoming.headers, body })
    return act === null ? null : () => act({ sql: deps.sql, keyring: deps.keyring, actor: holder.actor })
  }

  async function answer(route: QuickRoute, key: string, incoming: IncomingMessage, outgoing: ServerResponse, onward: Listener) {
    const startedAt = performance.now()
    const bytes = route.method === 'POST' ? await readBody(incoming) : null
    await turn()
    // A look-up that fails is asked for again by the app's guard, which answers what comes of it.
    const holder = await holderOf(key).catch(() => null)
    const act = decide(route, holder, incoming, bytes)
    if (act === null) {
      // The adapter of the app takes the body from here when it was read already.
      onward(bytes === null ? incoming : Object.assign(incoming, { rawBody: bytes }), outgoing)
      return
    }
    const requestId = requestIdOf(incoming.headers['x-request-id'])
    let error: unknown
    let sent: { readonly status: number; readonly headers: readonly string[]; readonly body: string }
    try {
      sent = shown(await act())
    } catch (thrown) {
      error = thrown
      const refusal = refusalOf(thrown, requestId)
      sent = { ...refusal, headers: Object.entries(refusal.headers).flat() }
    }
    const length = String(Buffer.byteLength(sent.body))
    outgoing.writeHead(sent.status, [...headers, ...sent.headers, 'x-request-id', requestId, 'content-length', length])
    outgoing.end(sent.body)
    const ms = performance.now() - startedAt
    await turn()
    note({ requestId, route: route.pattern, status: sent.status, ms, actor: holder?.actor, error })
  }

  return onward => (incoming, outgoing) => {
    const { method, url = '' } = incoming
    const route = routes.find(one => one.method === method && one.matches(url))
    const key = route === undefined || !isPlain(incoming, bodyMost) ? undefined : bearerKey(incoming.headers.authorization)
    if (route === undefined || key === undefined) return onward(incoming, outgoing)
    answer(route, key, incoming, outgoing, onward).catch((error: unknown) => {
      // What a route throws is answered above; this would be a defect of the door, and the caller must not wait for ever.
      deps.log.error({ err: error }, 'the quick door failed')
      outgoing.destroy()
    })
  }
}

const JSON_TYPE = ['content-type', 'application/json']

function shown({ status, body, token }: QuickAnswer) {
  return { status, headers: token === undefined ? JSON_TYPE : [...JSON_TYPE, TOKEN_HEADER, token], body: JSON.stringify(body) }
}

/** Whether nothing about the head needs a second thought: no session, and a body, where there is one, of stated length in plain JSON. */
function isPlain({ method, headers }: IncomingMessage, bodyMost: number): boolean {
  if (headers.cookie !== undefined || headers['transfer-encoding'] !== undefined) return false
  const length = headers['content-length']
  if (method === 'GET') return length === undefined
  return headers['content-type'] === 'application/json' && length !== undefined && Number(length) <= bodyMost
}

const UNREADABLE = Symbol('not JSON')

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch {
    // The app reads it again, and says so.
    return UNREADABLE
  }
}
