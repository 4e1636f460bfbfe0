import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context as HonoContext, TypedResponse } from 'hono'
import { pushPaces } from '../usecases/channels.ts'
import type { Context } from '../usecases/context.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import type { ReserveLane } from '../usecases/reserve.ts'
import type { ShownCache } from '../usecases/shown-cache.ts'
import type { WriteToken } from '../usecases/write-token.ts'
import type { AppDeps } from './deps.ts'
import type { Metrics } from './metrics.ts'
import { fieldErrors, problem } from './problem.ts'

/** What the routes of the API work with. */
export type ApiDeps = AppDeps & { readonly lane: ReserveLane; readonly metrics: Metrics; readonly shown: ShownCache }

export type Api = OpenAPIHono<RequestEnv>

/** An empty group of routes that answers what zod refuses with 422 and the fields that are wrong. */
export function makeApi(): Api {
  return new OpenAPIHono<RequestEnv>({
    defaultHook: (result, c) => {
      if (result.success) return
      const errors = fieldErrors(result.error.issues)
      return problem(c, 'invalid', `${errors.length} ${errors.length === 1 ? 'field is' : 'fields are'} not valid.`, { errors })
    },
  })
}

/** What a use case gets on behalf of this request. */
export function contextOf(deps: ApiDeps, c: HonoContext<RequestEnv>): Context {
  return { sql: deps.sql, keyring: deps.keyring, actor: c.var.principal.actor, now: deps.now, pushPaceOf: pushPaces(deps.platforms ?? []) }
}

export const WriteHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .optional()
    .openapi({
      description: 'Your name for this request. The same key again answers what it answered the first time, and does nothing twice.',
    }),
})

/** The caller's key of a write, or null. */
export function keyOf(headers: z.infer<typeof WriteHeaders>): string | null {
  return headers['idempotency-key'] ?? null
}

export const ProblemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ field: z.string(), message: z.string(), expected: z.string().optional() })).optional(),
    requestId: z.string().optional(),
  })
  .openapi('Problem')

const refusals = {
  default: { description: 'A refusal (RFC 9457); decide by `code`.', content: { 'application/problem+json': { schema: ProblemShape } } },
} as const

export const TOKEN_HEADER = 'Concord-Token'

/** Tells the caller the name of what was just written; a read of availability that passes it on is never older. */
export function tellToken(c: HonoContext, token: WriteToken | undefined): void {
  if (token !== undefined) c.header(TOKEN_HEADER, token)
}

/** The responses of a route: what it answers, and the refusals that every route has. */
export function answers<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { 200: { description, content: { 'application/json': { schema } } }, ...refusals } as const
}

/** The same for a route that makes something. */
export function creates<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { 201: { description, content: { 'application/json': { schema } } }, ...refusals } as const
}

/** Answers JSON that the database made already. That it has the shape which the route declares is what tests of the route prove. */
export function jsonText<Body>(c: HonoContext, text: string): TypedResponse<Body, 200, 'json'> {
  const answer: unknown = c.body(text, 200, { 'content-type': 'application/json' })
  return answer as TypedResponse<Body, 200, 'json'>
}

/** A JSON body that must be there; without its content type the answer is 415. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const
}
