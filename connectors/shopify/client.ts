import type { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { type HttpAnswer, retryAfterMs } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import type { Rank } from '../pace.ts'
import type { Credentials, Settings } from './access.ts'
import { parsed, type Tokens } from './auth.ts'
import type { Operation } from './operations.ts'
import { type Envelope, envelope } from './wire.ts'

export const API_VERSION = '2026-10'

/** A token of the pace is so many points: what a mutation takes at the least. */
export const TOKEN_POINTS = 10

const THROTTLED_MS = 2_000

export type Client = {
  /** Throws `AccountTrouble` for everything but the promised data; verdicts on single items stand in it as `userErrors`. */
  readonly ask: <T>(operation: Operation, variables: Readonly<Record<string, unknown>>, shape: z.ZodType<T>, how?: Rank) => Promise<T>
}

/** The client of one account: it paces by points, and judges every answer. */
export function makeClient(settings: Settings, credentials: Credentials, tokens: Tokens, tools: Tools): Client {
  const url = settings.url.replace(/\/+$/, '')

  const once = async (operation: Operation, body: string): Promise<HttpAnswer> => {
    const call = (token: string) =>
      tools.http({
        ...{ method: 'POST', url: `${url}/admin/api/${API_VERSION}/graphql.json`, body, writes: operation.writes },
        headers: { 'content-type': 'application/json', accept: 'application/json', 'x-shopify-access-token': token },
      })
    const token = await tokens.current()
    const answer = await call(token)
    // A day's token may have been taken back early: one more is asked for, and a call that was refused changed nothing.
    return answer.status === 401 && tokens.forget(token) ? call(await tokens.current()) : answer
  }

  const masked = (words: string): string =>
    Object.values<string | undefined>(credentials)
      .filter(secret => secret !== undefined)
      .reduce((text, secret) => text.replaceAll(secret, '***'), words)
      .slice(0, 500)

  const judge = <T>({ name, writes }: Operation, answer: HttpAnswer, shape: z.ZodType<T>, reckoned: number): T => {
    const { status } = answer
    const read = envelope.safeParse(parsed(answer.text))
    const words = read.success ? masked(wordsOf(read.data)) : `no answer of Shopify's (HTTP ${status})`
    if (status === 401 || status === 403) throw new AccountTrouble('auth', `${name}: Shopify refuses the token: ${words}`)
    if (status === 402 || status === 423)
      throw new AccountTrouble('auth', `${name}: the shop is frozen or locked (HTTP ${status}); its owner must act`)
    if (status === 429) throw throttled(name, retryAfterMs(answer.headers['retry-after'], tools.now(), THROTTLED_MS))
    if (status !== 200)
      throw new AccountTrouble('down', `${name}: HTTP ${status}: ${words}`, {
        maybeTookEffect: writes && status >= 500,
        answered: status >= 500,
      })
    // A page of something in between, a cut answer: what was asked may well have been done.
    if (!read.success) throw new AccountTrouble('down', `${name} answered with something else than promised`, { maybeTookEffect: writes })
    if (read.data.extensions?.cost) settle(read.data.extensions.cost, reckoned)
    if (read.data.errors !== undefined) throw refusal(name, read.data, writes, words)
    const data = shape.safeParse(read.data.data)
    if (!data.success) throw new AccountTrouble('down', `${name} answered with something else than promised`, { maybeTookEffect: writes })
    return data.data
  }

  /** Errors of the whole call come in a 200, too; of those that are named below it is certain that nothing ran. */
  const refusal = (name: string, answer: Envelope, writes: boolean, words: string): AccountTrouble => {
    const errors = Array.isArray(answer.errors) ? answer.errors : []
    const codes = new Set(errors.flatMap(error => error.extensions?.code ?? []))
    if (codes.has('THROTTLED')) {
      const cost = answer.extensions?.cost
      const missing = cost ? cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable : 0
      return throttled(name, cost ? Math.max(100, Math.ceil((missing / cost.throttleStatus.restoreRate) * 1000)) : THROTTLED_MS)
    }
    if (codes.has('ACCESS_DENIED')) return new AccountTrouble('auth', `${name}: the app may not: ${words}`)
    if (codes.has('SHOP_INACTIVE')) return new AccountTrouble('auth', `${name}: the shop is not active: ${words}`)
    const isCertain = codes.has('MAX_COST_EXCEEDED') || (answer.data === undefined && codes.size === 0)
    return new AccountTrouble('down', `${name}: ${words}`, { maybeTookEffect: writes && !isCertain })
  }

  const throttled = (name: string, afterMs: number): AccountTrouble => {
    tools.pace.pause('points', afterMs)
    return new AccountTrouble('throttled', `${name}: Shopify asks to wait until its bucket has enough points`, { afterMs })
  }

  const settle = (cost: NonNullable<NonNullable<Envelope['extensions']>['cost']>, reckoned: number): void => {
    const { currentlyAvailable, restoreRate } = cost.throttleStatus
    tools.pace.learn('points', restoreRate / TOKEN_POINTS)
    const back = Math.max(0, reckoned - (cost.actualQueryCost ?? cost.requestedQueryCost))
    tools.pace.settle('points', { back: back / TOKEN_POINTS, left: currentlyAvailable / TOKEN_POINTS })
  }

  return {
    ask: (operation, variables, shape, how = {}) => {
      const body = JSON.stringify({ query: operation.text, operationName: operation.name, variables })
      const reckoned = operation.points(variables)
      return inTurn(tools.pace, 'points', { ...how, tokens: reckoned / TOKEN_POINTS }, async () =>
        judge(operation, await once(operation, body), shape, reckoned),
      )
    },
  }
}

function wordsOf({ errors }: Envelope): string {
  if (errors === undefined) return 'no reason told'
  if (typeof errors === 'string') return errors
  return errors
    .map(({ message, extensions }) => (extensions?.requiredAccess ? `${message} (needs ${extensions.requiredAccess})` : message))
    .join('; ')
}
