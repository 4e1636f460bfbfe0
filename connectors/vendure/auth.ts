import { AccountTrouble, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import { tooManyTokens } from '../token-wait.ts'
import type { Credentials } from './access.ts'
import { login } from './operations.ts'
import { loginShape } from './wire.ts'

/** What a call carries to be let in. */
export type Keys = {
  readonly headers: () => Promise<Readonly<Record<string, string>>>
  /** The server does not take what was sent. Answers whether something else can be had. */
  readonly forget: (headers: Readonly<Record<string, string>>) => boolean
}

/** Without a word of the server's, a session is asked for again after this. */
const THROTTLED_MS = 30_000

/** The API key that never ends, or the token of a session, which is opened once however many calls need it, and anew when it is over. */
export function makeKeys(url: string, credentials: Credentials, tools: Tools): Keys {
  if ('apiKey' in credentials) return { headers: async () => ({ 'vendure-api-key': credentials.apiKey }), forget: () => false }
  const { username, password } = credentials
  let held: string | null = null
  let asking: Promise<string> | null = null

  const ask = async (): Promise<string> => {
    const body = JSON.stringify({ query: login.text, operationName: login.name, variables: { username, password } })
    const answer = await inTurn(tools.pace, 'token', { urgent: true }, () =>
      tools.http({ method: 'POST', url, body, headers: { 'content-type': 'application/json', accept: 'application/json' } }),
    )
    const { status, headers, text } = answer
    if (status === 429)
      throw tooManyTokens(answer, tools, 'Vendure, or what stands in front of it, is asked for too many sessions', THROTTLED_MS)
    const read = loginShape.safeParse(parsed(text))
    if (status !== 200 || !read.success) throw new AccountTrouble('down', `opening a session: HTTP ${status}`, { answered: status >= 500 })
    if (read.data.data.login.__typename !== 'CurrentUser')
      throw new AccountTrouble('auth', `Vendure does not let this administrator in: ${read.data.data.login.message ?? 'no reason told'}`)
    const token = headers['vendure-auth-token']
    if (!token)
      throw new AccountTrouble(
        'auth',
        "Vendure gives out no session token: add 'bearer' to authOptions.tokenMethod of the server, or use an API key",
      )
    held = token
    return token
  }

  return {
    headers: async () => {
      if (held === null)
        asking ??= ask().finally(() => {
          asking = null
        })
      return { authorization: `Bearer ${held ?? (await asking)}` }
    },
    forget: headers => {
      if (headers.authorization === `Bearer ${held}`) held = null
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
