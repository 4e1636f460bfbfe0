import { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import { type HttpAnswer, retryAfterMs } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import { type Settings, USER_SCOPES } from './access.ts'
import type { Bearer, Tokens } from './auth.ts'
import type { Operation } from './limits.ts'
import { type EbayError, errorsShape } from './wire.ts'

export type Call = {
  readonly operation: Operation
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** The language of what is written, where eBay demands it. */
  readonly language?: string
  /** The seller's name unless told. */
  readonly bearer?: Bearer
  /** A 403 concerns this call alone: it needs what other calls do not. */
  readonly mayBeForbidden?: true
  /** Whether the call changes something at eBay. */
  readonly writes?: boolean
  readonly urgent?: boolean
  readonly first?: boolean
  readonly spare?: boolean
}

/** `json` is undefined for an empty body; `location` is where eBay put what was made. */
export type Answer = { readonly status: number; readonly json: unknown; readonly location: string | null }

/** One call in its turn. Answers for 2xx, 400, 404 and 409 (403 where it may be), which are about what was asked; everything else is thrown as `AccountTrouble`. */
export type Client = (call: Call) => Promise<Answer>

/** Without a word of eBay's, a call that was one too many is tried again after this. */
const THROTTLED_MS = 60_000

export function makeClient(settings: Settings, tokens: Tokens, tools: Tools): Client {
  const ask = async (call: Call, token: string): Promise<HttpAnswer> => {
    const answer = await tools.http({
      method: call.method,
      url: address(settings.endpoint, call),
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(call.language === undefined ? {} : { 'content-language': call.language }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      writes: call.writes === true,
    })
    if (answer.status >= 500)
      throw new AccountTrouble('down', `eBay ${call.operation} answered ${answer.status}`, {
        maybeTookEffect: call.writes === true,
        answered: true,
      })
    return answer
  }
  const send = (call: Call, token: string): Promise<HttpAnswer> =>
    inTurn(tools.pace, call.operation, { first: call.first === true, urgent: call.urgent === true, spare: call.spare === true }, () =>
      ask(call, token),
    )

  return async call => {
    const bearer = call.bearer ?? 'user'
    const token = await tokens.current(bearer)
    let answer = await send(call, token)
    if (answer.status === 401) {
      // eBay also takes tokens away before their time: one new token, then the refusal is believed.
      tokens.forget(token)
      answer = await send(call, await tokens.current(bearer))
    }
    if (answer.status === 429) {
      const told = answer.headers['retry-after']
      const afterMs = told === undefined ? THROTTLED_MS / (settings.scale ?? 1) : retryAfterMs(told, tools.now(), THROTTLED_MS)
      tools.pace.pause(call.operation, afterMs)
      throw new AccountTrouble('throttled', `eBay ${call.operation}: ${errorIn(json(answer.text))?.words ?? 'too many calls'}`, { afterMs })
    }
    return judge(call, answer)
  }
}

/** Which consent a call needs, by the beginning of its path. */
function scopeFor(path: string): string {
  if (path.startsWith('/sell/inventory/')) return USER_SCOPES.inventory
  return path.startsWith('/sell/fulfillment/') ? USER_SCOPES.fulfillment : USER_SCOPES.notification
}

function judge(call: Call, answer: HttpAnswer): Answer {
  const body = json(answer.text)
  const words = errorIn(body)?.words ?? `status ${answer.status}`
  if (answer.status === 401) throw new AccountTrouble('auth', `eBay ${call.operation} is refused: ${words}`)
  if (answer.status === 403 && call.mayBeForbidden !== true)
    throw new AccountTrouble('auth', `eBay ${call.operation} is refused: ${words}. It needs the consent ${scopeFor(call.path)}.`)
  if (body === undefined && answer.text !== '')
    throw new AccountTrouble('down', `eBay ${call.operation} answered ${answer.status} with a body that is not JSON`, {
      maybeTookEffect: call.writes === true,
    })
  return { status: answer.status, json: body, location: answer.headers.location ?? null }
}

/** Reads an answer's body in the promised shape; anything else is an account that cannot be talked to now. */
export function promised<T>(call: Call, shape: z.ZodType<T>, answer: Answer): T {
  const trouble = (words: string) =>
    new AccountTrouble('down', `eBay ${call.operation} answered something else than promised: ${words}`, {
      maybeTookEffect: call.writes === true,
    })
  if (answer.status >= 300) throw trouble(errorIn(answer.json)?.words ?? `status ${answer.status}`)
  const read = shape.safeParse(answer.json)
  if (!read.success) throw trouble(z.prettifyError(read.error))
  return read.data
}

/** The first error of an answer or of a row of it. */
export function errorIn(body: unknown): EbayError | null {
  const first = errorsShape.safeParse(body).data?.errors?.[0]
  if (!first) return null
  return { code: String(first.errorId ?? 'unknown'), words: first.longMessage ?? first.message ?? 'eBay gives no reason' }
}

function json(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function address(endpoint: string, call: Call): string {
  const url = new URL(call.path, endpoint)
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value)
  return url.href
}
