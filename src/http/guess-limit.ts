import type { MiddlewareHandler } from 'hono'
import { Fault } from '../values/fault.ts'
import { clientAddress } from './client-address.ts'
import { type AppDeps, clock } from './deps.ts'

const MISSES_MOST = 20
const WINDOW_MS = 15 * 60_000
/** Addresses that are remembered; the oldest are forgotten first, so that many of them fill no memory. */
const ADDRESSES_MOST = 10_000

/**
 * Lets an address ask for so many links that lead nowhere, then for none until the window is over. The tokens are too long to be guessed; this keeps whoever tries
 * from asking the database. Kept in memory: a wrong guess writes nothing.
 */
export function limitGuesses(deps: Pick<AppDeps, 'now' | 'trustProxy'>): MiddlewareHandler {
  const now = clock(deps)
  const misses = new Map<string, { count: number; readonly until: number }>()
  const open = (address: string) => {
    const known = misses.get(address)
    if (known !== undefined && known.until > now().getTime()) return known
    misses.delete(address)
    return null
  }
  return async (c, next) => {
    const address = clientAddress(c, deps)
    const before = open(address)
    if (before !== null && before.count >= MISSES_MOST)
      throw new Fault('too_many', 'Too many links that lead nowhere were asked for from this address.', {
        retryAt: new Date(before.until).toISOString(),
      })
    await next()
    if (c.res.status !== 404) return
    const known = open(address) ?? { count: 0, until: now().getTime() + WINDOW_MS }
    known.count += 1
    misses.set(address, known)
    const oldest = misses.size > ADDRESSES_MOST ? misses.keys().next() : null
    if (oldest?.done === false) misses.delete(oldest.value)
  }
}
