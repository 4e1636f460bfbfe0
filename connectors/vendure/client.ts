import type { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { makeGates } from '../gates.ts'
import { type HttpAnswer, retryAfterMs } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import type { Rank } from '../pace.ts'
import { apiOf, type Credentials, type Settings } from './access.ts'
import { type Keys, parsed } from './auth.ts'
import type { Operation } from './operations.ts'
import { envelope } from './wire.ts'

const THROTTLED_MS = 30_000

/** A call's answer: what was promised, or Vendure's refusal of this one call, of which nothing took effect. */
export type Answer<T> =
  | { readonly status: 'ok'; readonly data: T }
  | { readonly status: 'refused'; readonly code: string; readonly words: string }

type Variables = Readonly<Record<string, unknown>>

export type Client = {
  /** Throws `AccountTrouble` for what concerns the whole account; verdicts on single things stand in the data as members of a union. */
  readonly call: <T>(operation: Operation, variables: Variables, shape: z.ZodType<T>, how?: Rank) => Promise<Answer<T>>
  /** A call that nothing may refuse: a refusal is trouble of the account, too. */
  readonly ask: <T>(operation: Operation, variables: Variables, shape: z.ZodType<T>, how?: Rank) => Promise<T>
}

/** Errors of a whole call that say that it was wrong: Vendure has undone it. */
const REFUSALS: ReadonlySet<string> = new Set(['ENTITY_NOT_FOUND', 'USER_INPUT_ERROR', 'ILLEGAL_OPERATION'])

/** The client of one account: it paces, carries key and channel, and judges every answer; errors of Vendure come in an HTTP 200. */
export function makeClient(settings: Settings, credentials: Credentials, keys: Keys, tools: Tools): Client {
  const url = apiOf(settings)
  const enter = makeGates()

  const once = async (operation: Operation, body: string): Promise<HttpAnswer> => {
    const send = (key: Readonly<Record<string, string>>) =>
      tools.http({
        ...{ method: 'POST', url, body, writes: operation.writes },
        headers: {
          ...{ 'content-type': 'application/json', accept: 'application/json', ...key },
          ...(settings.channelToken === undefined ? {} : { 'vendure-token': settings.channelToken }),
        },
      })
    const key = await keys.headers()
    const answer = await send(key)
    // A session that is over is told in the same words as a missing permission: one more is opened, and a call that was refused changed nothing.
    return codeOf(answer) === 'FORBIDDEN' && keys.forget(key) ? send(await keys.headers()) : answer
  }

  const masked = (words: string): string =>
    Object.values<string>(credentials)
      .reduce((told, secret) => told.replaceAll(secret, '***'), words)
      .slice(0, 500)

  const judge = <T>({ name, writes, needs }: Operation, answer: HttpAnswer, shape: z.ZodType<T>): Answer<T> => {
    const { status, headers } = answer
    const read = envelope.safeParse(parsed(answer.text))
    const error = read.success ? read.data.errors?.[0] : undefined
    const words = masked(error?.message ?? `no answer of Vendure's (HTTP ${status})`)
    const told = headers['retry-after']
    if (status === 429 || (status === 503 && told !== undefined)) {
      const afterMs = retryAfterMs(told, tools.now(), THROTTLED_MS)
      tools.pace.pause('call', afterMs)
      throw new AccountTrouble('throttled', `${name}: the server's host asks to wait`, { afterMs })
    }
    const code = error?.extensions?.code ?? 'INTERNAL_SERVER_ERROR'
    if (status === 401 || status === 403) throw new AccountTrouble('auth', `${name}: ${words}`)
    if (error && code === 'FORBIDDEN')
      throw new AccountTrouble('auth', `${name}: Vendure refuses the key, or it lacks the permission (${needs}): ${words}`)
    if (error && code === 'CHANNEL_NOT_FOUND') throw new AccountTrouble('auth', `${name}: ${words}; see the account's channelToken`)
    if (status >= 500) throw new AccountTrouble('down', `${name}: HTTP ${status}: ${words}`, { maybeTookEffect: writes, answered: true })
    // Nothing of a document that the server cannot read was done.
    if (status !== 200) throw new AccountTrouble('down', `${name}: HTTP ${status}: ${words}`)
    if (error && REFUSALS.has(code)) return { status: 'refused', code, words }
    if (error) throw new AccountTrouble('down', `${name}: Vendure failed: ${words}`, { maybeTookEffect: writes, answered: true })
    const data = read.success ? shape.safeParse(read.data.data) : read
    // A page of something in between, a cut answer: what was asked may well have been done.
    if (!data.success) throw new AccountTrouble('down', `${name} answered with something else than promised`, { maybeTookEffect: writes })
    return { status: 'ok', data: data.data as T }
  }

  const call: Client['call'] = (operation, variables, shape, how = {}) => {
    const body = JSON.stringify({ query: operation.text, operationName: operation.name, variables })
    return enter(how, () => inTurn(tools.pace, 'call', how, async () => judge(operation, await once(operation, body), shape)))
  }
  return {
    call,
    ask: async (operation, variables, shape, how) => {
      const answer = await call(operation, variables, shape, how)
      if (answer.status === 'ok') return answer.data
      throw new AccountTrouble('down', `${operation.name}: ${answer.words} (${answer.code})`)
    },
  }
}

function codeOf({ text }: HttpAnswer): string | undefined {
  const read = envelope.safeParse(parsed(text))
  return read.success ? read.data.errors?.[0]?.extensions?.code : undefined
}
