import { getConnInfo } from '@hono/node-server/conninfo'
import type { Context } from 'hono'
import type { AppDeps } from './deps.ts'

/**
 * The caller's network address, for counting attempts. What `x-forwarded-for` says counts only behind a proxy of ours, and there only its
 * last entry: the caller can write all others.
 */
export function clientAddress(c: Context, deps: Pick<AppDeps, 'trustProxy'>): string {
  if (deps.trustProxy === true) {
    const last = c.req.header('x-forwarded-for')?.split(',').at(-1)?.trim()
    if (last) return last
  }
  // Without a server around it (`app.request` in tests) there is no connection.
  const incoming = (c.env as { readonly incoming?: unknown } | undefined)?.incoming
  return incoming === undefined ? 'local' : (getConnInfo(c).remote.address ?? 'unknown')
}
