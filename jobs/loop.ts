import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { isConnectionLost } from '../db/once-more.ts'
import type { Bell } from './bell.ts'

/**
 * Runs a step again and again until the signal: at once while it finds work, else after a ring or `idleMs`. What a step throws is logged and
 * the loop goes on after a second: whatever was to be done can be found again in PostgreSQL.
 */
export async function loop(
  name: string,
  step: () => Promise<boolean>,
  options: { readonly bell: Bell; readonly idleMs: number; readonly signal: AbortSignal; readonly log: Logger },
): Promise<void> {
  while (!options.signal.aborted) {
    try {
      if (!(await step())) await options.bell.wait(options.idleMs, options.signal)
    } catch (error) {
      if (options.signal.aborted) return
      if (isConnectionLost(error)) options.log.warn({ loop: name }, 'the database is not reachable; trying again')
      else options.log.error({ loop: name, err: error }, 'a step failed; trying again')
      await wait(1_000, undefined, { signal: options.signal }).catch(() => {})
    }
  }
}
