import { AccountTrouble, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import { tooManyTokens } from '../token-wait.ts'
import type { Credentials } from './access.ts'
import { tokenShape } from './wire.ts'

/** Hands out the account's access token. */
export type Tokens = {
  readonly current: () => Promise<string>
  /** The platform does not take this one any more. Answers whether another can be had. */
  readonly forget: (token: string) => boolean
}

/** A token of the client-credentials grant lives a day; it is asked for anew this long before, so that no call carries a dead one. */
const AHEAD_MS = 10 * 60_000
/** Without a word of Shopify's, a token is asked for again after this. */
const THROTTLED_MS = 30_000
const DAY_MS = 24 * 3_600_000

/** Tokens of one account: the one that never expires, or the day's one, asked for once however many calls need it. */
export function makeTokens(url: string, credentials: Credentials, tools: Tools): Tokens {
  if ('accessToken' in credentials) return { current: async () => credentials.accessToken, forget: () => false }
  let held: { readonly token: string; readonly untilMs: number } | null = null
  let asking: Promise<string> | null = null

  const ask = async (): Promise<string> => {
    const fields = { grant_type: 'client_credentials', client_id: credentials.clientId, client_secret: credentials.clientSecret }
    const answer = await inTurn(tools.pace, 'token', { urgent: true }, () =>
      tools.http({
        ...{ method: 'POST', url: `${url}/admin/oauth/access_token`, body: new URLSearchParams(fields).toString() },
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      }),
    )
    const { status, text } = answer
    if (status === 429) throw tooManyTokens(answer, tools, 'asking for a token: too often', THROTTLED_MS)
    if (status >= 500) throw new AccountTrouble('down', `asking for a token: HTTP ${status}`, { answered: true })
    if (status !== 200)
      throw new AccountTrouble(
        'auth',
        `Shopify gives no token for this client id and secret (HTTP ${status}): see that the app is installed in the shop`,
      )
    const read = tokenShape.safeParse(parsed(text))
    if (!read.success) throw new AccountTrouble('down', 'asking for a token: the answer is none')
    const { access_token: token, expires_in: seconds } = read.data
    held = { token, untilMs: tools.now().getTime() + (seconds === undefined ? DAY_MS : seconds * 1000) - AHEAD_MS }
    return token
  }

  return {
    current: () => {
      if (held !== null && held.untilMs > tools.now().getTime()) return Promise.resolve(held.token)
      asking ??= ask().finally(() => {
        asking = null
      })
      return asking
    },
    forget: token => {
      if (held?.token === token) held = null
      return true
    },
  }
}

/** The JSON value, or undefined, which no shape accepts. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
