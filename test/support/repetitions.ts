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

/**
 * Rounds dealt to several stages that play beside each other, each its share in order: what waits more than it computes takes a fraction of the time. In the short
 * run one stage plays all.
 */
export async function inStages(rounds: number, stages: number, play: (rounds: readonly number[]) => Promise<void>): Promise<void> {
  const all = Array.from({ length: rounds }, (_, n) => n)
  const each = Math.ceil(rounds / (isLong ? stages : 1))
  const shares = Array.from({ length: Math.ceil(rounds / each) }, (_, n) => all.slice(n * each, (n + 1) * each))
  await Promise.all(shares.map(play))
}
