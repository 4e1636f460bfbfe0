import { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import { tooManyTokens } from '../token-wait.ts'
import { APP_SCOPE, type Credentials, REFUND_SCOPE, type Settings, USER_SCOPES } from './access.ts'

/** In whose name a call is made: the seller's, or that of our application alone. */
export type Bearer = 'user' | 'app'

/** Gives the access tokens of one account. */
export type Tokens = {
  /** The token in force; fetched when there is none or it is about to end. Rejects with `AccountTrouble`. */
  readonly current: (bearer: Bearer) => Promise<string>
  /** Forgets this token, unless another call has renewed it already. */
  readonly forget: (token: string) => void
}

const grantShape = z.looseObject({ access_token: z.string().min(1), expires_in: z.number().positive() })
const refusalShape = z.looseObject({ error: z.string() })

/** A token (eBay's live two hours) is renewed this long before its end, so that no call starts with one that dies on the way. */
const RENEW_BEFORE_MS = 120_000
/** Without a word of eBay's, a token is asked for again after this. */
const THROTTLED_MS = 60_000

type Held = { readonly token: string; readonly until: number }

/** Tokens of one account. Calls that need one at the same time share one request. */
export function makeTokens(settings: Settings, credentials: Credentials, tools: Tools): Tokens {
  const held = new Map<Bearer, Held>()
  const underWay = new Map<Bearer, Promise<string>>()

  const fetchToken = async (bearer: Bearer): Promise<string> => {
    const [asked, grant] = await inTurn(tools.pace, 'token', {}, async () => {
      const at = tools.now().getTime()
      return [at, await requestToken(settings, credentials, bearer, tools)] as const
    })
    // A life shorter than the margin would mean a request before every call: then half of it is used.
    const lifeMs = grant.expires_in * 1000
    held.set(bearer, { token: grant.access_token, until: asked + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs / 2) })
    return grant.access_token
  }

  return {
    current: bearer => {
      const known = held.get(bearer)
      if (known && tools.now().getTime() < known.until) return Promise.resolve(known.token)
      const asked = underWay.get(bearer) ?? fetchToken(bearer).finally(() => underWay.delete(bearer))
      underWay.set(bearer, asked)
      return asked
    },
    forget: token => {
      for (const [bearer, known] of held) if (known.token === token) held.delete(bearer)
    },
  }
}

async function requestToken(
  settings: Settings,
  { clientId, clientSecret, refreshToken }: Credentials,
  bearer: Bearer,
  tools: Tools,
): Promise<z.infer<typeof grantShape>> {
  const grant: Record<string, string> =
    bearer === 'user'
      ? {
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          scope: [...Object.values(USER_SCOPES), ...(settings.refunds ? [REFUND_SCOPE] : [])].join(' '),
        }
      : { grant_type: 'client_credentials', scope: APP_SCOPE }
  const answer = await tools.http({
    method: 'POST',
    url: new URL('/identity/v1/oauth2/token', settings.endpoint).href,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}`,
    },
    body: new URLSearchParams(grant).toString(),
  })
  if (answer.status === 429) throw tooManyTokens(answer, tools, 'eBay says too many token requests', THROTTLED_MS / (settings.scale ?? 1))
  if (answer.status >= 500) throw new AccountTrouble('down', `eBay answered a token request with ${answer.status}`)
  const body = parsed(answer.text)
  if (answer.status >= 400)
    throw new AccountTrouble('auth', `eBay refused the token request: ${explain(refusalShape.safeParse(body).data?.error, answer.status)}`)
  const read = grantShape.safeParse(body)
  if (!read.success) throw new AccountTrouble('down', 'eBay answered a token request with something that is no token')
  return read.data
}

/** The refusal in words that name the next step; eBay's own description is left out, as it can repeat parts of what was sent. */
function explain(error: string | undefined, status: number): string {
  if (error === 'invalid_grant')
    return 'the refresh token is wrong, was revoked, or has ended (it lives 18 months): let the seller consent again and store the new one'
  if (error === 'invalid_client') return 'the client id or client secret (App ID and Cert ID of the key set) is wrong'
  if (error === 'invalid_scope')
    return `the seller has not consented to all of ${Object.values(USER_SCOPES).join(', ')}: let the seller consent again`
  return error ?? `status ${status}`
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
