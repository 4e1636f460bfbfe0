import { randomUUID } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import pino, { type Logger } from 'pino'
import type { RequestEnv } from '../usecases/principal.ts'
import { routePattern } from './guard.ts'
import type { Metrics } from './metrics.ts'

/**
 * The log of a process, one JSON line per event. Bodies, headers and query strings are never logged; should somebody hand such an object
 * over, the paths below are blanked. Of an error goes: type, code, message, stack; not the statement's parameters, not the row it names.
 */
export function makeLog(options: { readonly level?: string; readonly destination?: { write: (line: string) => void } } = {}): Logger {
  const secret = ['password', 'passwordHash', 'secret', 'token', 'credentials', 'authorization', 'cookie', 'key', 'person', 'csrf']
  const settings = {
    level: options.level ?? 'info',
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: secret.flatMap(name => [name, `*.${name}`, `*.*.${name}`]), censor: '[hidden]' },
    serializers: { err: errorShown, error: errorShown },
  }
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination)
}

function errorShown(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code, constraint_name: constraint } = error as Error & { readonly code?: unknown; readonly constraint_name?: unknown }
  // A constraint's or a cast's message quotes the offending value, which may be a person's.
  const quotesValue = typeof code === 'string' && /^2[23]/.test(code)
  const message = quotesValue ? `PostgreSQL ${code}` : error.message
  return { type: error.name, code, constraint, message, stack: error.stack?.replace(error.message, message) }
}

/** What is known of a request at its end. `error` is what made it fail, if anything did. */
export type Noted = {
  readonly requestId: string
  readonly route: string
  readonly status: number
  readonly ms: number
  readonly actor: string | undefined
  readonly error: unknown
}

/** Writes a request's one line and takes its one measurement. */
export type NoteRequest = (noted: Noted) => void

export function makeNoteRequest(log: Logger, metrics: Metrics): NoteRequest {
  // A request's line has no field that could hold a secret, and there may be thousands a second: blanking costs more than all the rest.
  const lines = log.child({}, { redact: [] })
  return ({ error, ...noted }) => {
    metrics.observeRequest(noted.route, noted.status, noted.ms)
    const line = { ...noted, ms: Math.round(noted.ms * 10) / 10 }
    if (error !== undefined && noted.status >= 500) log.error({ ...line, err: error }, 'request failed')
    else lines.info(line, 'request')
  }
}

/** A request's id: the caller's, when it sends a sound one. */
export function requestIdOf(given: string | readonly string[] | undefined): string {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/** Gives each request its id, and has it noted at its end. */
export function logRequests(note: NoteRequest): MiddlewareHandler<RequestEnv> {
  return async (c, next) => {
    const requestId = requestIdOf(c.req.header('x-request-id'))
    c.set('requestId', requestId)
    c.set('visitor', null)
    c.header('x-request-id', requestId)
    const startedAt = performance.now()
    await next()
    const { status } = c.res
    const ms = performance.now() - startedAt
    note({ requestId, route: routePattern(c) ?? 'none', status, ms, actor: c.var.visitor?.actor, error: c.error })
  }
}
