import { lookup as systemLookup } from 'node:dns/promises'
import { isIP, type LookupFunction } from 'node:net'
import { Agent, request } from 'undici'
import { isPublicAddress } from './public-address.ts'

/**
 * The way to addresses that people typed in: nothing of ours may be reached through it. A name is resolved once for each connection, every
 * address is looked at, and the connection goes to one of just those: a name that answers otherwise the next time gains nothing.
 */
export type Outside = (call: OutsideCall) => Promise<OutsideAnswer>

export type OutsideCall = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** For the whole call, connect to last byte. */
  readonly deadlineMs: number
  /** Ends the call early; it may have taken effect. */
  readonly signal?: AbortSignal
}

/** What came back, without its text; or, in one word, why nothing did. */
export type OutsideAnswer =
  | { readonly status: number; readonly retryAfter: string | undefined }
  | { readonly status: null; readonly trouble: string }

export type Resolved = readonly { readonly address: string; readonly family: number }[]

export type OutsideOptions = {
  /** Also to addresses that are not public, and without TLS: the installation says so. */
  readonly allowPrivate?: boolean
  /** For tests: which names and addresses there are, and plain http to them. */
  readonly allowHttp?: boolean
  readonly resolve?: (host: string) => Promise<Resolved>
  readonly isOpen?: (address: string) => boolean
}

/** Read of an answer and thrown away, so that its connection ends in order; more is cut off. */
const ANSWER_MOST = 64 * 1024
const CONNECT_MS = 5_000
const NOT_PUBLIC = 'address_not_public'

/** POSTs to the outside. Close it when the process ends. */
export function makeOutside(options: OutsideOptions = {}): { readonly post: Outside; readonly close: () => Promise<void> } {
  const { allowPrivate = false, allowHttp = allowPrivate, resolve = host => systemLookup(host, { all: true }) } = options
  const isOpen = allowPrivate ? () => true : (options.isOpen ?? isPublicAddress)
  const lookup: LookupFunction = (host, _, done) => {
    resolve(host).then(
      found => {
        const refused = found.length === 0 || found.some(({ address }) => !isOpen(address))
        if (refused) done(Object.assign(new Error(NOT_PUBLIC), { code: NOT_PUBLIC }), [])
        else done(null, [...found])
      },
      (error: NodeJS.ErrnoException) => done(error, []),
    )
  }
  const agent = new Agent({
    // A kept connection would be one whose address nobody looks at again.
    ...{ pipelining: 0, maxHeaderSize: 16 * 1024, connectTimeout: CONNECT_MS },
    connect: { lookup, autoSelectFamily: true, timeout: CONNECT_MS },
  })
  return { post: call => post(agent, call, allowHttp, isOpen), close: () => agent.destroy() }
}

async function post(agent: Agent, call: OutsideCall, allowHttp: boolean, isOpen: (address: string) => boolean): Promise<OutsideAnswer> {
  const refused = refusalOf(call.url, allowHttp, isOpen)
  if (refused !== null) return { status: null, trouble: refused }
  const deadline = AbortSignal.timeout(call.deadlineMs)
  const signal = call.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal])
  try {
    const { url, headers, body } = call
    const answer = await request(url, {
      ...{ dispatcher: agent, method: 'POST', headers: { 'user-agent': 'Concord-Webhooks/1', ...headers }, body, signal },
    })
    // The verdict is in the status; what a receiver says beyond that is neither kept nor logged.
    await answer.body.dump({ limit: ANSWER_MOST, signal }).catch(() => {})
    const retryAfter = answer.headers['retry-after']
    return { status: answer.statusCode, retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined }
  } catch (error) {
    return { status: null, trouble: call.signal?.aborted ? 'stopped' : deadline.aborted ? 'timeout' : codeOf(error) }
  }
}

/** Why an address is not called at all. A literal IP address is never resolved, so it is looked at here. */
function refusalOf(text: string, allowHttp: boolean, isOpen: (address: string) => boolean): string | null {
  const url = URL.parse(text)
  if (url === null || (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:'))) return 'not_https'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return isIP(host) !== 0 && !isOpen(host) ? NOT_PUBLIC : null
}

function codeOf(error: unknown): string {
  // Where several addresses were tried, each has its error.
  const one = error instanceof AggregateError ? error.errors[0] : error
  if (one instanceof Error && 'code' in one && typeof one.code === 'string') return one.code
  return 'failed'
}
