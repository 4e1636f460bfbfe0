import type { Context } from 'hono'
import type { Principal } from '../usecases/principal.ts'
import { sameSecret } from '../usecases/secrets.ts'
import { Fault } from '../values/fault.ts'
import type { AppDeps } from './deps.ts'

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const FORMS = ['application/x-www-form-urlencoded', 'multipart/form-data']

/** Whether the request only reads. */
export const isSafe = (c: Context): boolean => SAFE.has(c.req.method)

/**
 * Refuses a write that another site made the browser send. A session's write carries its token, as header `x-csrf-token` or form field
 * `_csrf`; where the browser names the origin, it must be ours. A key is never sent by a browser of itself and needs neither.
 */
export async function refuseForgery(c: Context, deps: AppDeps, principal: Principal): Promise<void> {
  if (isSafe(c) || principal.csrf === null) return
  refuseForeignOrigin(c, deps)
  const sent = c.req.header('x-csrf-token') ?? (await formToken(c))
  if (sent === undefined || !sameSecret(sent, principal.csrf)) {
    throw new Fault('forbidden', 'The CSRF token of this session is missing or wrong: reload the page, or send it as x-csrf-token.', {
      reason: 'csrf',
    })
  }
}

/** Refuses what the browser says comes from another site; enough for the login form, which has no session yet. */
export function refuseForeignOrigin(c: Context, deps: AppDeps): void {
  const origin = c.req.header('origin')
  const site = c.req.header('sec-fetch-site')
  const foreign = origin === undefined ? site === 'cross-site' || site === 'same-site' : !isOurs(c, deps, origin)
  if (foreign) throw new Fault('forbidden', `This request comes from another site (${origin ?? site}).`, { reason: 'origin' })
}

function isOurs(c: Context, deps: AppDeps, origin: string): boolean {
  if (deps.publicUrl !== undefined && new URL(deps.publicUrl).origin === origin) return true
  // By name and port, whatever the scheme: a proxy in front may end TLS.
  return URL.canParse(origin) && new URL(origin).host === (c.req.header('host') ?? new URL(c.req.url).host)
}

async function formToken(c: Context): Promise<string | undefined> {
  const type = c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type === undefined || !FORMS.includes(type)) return undefined
  const field = (await c.req.parseBody())._csrf
  return typeof field === 'string' ? field : undefined
}
