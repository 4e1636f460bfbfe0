import { Agent, type Dispatcher, request } from 'undici'
import { AccountTrouble } from './contract.ts'

/** The only way out: deadlines, size limits, no redirects, and no secret in an error. */
export type Http = (call: HttpCall) => Promise<HttpAnswer>

export type HttpCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** For the whole call, connect to last byte. */
  readonly deadlineMs?: number
  /** Whether the call changes something: then a broken connection means that it may have taken effect. */
  readonly writes?: boolean
  /** The body is a GZIP file, whatever its headers say; it is handed on unpacked. */
  readonly gunzip?: boolean
  /** The body is wanted as it came: `bytes` of the answer, whose text is empty. */
  readonly bytes?: boolean
}

export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly bytes?: Uint8Array
}

const DEADLINE_MS = 7_000
const BODY_MAX = 10 * 1024 * 1024
/** What a packed body may become, characters. */
const UNPACKED_MAX = 64 * 1024 * 1024

/** Longest deadline of any call. A lease must outlive it, and whoever takes over from a dead process waits so long at the least. */
export const DEADLINE_MAX_MS = 7_000

/** Failures before the first byte could leave: the call had no effect for certain. */
const NEVER_SENT: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['ERR_INVALID_URL', 'UND_ERR_INVALID_ARG'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/** No timer of Node waits longer, ms: 24 days. */
const RETRY_AFTER_MAX_MS = 2_100_000_000

/**
 * How long to wait by a Retry-After header (seconds or an HTTP date), ms. Without one, or with one that is nonsense, `otherwiseMs`. At
 * least a second, and for as long as the platform says: people see until when, and can pause the account and resume it, which tries at once.
 */
export function retryAfterMs(header: string | undefined, now: Date, otherwiseMs: number): number {
  const text = header?.trim() ?? ''
  const askedMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime()
  return Math.min(RETRY_AFTER_MAX_MS, Math.max(1000, Number.isFinite(askedMs) ? askedMs : otherwiseMs))
}

/**
 * An `Http` with its own connection pool. Close the agent when the account's session ends. `refusal` is asked once more at the last moment, when the connection stands
 * and the first byte is about to leave, because a process may be stopped for a minute between deciding to call and calling: what it answers is thrown.
 */
export function makeHttp(options: { readonly connections?: number; readonly refusal?: () => Error | null } = {}): {
  http: Http
  close: () => Promise<void>
} {
  const agent = new Agent({
    connections: options.connections ?? 16,
    maxResponseSize: BODY_MAX,
    keepAliveTimeout: 10_000,
    connectTimeout: 5_000,
  })
  const refusal = options.refusal ?? (() => null)
  return { http: call => send(agent, call, refusal), close: () => agent.close() }
}

/** Hands on all that an answer brings, and begins nothing that is refused by then. */
function lastLook(handler: Dispatcher.DispatchHandler, refusal: () => Error | null): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (controller, context) => {
      const refused = refusal()
      if (refused) controller.abort(refused)
      else handler.onRequestStart?.(controller, context)
    },
    onResponseStart: (...told) => handler.onResponseStart?.(...told),
    onResponseData: (...told) => handler.onResponseData?.(...told),
    onResponseEnd: (...told) => handler.onResponseEnd?.(...told),
    onResponseError: (...told) => handler.onResponseError?.(...told),
  }
}

async function send(agent: Agent, call: HttpCall, refusal: () => Error | null): Promise<HttpAnswer> {
  const place = where(call.url)
  let refused: Error | null = null
  const look = (): Error | null => {
    refused = refusal()
    return refused
  }
  const deadline = AbortSignal.timeout(Math.min(call.deadlineMs ?? DEADLINE_MS, DEADLINE_MAX_MS))
  try {
    const answer = await request(call.url, {
      dispatcher: agent.compose(dispatch => (asked, handler) => dispatch(asked, lastLook(handler, look))),
      method: call.method,
      headers: { 'user-agent': 'Concord/0.1 (Language=TypeScript)', ...call.headers },
      body: call.body ?? null,
      signal: deadline,
    })
    const bytes = call.bytes ? new Uint8Array(await answer.body.arrayBuffer()) : undefined
    const text = bytes
      ? ''
      : call.gunzip && answer.statusCode === 200
        ? await unpacked(await answer.body.arrayBuffer())
        : await answer.body.text()
    if (answer.statusCode >= 300 && answer.statusCode < 400)
      throw new AccountTrouble('down', `${call.method} ${place} answered a redirect (${answer.statusCode}), which is not followed`)
    return { status: answer.statusCode, headers: flat(answer.headers), text, ...(bytes ? { bytes } : {}) }
  } catch (error) {
    if (error instanceof AccountTrouble || (error !== null && error === refused)) throw error
    const words = `${call.method} ${place}: ${deadline.aborted ? 'no answer in time' : codeOf(error)}`
    throw new AccountTrouble('down', words, { maybeTookEffect: call.writes === true && !NEVER_SENT.has(codeOf(error)) })
  }
}

/** Ends as soon as it becomes too long: a small file may unpack to anything. */
async function unpacked(packed: ArrayBuffer): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'))) {
    text += decoder.decode(part, { stream: true })
    if (text.length > UNPACKED_MAX) throw new RangeError('too long')
  }
  return text + decoder.decode()
}

/** Host and path without query and user info: those may hold keys. */
function where(url: string): string {
  const parsed = URL.parse(url)
  return parsed ? `${parsed.host}${parsed.pathname}` : 'an invalid address'
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const one: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) one[name] = Array.isArray(value) ? value.join(', ') : value
  return one
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'failed'
}
