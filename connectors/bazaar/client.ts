import type { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { retryAfterMs } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import type { Rank } from '../pace.ts'

/** One call below the account's address. Null: there is no such thing (404). Throws `AccountTrouble` for what concerns the whole account. */
export type Call = <T>(
  method: 'GET' | 'POST',
  path: string,
  shape: z.ZodType<T>,
  more?: { readonly body?: object; readonly writes?: boolean; readonly rank?: Rank },
) => Promise<T | null>

/** Asked to wait without being told how long. */
const THROTTLED_MS = 30_000

/** The client of one account: it paces, signs and judges every call. */
export function makeCall(url: string, token: string, tools: Tools): Call {
  return (method, path, shape, { body, writes = false, rank = {} } = {}) =>
    inTurn(tools.pace, 'call', rank, async () => {
      const headers = { accept: 'application/json', authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      const answer = await tools.http({ method, url: `${url.replace(/\/+$/, '')}${path}`, headers, writes, ...sent })
      const what = `Bazaar ${method} ${path.replace(/\?.*$/, '')}`
      if (answer.status === 401) throw new AccountTrouble('auth', `${what}: the token is refused: enter the one that Bazaar shows`)
      if (answer.status === 429) {
        const afterMs = retryAfterMs(answer.headers['retry-after'], tools.now(), THROTTLED_MS)
        tools.pace.pause('call', afterMs)
        throw new AccountTrouble('throttled', `${what}: too many calls`, { afterMs })
      }
      if (answer.status === 404) return null
      if (answer.status !== 200)
        throw new AccountTrouble('down', `${what} answered ${answer.status}`, { maybeTookEffect: writes, answered: answer.status >= 500 })
      const read = shape.safeParse(parsed(answer.text))
      // A cut answer, or a page in front of it: what was asked may well have been done.
      if (!read.success) throw new AccountTrouble('down', `${what} answered something else than promised`, { maybeTookEffect: writes })
      return read.data
    })
}

/** The JSON value, or undefined, which no shape accepts. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
