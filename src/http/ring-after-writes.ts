import type { MiddlewareHandler } from 'hono'
import type { RequestEnv } from '../usecases/principal.ts'

/** Whoever reads the change feed is woken so often at the most, ms: what comes meanwhile it takes in one look. */
const AT_MOST_EVERY_MS = 50

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Rings after each write that was carried out, so that what follows it need not wait for the next look at the change feed; many writes make few rings,
 * and the last of them is never without one. A ring is no more than that: nothing is lost when nobody hears it.
 */
export function ringAfterWrites(ring: () => void, everyMs: number = AT_MOST_EVERY_MS): MiddlewareHandler<RequestEnv> {
  let rungAt = Number.NEGATIVE_INFINITY
  let coming: NodeJS.Timeout | null = null
  const ringNow = (): void => {
    coming = null
    rungAt = performance.now()
    ring()
  }
  return async (c, next) => {
    await next()
    if (READS.has(c.req.method) || c.res.status >= 400 || coming !== null) return
    const inMs = rungAt + everyMs - performance.now()
    if (inMs <= 0) ringNow()
    // Nothing of it is lost where the process ends before.
    else coming = setTimeout(ringNow, inMs).unref()
  }
}
