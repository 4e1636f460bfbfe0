import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { isConnectionLost } from '../../db/once-more.ts'
import { Fault, type FaultCode } from '../values/fault.ts'

/** Every code that an answer can carry. Stable: programs decide by it, never by the words. */
export type ProblemCode = FaultCode | 'malformed' | 'too_large' | 'unsupported_media_type' | 'internal'

export type FieldError = { readonly field: string; readonly message: string; readonly expected?: string }

/** An answer of RFC 9457, `application/problem+json`. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: ContentfulStatusCode
  readonly code: ProblemCode
  readonly detail: string
  readonly errors?: readonly FieldError[]
  readonly requestId?: string
  readonly [extra: string]: unknown
}

/** The status of each code, and a title that does not change with the occasion. The page behind `type` says what to do. */
export const PROBLEMS: Readonly<
  Record<ProblemCode, { readonly status: ContentfulStatusCode; readonly title: string; readonly mend: string }>
> = {
  malformed: { status: 400, title: 'The request cannot be read', mend: 'Send valid JSON in UTF-8.' },
  unauthenticated: { status: 401, title: 'Nobody is signed in', mend: 'Send an API key as `Authorization: Bearer ck_…`, or log in.' },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    mend: 'Use a key or a role with the scope that the answer names; a write by cookie needs its CSRF token.',
  },
  not_found: { status: 404, title: 'There is no such thing', mend: 'Check the address and the identifier in it.' },
  conflict: {
    status: 409,
    title: 'In conflict with what is there',
    mend: 'Read the present state; use a new Idempotency-Key for a new request.',
  },
  insufficient_stock: {
    status: 409,
    title: 'Not enough stock',
    mend: 'Ask for fewer units, allow a partial reservation, or wait for a receipt.',
  },
  below_floor: {
    status: 422,
    title: 'Below its floor',
    mend: 'Ask for at least the floor that `below` tells with its arithmetic, or have the floor changed by those who may.',
  },
  late_flip: {
    status: 422,
    title: 'Cannot be on time',
    mend: 'Send `acceptWindow: true` to take the window that `forecast` tells for each channel, or spread the instants.',
  },
  stale: { status: 409, title: 'Changed meanwhile', mend: 'Read it again and repeat the change on the new version.' },
  too_large: { status: 413, title: 'The request is too large', mend: 'Send at most 1 MB; split the list.' },
  unsupported_media_type: { status: 415, title: 'This content type is not taken', mend: 'Send `Content-Type: application/json`.' },
  invalid: { status: 422, title: 'The request is not valid', mend: 'Mend the fields that `errors` lists.' },
  too_many: { status: 429, title: 'Too many attempts', mend: 'Wait for as long as Retry-After says.' },
  internal: { status: 500, title: 'Something of ours went wrong', mend: 'Nothing that you can mend; quote the requestId.' },
  unavailable: {
    status: 503,
    title: 'Not available for the moment',
    mend: 'Repeat the same request with the same Idempotency-Key after Retry-After.',
  },
}

/** A refusal as it leaves, through whichever door. */
export type Refusal = {
  readonly status: ContentfulStatusCode
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

type Extra = Readonly<Record<string, unknown>>

/** Makes the answer for a code. */
export function problem(c: Context, code: ProblemCode, detail: string, extra: Extra = {}): Response {
  const { status, headers, body } = refusal(c.get('requestId'), code, detail, extra)
  return c.body(body, status, headers)
}

/** Turns whatever was thrown into an answer. What is not a refusal of ours is `internal`, and its cause stays in the log. */
export function problemOf(c: Context, error: unknown): Response {
  if (error instanceof HTTPException) return problemOfHttp(c, error)
  const { status, headers, body } = refusalOf(error, c.get('requestId'))
  return c.body(body, status, headers)
}

/** The same for what a use case threw, without the app around it. */
export function refusalOf(error: unknown, requestId: string): Refusal {
  if (error instanceof Fault) return refusalOfFault(error, requestId)
  if (isConnectionLost(error) || isTimeOut(error)) {
    return refusal(
      requestId,
      'unavailable',
      'The database did not answer; whether this request took effect is not known. Repeat it with the same Idempotency-Key.',
    )
  }
  return refusal(requestId, 'internal', 'The request failed through no fault of its own.')
}

function refusal(requestId: string | undefined, code: ProblemCode, detail: string, extra: Extra = {}): Refusal {
  const { status, title } = PROBLEMS[code]
  const body = { type: `/docs/problems/${code}`, title, status, code, detail, ...extra, ...(requestId === undefined ? {} : { requestId }) }
  const headers: Record<string, string> = { 'content-type': 'application/problem+json' }
  if (code === 'unauthenticated') headers['www-authenticate'] = 'Bearer'
  const wait = extra.retryAfterS
  if (code === 'unavailable' || code === 'too_many') headers['retry-after'] = String(typeof wait === 'number' ? wait : 1)
  return { status, headers, body: JSON.stringify(body satisfies Problem) }
}

function refusalOfFault(fault: Fault, requestId: string): Refusal {
  const { field, value, expected, ...rest } = fault.detail
  if (field === undefined) return refusal(requestId, fault.code, fault.message, rest)
  const error = {
    field,
    message: fault.message,
    ...(value === undefined ? {} : { value }),
    ...(expected === undefined ? {} : { expected }),
  }
  return refusal(requestId, fault.code, fault.message, { ...rest, errors: [error] })
}

function problemOfHttp(c: Context, error: HTTPException): Response {
  switch (error.status) {
    case 400:
      return problem(c, 'malformed', error.message)
    case 401:
      return problem(c, 'unauthenticated', error.message)
    case 403:
      return problem(c, 'forbidden', error.message)
    case 404:
      return problem(c, 'not_found', error.message)
    case 413:
      return problem(c, 'too_large', error.message)
    case 415:
      return problem(c, 'unsupported_media_type', 'The body must be sent as application/json.')
    default:
      throw error
  }
}

// The server cancelled the statement: too slow (57014), or it lost a fight for locks (40P01, 55P03); nothing took effect.
const TIME_OUTS = new Set(['57014', '40P01', '55P03'])

function isTimeOut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && TIME_OUTS.has(error.code)
}

/** What zod found, field by field. Values are left out: a field may hold a password. */
export function fieldErrors(issues: readonly ZodIssue[]): FieldError[] {
  return issues.flatMap(issue => {
    const path = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
      return issue.keys.map(key => ({
        field: path === '' ? key : `${path}.${key}`,
        message: 'This field is not known here.',
        expected: 'no such field',
      }))
    }
    return [{ field: path, message: issue.message, ...(issue.expected === undefined ? {} : { expected: issue.expected }) }]
  })
}

type ZodIssue = {
  readonly code: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly keys?: readonly string[]
  readonly expected?: string
}
