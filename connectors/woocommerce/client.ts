import type { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { makeGates } from '../gates.ts'
import { type HttpAnswer, retryAfterMs } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import { type Query, signCall, type WooKeys } from './auth.ts'
import { wooError } from './wire.ts'

/** A call's answer: what was promised, or WooCommerce's own refusal (4xx with code and message) of this one call. */
export type WooAnswer<T> =
  | { readonly status: 'ok'; readonly data: T; readonly totalPages: number }
  | { readonly status: 'refused'; readonly http: number; readonly code: string; readonly words: string }

export type WooClient = {
  /** `path` is below `/wp-json/`, such as `wc/v3/orders`. Throws `AccountTrouble` for what concerns the whole account. */
  readonly call: <T>(
    method: 'GET' | 'POST' | 'PUT',
    path: string,
    shape: z.ZodType<T>,
    more?: { query?: Query; body?: object; first?: boolean; urgent?: boolean; spare?: boolean },
  ) => Promise<WooAnswer<T>>
  /** A read that nothing may refuse: a refusal is trouble of the account too. */
  readonly read: <T>(path: string, shape: z.ZodType<T>, query?: Query) => Promise<{ readonly data: T; readonly totalPages: number }>
}

export type WooAccess = WooKeys & { readonly url: string; readonly keysInQuery: boolean }

const THROTTLED_MS = 30_000

/** The client of one account; it paces, signs and judges every call. */
export function wooClient(access: WooAccess, tools: Tools): WooClient {
  const enter = makeGates()
  const call: WooClient['call'] = async (method, path, shape, { query = {}, body, first = false, urgent = false, spare = false } = {}) => {
    const writes = method !== 'GET'
    const once = async () => {
      const url = `${access.url.replace(/\/+$/, '')}/wp-json/${path}`
      const signed = signCall(method, url, query, access, { keysInQuery: access.keysInQuery, now: tools.now() })
      const headers = { ...signed.headers, accept: 'application/json', ...(body ? { 'content-type': 'application/json' } : {}) }
      const answer = await tools.http({ method, url: signed.url, headers, writes, ...(body ? { body: JSON.stringify(body) } : {}) })
      return judge(`${method} /wp-json/${path}`, answer, shape, writes)
    }
    return enter({ first, urgent, spare }, () => inTurn(tools.pace, 'call', { first, urgent, spare, isWrite: writes }, once))
  }

  const judge = <T>(what: string, answer: HttpAnswer, shape: z.ZodType<T>, writes: boolean): WooAnswer<T> => {
    const json = parsed(answer.text)
    if (answer.status >= 200 && answer.status < 300) {
      const read = shape.safeParse(json)
      // A page of a cache, a PHP notice in front of the JSON, a cut answer: what was asked may well have been done.
      if (!read.success)
        throw new AccountTrouble('down', `${what} answered ${answer.status} with something else than promised`, { maybeTookEffect: writes })
      return { status: 'ok', data: read.data, totalPages: Number(answer.headers['x-wp-totalpages'] ?? 1) }
    }
    const error = wooError.safeParse(json)
    const words = error.success ? masked(error.data.message, access) : `no WooCommerce answer (HTTP ${answer.status})`
    const told = answer.headers['retry-after']
    if (answer.status === 429 || (answer.status === 503 && told !== undefined)) {
      const afterMs = retryAfterMs(told, tools.now(), THROTTLED_MS)
      tools.pace.pause('call', afterMs)
      throw new AccountTrouble('throttled', `${what}: the shop's host asks to wait`, { afterMs })
    }
    if (answer.status === 401 || answer.status === 403) throw new AccountTrouble('auth', `${what}: ${words}`)
    // WooCommerce answers a refund that its own rules or the payment gateway decline with 500 and this code: nothing was done.
    const isDeclined = error.success && error.data.code === 'woocommerce_rest_cannot_create_order_refund'
    if (answer.status >= 500 && !isDeclined)
      throw new AccountTrouble('down', `${what}: HTTP ${answer.status}: ${words}`, { maybeTookEffect: writes, answered: true })
    return { status: 'refused', http: answer.status, code: error.success ? error.data.code : `http_${answer.status}`, words }
  }

  return {
    call,
    read: async (path, shape, query = {}) => {
      const answer = await call('GET', path, shape, { query })
      if (answer.status === 'ok') return answer
      throw new AccountTrouble('down', `GET /wp-json/${path}: ${answer.words} (${answer.code})`)
    },
  }
}

/** The JSON value, or undefined, which no shape accepts. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Plugins have been seen to echo the request in their error messages. */
function masked(words: string, access: WooAccess): string {
  return words.replaceAll(access.consumerSecret, '***').replaceAll(access.consumerKey, '***').slice(0, 500)
}
