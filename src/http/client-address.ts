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

/** Whoever has an IPv6 address has the other 2^64 of its /64 as well: they count as one, and IPv4 that is written as IPv6 as what it is. */
export function networkOf(address: string): string {
  const [bare = ''] = address.split('%')
  if (!bare.includes(':')) return address
  const ipv4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  if (ipv4 !== undefined) return ipv4
  const [head = '', tail] = bare.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const [front, back] = [groups(head), groups(tail ?? '')]
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => '0'), ...back]
  return `${all
    .slice(0, 4)
    .map(group => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
