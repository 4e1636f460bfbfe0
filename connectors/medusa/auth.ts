import { AccountTrouble, type Tools } from '../contract.ts'
import { inTurn } from '../in-turn.ts'
import { tooManyTokens } from '../token-wait.ts'
import type { Credentials } from './access.ts'
import { parsed, tokenShape } from './wire.ts'

/** How a call proves who it is. */
export type Keys = {
  readonly header: () => Promise<string>
  /** Forgets what was refused. Answers whether another one can be asked for. */
  readonly forget: (header: string) => boolean
}

/** Without a word of the server's, a token is asked for again after this. */
const THROTTLED_MS = 30_000

/** A secret API key goes as the user name of Basic authentication; an admin user asks for a token (Medusa's lives a day) and sends that. */
export function makeKeys(url: string, credentials: Credentials, tools: Tools): Keys {
  if ('apiKey' in credentials) {
    const header = `Basic ${Buffer.from(`${credentials.apiKey}:`).toString('base64')}`
    return { header: () => Promise.resolve(header), forget: () => false }
  }
  let current: string | null = null
  // One question for all calls that wait for its answer.
  let asking: Promise<string> | null = null
  const ask = (): Promise<string> =>
    inTurn(tools.pace, 'token', {}, async () => {
      const answer = await tools.http({
        ...{ method: 'POST', url: `${url}/auth/user/emailpass`, writes: false, body: JSON.stringify(credentials) },
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      })
      if (answer.status === 401) throw new AccountTrouble('auth', 'Medusa knows no admin user with this e-mail address and password')
      if (answer.status === 429)
        throw tooManyTokens(answer, tools, 'Medusa, or what stands in front of it, is asked for too many tokens', THROTTLED_MS)
      const read = tokenShape.safeParse(parsed(answer.text))
      if (answer.status !== 200 || !read.success)
        throw new AccountTrouble('down', `POST /auth/user/emailpass answered ${answer.status} without a token`)
      return `Bearer ${read.data.token}`
    })
  return {
    header: async () => {
      if (current !== null) return current
      asking ??= ask().finally(() => {
        asking = null
      })
      current = await asking
      return current
    },
    forget: refused => {
      if (current === refused) current = null
      return true
    },
  }
}
