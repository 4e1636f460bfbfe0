import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import type { RequestEnv } from '../usecases/principal.ts'
import { signIn, signOut } from '../usecases/sign-in.ts'
import { Fault } from '../values/fault.ts'
import { clientAddress } from './client-address.ts'
import { refuseForeignOrigin } from './csrf.ts'
import { type AppDeps, clock } from './deps.ts'
import { clearSessionCookie, readSessionCookie, writeSessionCookie } from './session-cookie.ts'

const Credentials = z.object({
  email: z
    .string()
    .max(320)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u),
  password: z.string().max(1000),
  next: z.string().max(2000).optional(),
})

/**
 * POST /login takes a form (`email`, `password`, `next`) or the same as JSON; POST /logout ends the session. A browser that sent the form is
 * sent on: to `next`, or back to `/login?refused=wrong|wait&until=<instant>&next=…`. A program gets JSON: `{csrf, expiresAt}`, or a problem.
 */
export function loginRoutes(deps: AppDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.post('/login', async c => {
    refuseForeignOrigin(c, deps)
    const isJson = sendsJson(c)
    const sent = isJson ? await readJson(c) : await c.req.parseBody()
    const read = Credentials.safeParse(sent)
    if (!read.success)
      throw new Fault('invalid', 'A login needs e-mail and password.', { field: 'email', expected: 'email and password as text' })
    const previousToken = readSessionCookie(c, deps)
    const { email, password, next } = read.data
    try {
      const address = clientAddress(c, deps)
      const session = await signIn(deps.sql, clock(deps)(), { email, password, address, ...(previousToken ? { previousToken } : {}) })
      writeSessionCookie(c, deps, session.token, session.expiresAt)
      return isJson ? c.json({ csrf: session.csrf, expiresAt: session.expiresAt.toISOString() }) : c.redirect(ownPath(next), 303)
    } catch (error) {
      if (isJson || !(error instanceof Fault)) throw error
      return c.redirect(`/login?${refusal(error, next)}`, 303)
    }
  })

  app.post('/logout', async c => {
    const token = readSessionCookie(c, deps)
    if (token !== undefined) await signOut(deps.sql, token)
    clearSessionCookie(c, deps)
    return sendsJson(c) ? c.body(null, 204) : c.redirect('/login', 303)
  })

  return app
}

const sendsJson = (c: Context): boolean => c.req.header('content-type')?.startsWith('application/json') ?? false

async function readJson(c: Context): Promise<unknown> {
  try {
    return await c.req.json()
  } catch {
    throw new HTTPException(400, { message: 'Malformed JSON in request body' })
  }
}

function refusal(fault: Fault, next: string | undefined): URLSearchParams {
  const answer = new URLSearchParams({ refused: fault.code === 'too_many' ? 'wait' : 'wrong' })
  if (typeof fault.detail.retryAt === 'string') answer.set('until', fault.detail.retryAt)
  if (next !== undefined) answer.set('next', ownPath(next))
  return answer
}

/** Where to go after the login: a path of ours. Anything that could name another host goes to the start. */
export function ownPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next)) return '/'
  const url = URL.canParse(next, 'http://own.invalid') ? new URL(next, 'http://own.invalid') : null
  return url === null || url.host !== 'own.invalid' ? '/' : url.pathname + url.search
}
