import { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import { tooManyTokens } from '../token-wait.ts'
import type { Credentials, Settings } from './access.ts'

/** Gives the Login-with-Amazon access token of one account. */
export type Tokens = {
  /** The token in force; fetched when there is none or it is about to expire. Rejects with `AccountTrouble`. */
  readonly current: () => Promise<string>
  /** Forgets this token, unless another call has renewed it already. */
  readonly forget: (token: string) => void
}

const grantShape = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })
const refusalShape = z.object({ error: z.string(), error_description: z.string().optional() })

/** A token is renewed this long before its end, so that no call starts with one that dies on the way. */
const RENEW_BEFORE_MS = 60_000

/** What a token without the seller's grant is for: destinations belong to the application. */
const GRANTLESS = 'sellingpartnerapi::notifications'

/** Tokens of one account: in the seller's name, or (`grantless`) in the application's own. Calls that need one at the same time share one request. */
export function makeTokens(settings: Settings, credentials: Credentials, tools: Tools, grantless = false): Tokens {
  let held: { token: string; until: number } | null = null
  let underWay: Promise<string> | null = null

  const fetchToken = async (): Promise<string> => {
    const [asked, grant] = await inTurn(tools.pace, 'token', {}, async () => {
      const at = tools.now().getTime()
      return [at, await requestToken(settings, credentials, tools, grantless)] as const
    })
    // A lifetime shorter than the margin would mean a request before every call: then half of it is used.
    const lifeMs = grant.expires_in * 1000
    held = { token: grant.access_token, until: asked + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs / 2) }
    return held.token
  }

  return {
    current: () => {
      if (held && tools.now().getTime() < held.until) return Promise.resolve(held.token)
      underWay ??= fetchToken().finally(() => {
        underWay = null
      })
      return underWay
    },
    forget: token => {
      if (held?.token === token) held = null
    },
  }
}

async function requestToken(
  settings: Settings,
  credentials: Credentials,
  tools: Tools,
  grantless: boolean,
): Promise<z.infer<typeof grantShape>> {
  const answer = await tools.http({
    method: 'POST',
    url: settings.tokenEndpoint,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      ...(grantless
        ? { grant_type: 'client_credentials', scope: GRANTLESS }
        : { grant_type: 'refresh_token', refresh_token: credentials.refreshToken }),
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
    }).toString(),
  })
  if (answer.status === 429) throw tooManyTokens(answer, tools, 'Login with Amazon says too many token requests', 1000)
  if (answer.status >= 500) throw new AccountTrouble('down', `Login with Amazon answered ${answer.status}`)
  const body = parseJson(answer.text)
  if (answer.status >= 400) {
    const refusal = refusalShape.safeParse(body)
    throw new AccountTrouble('auth', `Login with Amazon refused the token request: ${explain(refusal.data?.error, answer.status)}`)
  }
  const grant = grantShape.safeParse(body)
  if (!grant.success) throw new AccountTrouble('down', 'Login with Amazon answered something that is not a token')
  return grant.data
}

/** The refusal in words that name the next step; Amazon's description is left out because it can repeat parts of the credentials. */
function explain(error: string | undefined, status: number): string {
  if (error === 'invalid_grant') return 'the refresh token is wrong or was revoked; authorise the application again and store the new one'
  if (error === 'invalid_client') return 'the client id or client secret is wrong'
  if (error === 'unauthorized_client') return 'this application may not use the refresh token'
  return error ?? `status ${status}`
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
