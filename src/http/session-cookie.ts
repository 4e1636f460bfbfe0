import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import type { AppDeps } from './deps.ts'

type Where = Pick<AppDeps, 'publicUrl'>

/** Whether the browser reaches us by https. */
export function isHttps(c: Context, where: Where): boolean {
  return (where.publicUrl ?? c.req.url).startsWith('https:')
}

// `__Host-` binds the cookie to this host, path / and https; browsers refuse it on plain http, where only a plain name works.
const cookieName = (c: Context, where: Where): string => (isHttps(c, where) ? '__Host-concord' : 'concord')

/** The session token that the browser sent. */
export const readSessionCookie = (c: Context, where: Where): string | undefined => getCookie(c, cookieName(c, where))

/** Hands the session token to the browser. */
export function writeSessionCookie(c: Context, where: Where, token: string, expiresAt: Date): void {
  setCookie(c, cookieName(c, where), token, { ...attributes(c, where), expires: expiresAt })
}

/** Takes the session token from the browser. */
export function clearSessionCookie(c: Context, where: Where): void {
  setCookie(c, cookieName(c, where), '', { ...attributes(c, where), maxAge: 0 })
}

function attributes(c: Context, where: Where) {
  return { httpOnly: true, secure: isHttps(c, where), sameSite: 'Lax', path: '/' } as const
}
