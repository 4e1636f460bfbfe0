import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { KeyHolder } from '../usecases/key-holder.ts'
import { type Access, mayPass, type Principal, type RequestEnv, type RouteTable } from '../usecases/principal.ts'
import { principalOfSession } from '../usecases/sign-in.ts'
import { Fault } from '../values/fault.ts'
import { refuseForgery } from './csrf.ts'
import { type AppDeps, clock } from './deps.ts'
import { readSessionCookie } from './session-cookie.ts'

// Answered without looking at who asks: a process is alive also while no database answers for a session or a key.
const HEALTH = new Set(['GET /healthz', 'GET /readyz'])

/**
 * Lets a request through to its route only when the route table says so. Everything is refused that has no entry: a route that somebody
 * forgets to declare is dead, not open.
 */
export function guard(deps: AppDeps, table: RouteTable, holderOf: KeyHolder): MiddlewareHandler<RequestEnv> {
  return async (c, next) => {
    const pattern = routePattern(c)
    const access = pattern === null ? undefined : table[pattern]
    if (access === undefined) throw new Fault('not_found', `There is nothing at ${c.req.method} ${c.req.path}.`)
    const visitor = HEALTH.has(pattern ?? '') ? null : await visitorOf(c, deps, holderOf)
    c.set('visitor', visitor)
    if (access !== 'open') {
      if (visitor === null) return refuseStranger(c, access)
      if (!mayPass(access, visitor))
        throw new Fault('forbidden', `${visitor.name} lacks what this needs: ${needed(access)}.`, { needs: access })
      c.set('principal', visitor)
      await refuseForgery(c, deps, visitor)
    }
    return next()
  }
}

/** The route's method and pattern, as in the route table; null where only middleware matched. */
export function routePattern(c: Context): string | null {
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL')
  return route === undefined ? null : `${route.method} ${route.path}`
}

/** The key in an Authorization header. */
export function bearerKey(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : /^Bearer (\S+)$/i.exec(authorization)?.[1]
}

async function visitorOf(c: Context, deps: AppDeps, holderOf: KeyHolder): Promise<Principal | null> {
  const authorization = c.req.header('authorization')
  if (authorization !== undefined) {
    const key = bearerKey(authorization)
    return key === undefined ? null : holderOf(key)
  }
  const token = readSessionCookie(c, deps)
  return token === undefined || token === '' ? null : principalOfSession(deps.sql, clock(deps)(), token)
}

/** A person who opened a page is shown the login; everybody else gets 401. */
function refuseStranger(c: Context, access: Access): Response {
  if (c.req.method === 'GET' && access !== 'open' && c.req.header('accept')?.includes('text/html') === true) {
    const url = new URL(c.req.url)
    return c.redirect(`/login?next=${encodeURIComponent(url.pathname + url.search)}`, 303)
  }
  throw new Fault(
    'unauthenticated',
    'This needs an API key (Authorization: Bearer ck_…) or a login; none was sent, or it is not valid (any more).',
  )
}

const needed = (access: Access): string => (typeof access === 'string' ? access : access.join(' or '))
