import type { Actor } from './context.ts'
import type { Role, Scope } from './scopes.ts'

/** Who asks, as established from an API key or a session. */
export type Principal = {
  readonly kind: 'user' | 'key'
  /** `user:ana@example.org` or `key:ck_…`: written to every movement and act. */
  readonly actor: Actor
  /** What people call it: the user's or the key's name. */
  readonly name: string
  /** Null for a key, which has scopes only. */
  readonly role: Role | null
  readonly scopes: ReadonlySet<Scope>
  /** The session's token that every write by cookie must carry; null for a key. */
  readonly csrf: string | null
  readonly language: Language
  /** The location that a clerk is bound to. */
  readonly locationId?: number
}

export type Language = 'en' | 'zh-CN'

/**
 * Who may call a route: `open` to everybody, `login` for any principal, else one scope, or one of several. A route that calls
 * for `user` is for people only (a page).
 */
export type Access = 'open' | 'login' | 'user' | Scope | readonly Scope[]

/** Access by method and pattern as Hono writes it: `{'GET /v1/stock/:sku': 'stock:read'}`. A route without its entry is never run. */
export type RouteTable = Readonly<Record<string, Access>>

/** Whether this principal (null: nobody signed in) may pass. */
export function mayPass(access: Access, principal: Principal | null): boolean {
  if (access === 'open') return true
  if (principal === null) return false
  if (access === 'login') return true
  if (access === 'user') return principal.kind === 'user'
  return typeof access === 'string' ? principal.scopes.has(access) : access.some(scope => principal.scopes.has(scope))
}

/** What every request carries, as Hono's `c.var`. A Hono app of ours is `Hono<RequestEnv>`. */
export type RequestEnv = {
  Variables: {
    /** Who asks. Set wherever the route is not `open`: there, read `visitor`. */
    principal: Principal
    /** Who asks, or null when nobody is signed in. */
    visitor: Principal | null
    requestId: string
  }
}
