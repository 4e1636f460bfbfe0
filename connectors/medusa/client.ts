import type { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { makeGates } from '../gates.ts'
import { type HttpAnswer, retryAfterMs } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import type { Rank } from '../pace.ts'
import type { Credentials, Settings } from './access.ts'
import type { Keys } from './auth.ts'
import { errorShape, parsed } from './wire.ts'

/** A call's answer: what was promised, or Medusa's own refusal (4xx with type and message) of this one call. */
export type Answer<T> =
  | { readonly status: 'ok'; readonly data: T }
  | { readonly status: 'refused'; readonly http: number; readonly code: string; readonly words: string }

/** Names with one value or several: `id[]=a&id[]=b`. */
export type Query = Readonly<Record<string, string | number | readonly string[]>>

export type Client = {
  /** `path` begins with `/admin`. Throws `AccountTrouble` for what concerns the whole account. */
  readonly call: <T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    shape: z.ZodType<T>,
    more?: { readonly query?: Query; readonly body?: object; readonly rank?: Rank },
  ) => Promise<Answer<T>>
  /** A read that nothing may refuse: a refusal is trouble of the account too. */
  readonly read: <T>(path: string, shape: z.ZodType<T>, query?: Query, rank?: Rank) => Promise<T>
}

const THROTTLED_MS = 10_000

/** The client of one account; it paces and judges every call. */
export function makeClient(settings: Settings, credentials: Credentials, keys: Keys, tools: Tools): Client {
  const url = settings.url.replace(/\/+$/, '')
  const enter = makeGates()

  const masked = (words: string): string =>
    Object.values(credentials)
      .reduce<string>((text, secret) => text.replaceAll(secret, '***'), words)
      .slice(0, 500)

  const judge = <T>(what: string, answer: HttpAnswer, shape: z.ZodType<T>, writes: boolean): Answer<T> => {
    const { status } = answer
    const json = parsed(answer.text)
    if (status >= 200 && status < 300) {
      const read = shape.safeParse(json)
      // A page of something in between, a cut answer: what was asked may well have been done.
      if (!read.success)
        throw new AccountTrouble('down', `${what} answered ${status} with something else than promised`, { maybeTookEffect: writes })
      return { status: 'ok', data: read.data }
    }
    const error = errorShape.safeParse(json)
    const words = error.success ? masked(error.data.message) : `no answer of Medusa's (HTTP ${status})`
    const told = answer.headers['retry-after']
    // Medusa itself has no limit; what stands in front of it may.
    if (status === 429 || (status === 503 && told !== undefined)) {
      const afterMs = retryAfterMs(told, tools.now(), THROTTLED_MS)
      tools.pace.pause('call', afterMs)
      throw new AccountTrouble('throttled', `${what}: the server asks to wait`, { afterMs })
    }
    if (status === 401 || status === 403) throw new AccountTrouble('auth', `${what}: ${words}`)
    if (status >= 500) throw new AccountTrouble('down', `${what}: HTTP ${status}: ${words}`, { maybeTookEffect: writes, answered: true })
    return { status: 'refused', http: status, code: error.success ? (error.data.type ?? `http_${status}`) : `http_${status}`, words }
  }

  const call: Client['call'] = (method, path, shape, { query = {}, body, rank = {} } = {}) => {
    const writes = method !== 'GET'
    const asked = text(query)
    const once = async (authorization: string): Promise<HttpAnswer> =>
      tools.http({
        ...{ method, url: `${url}${path}${asked ? `?${asked}` : ''}`, writes },
        headers: { authorization, accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
    return enter(rank, () =>
      inTurn(tools.pace, 'call', { ...rank, isWrite: writes }, async () => {
        const authorization = await keys.header()
        const answer = await once(authorization)
        // A token that is over: one more is asked for, and a call that was refused changed nothing.
        const again = answer.status === 401 && keys.forget(authorization)
        return judge(`${method} ${path}`, again ? await once(await keys.header()) : answer, shape, writes)
      }),
    )
  }

  return {
    call,
    read: async (path, shape, query = {}, rank = {}) => {
      const answer = await call('GET', path, shape, { query, rank })
      if (answer.status === 'ok') return answer.data
      throw new AccountTrouble('down', `GET ${path}: ${answer.words} (${answer.code})`)
    },
  }
}

function text(query: Query): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    typeof value === 'object' ? value.map(one => [`${name}[]`, one]) : [[name, String(value)]],
  )
  return pairs.map(([name = '', value = '']) => `${encodeURI(name)}=${encodeURIComponent(value)}`).join('&')
}
