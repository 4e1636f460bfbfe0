import { z } from 'zod'
import { AccountTrouble, type Tools } from '../contract.ts'
import type { HttpAnswer } from '../http.ts'
import { inTurn } from '../in-turn.ts'
import type { Settings } from './access.ts'
import type { Tokens } from './auth.ts'
import { type Operation, publishedRate } from './limits.ts'

export type Call = {
  readonly operation: Operation
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  /** In the application's own name instead of the seller's. */
  readonly grantless?: boolean
  /** Whether the call changes something at Amazon. */
  readonly writes?: boolean
  /** Goes ahead of other calls of its operation, out of those that were kept back. */
  readonly urgent?: boolean
  /** Goes ahead even of urgent calls. */
  readonly first?: boolean
  /** Goes only while no other call of its operation waits, within a share of the rate. */
  readonly spare?: boolean
}

/** `json` is undefined for an empty body. */
export type Answer = { readonly status: number; readonly json: unknown }

/**
 * One call of the Selling Partner API, in its turn. Answers for 2xx, 400, 404, 413 and 415, which are about the item; everything else is
 * trouble of the account and is thrown as `AccountTrouble`.
 */
export type Client = (call: Call) => Promise<Answer>

export type AmazonError = { readonly code: string; readonly words: string }

export function makeClient(settings: Settings, sellerTokens: Tokens, tools: Tools, appTokens: Tokens): Client {
  const rates = new Map<Operation, number>()

  const learn = (operation: Operation, answer: HttpAnswer): void => {
    const rate = Number(answer.headers['x-amzn-ratelimit-limit'])
    if (!(rate > 0) || rates.get(operation) === rate) return
    rates.set(operation, rate)
    tools.pace.learn(operation, rate)
  }

  const send = (call: Call, token: string): Promise<Answer> =>
    inTurn(tools.pace, call.operation, { first: call.first === true, urgent: call.urgent === true, spare: call.spare === true }, () =>
      ask(call, token),
    )

  const ask = async (call: Call, token: string): Promise<Answer> => {
    const answer = await tools.http({
      method: call.method,
      url: address(settings.endpoint, call),
      headers: {
        accept: 'application/json',
        'x-amz-access-token': token,
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      writes: call.writes === true,
    })
    learn(call.operation, answer)
    return read(call, answer)
  }

  return async call => {
    const tokens = call.grantless === true ? appTokens : sellerTokens
    const token = await tokens.current()
    let answer = await send(call, token)
    if (answer.status === 401 || answer.status === 403) {
      // Amazon also revokes tokens before their time: one new token, then the refusal is believed.
      tokens.forget(token)
      answer = await send(call, await tokens.current())
    }
    if (answer.status === 429) {
      const rate = rates.get(call.operation) ?? publishedRate(call.operation) * (settings.scale ?? 1)
      const afterMs = Math.ceil(1000 / rate)
      tools.pace.pause(call.operation, afterMs)
      throw new AccountTrouble('throttled', `Amazon ${call.operation}: ${errorIn(answer.json)?.words ?? 'too many calls'}`, { afterMs })
    }
    return judge(call, answer)
  }
}

/** The answer's JSON. A server's own error, or something else where JSON was promised: the platform fails. */
function read(call: Call, answer: HttpAnswer): Answer {
  const trouble = (words: string) =>
    new AccountTrouble('down', `Amazon ${call.operation} answered ${answer.status}${words}`, {
      maybeTookEffect: call.writes === true,
      answered: answer.status >= 500,
    })
  if (answer.status >= 500) throw trouble('')
  if (answer.text === '') return { status: answer.status, json: undefined }
  try {
    return { status: answer.status, json: JSON.parse(answer.text) }
  } catch {
    // A gateway's page instead of Amazon's error list: the status alone tells.
    if (answer.status === 401 || answer.status === 403 || answer.status === 429) return { status: answer.status, json: undefined }
    throw trouble(' with a body that is not JSON')
  }
}

function judge(call: Call, answer: Answer): Answer {
  if (answer.status === 401 || answer.status === 403)
    throw new AccountTrouble('auth', `Amazon ${call.operation} is refused: ${errorIn(answer.json)?.words ?? `status ${answer.status}`}`)
  return answer
}

/** Reads an answer's body in the promised shape; anything else is an account that cannot be talked to now. */
export function promised<T>(call: Call, shape: z.ZodType<T>, answer: Answer): T {
  const trouble = (words: string) =>
    new AccountTrouble('down', `Amazon ${call.operation} answered something else than promised: ${words}`, {
      maybeTookEffect: call.writes === true,
    })
  if (answer.status >= 300) throw trouble(errorIn(answer.json)?.words ?? `status ${answer.status}`)
  const read = shape.safeParse(answer.json)
  if (!read.success) throw trouble(z.prettifyError(read.error))
  return read.data
}

const errorsShape = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string(), details: z.string().optional() })).min(1),
})

/** The first error of Amazon's error list, in its own words. */
export function errorIn(json: unknown): AmazonError | null {
  const first = errorsShape.safeParse(json).data?.errors[0]
  return first ? { code: first.code, words: first.details ? `${first.message} (${first.details})` : first.message } : null
}

function address(endpoint: string, call: Call): string {
  const url = new URL(call.path, endpoint)
  for (const [name, value] of Object.entries(call.query ?? {})) if (value !== undefined) url.searchParams.set(name, value)
  return url.href
}
