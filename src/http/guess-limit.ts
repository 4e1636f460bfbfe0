import type { MiddlewareHandler } from 'hono'
import { Fault } from '../values/fault.ts'
import { clientAddress, networkOf } from './client-address.ts'
import { type AppDeps, clock } from './deps.ts'

const MISSES_MOST = 20
const WINDOW_MS = 15 * 60_000
/** Networks that are remembered; the oldest are forgotten first, so that many of them fill no memory. */
const NETWORKS_MOST = 10_000

/**
 * Lets a network (an IPv4 address, a /64 of IPv6) ask for so many links that lead nowhere, then tells it nothing of others until the window is over. A link that leads
 * somewhere is shown to anybody at any time: many buyers share one address with whoever guesses, and a guess costs one look into an index, as the tokens are too long
 * to be found. Kept in memory: a wrong guess writes nothing.
 */
export function limitGuesses(deps: Pick<AppDeps, 'now' | 'trustProxy'>): MiddlewareHandler {
  const now = clock(deps)
  const misses = new Map<string, { count: number; readonly until: number }>()
  const open = (network: string) => {
    const known = misses.get(network)
    if (known !== undefined && known.until > now().getTime()) return known
    misses.delete(network)
    return null
  }
  return async (c, next) => {
    await next()
    if (c.res.status !== 404) return
    const network = networkOf(clientAddress(c, deps))
    const known = open(network) ?? { count: 0, until: now().getTime() + WINDOW_MS }
    if (known.count >= MISSES_MOST)
      throw new Fault('too_many', 'Too many links that lead nowhere were asked for from this address.', {
        retryAt: new Date(known.until).toISOString(),
      })
    known.count += 1
    misses.set(network, known)
    const oldest = misses.size > NETWORKS_MOST ? misses.keys().next() : null
    if (oldest?.done === false) misses.delete(oldest.value)
  }
}
