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

/** Gives each request its id (the caller's, when it sends a sound one), and one line and one measurement at its end. */
export function logRequests(log: Logger, metrics: Metrics): MiddlewareHandler<RequestEnv> {
  return async (c, next) => {
    const given = c.req.header('x-request-id')
    const id = given !== undefined && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
    c.set('requestId', id)
    c.set('visitor', null)
    c.header('x-request-id', id)
    const startedAt = performance.now()
    await next()
    const ms = performance.now() - startedAt
    const route = routePattern(c) ?? 'none'
    metrics.observeRequest(route, c.res.status, ms)
    const line = { requestId: id, route, status: c.res.status, ms: Math.round(ms * 10) / 10, actor: c.var.visitor?.actor }
    if (c.error !== undefined && c.res.status >= 500) log.error({ ...line, err: c.error }, 'request failed')
    else log.info(line, 'request')
  }
}
