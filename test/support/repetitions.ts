import { appendFileSync } from 'node:fs'

/** True in `npm run test:long`. */
export const isLong = process.env.CONCORD_LONG === '1'

/**
 * How often a property, a race or a fault is tried: few times in `npm test`, the full count in `npm run test:long`. The run prints the
 * counts at its end, so that "passed" says how much passed.
 */
export function repetitions(what: string, few: number, full: number): number {
  const times = isLong ? full : few
  const file = process.env.CONCORD_COUNTS_FILE
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, times })}\n`)
  return times
}
