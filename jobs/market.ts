import type { Logger } from 'pino'
import type { Sql } from '../db/connect.ts'
import { untilTaken } from '../db/once-more.ts'
import { type Repriced, repriceNext } from '../src/usecases/reprice.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

/** Few enough that writers of prices wait for a moment only. */
const PART = 200

/** How long the loop sleeps: offers come in by whatever process. */
const POLL_MS = 1_000

/** Judges everything that waits; answers how many steps were taken. Any number of processes may do it at once. */
export async function repriceAll(sql: Sql, log: Logger, onSteps: () => void = () => {}): Promise<number> {
  let steps = 0
  for (;;) {
    const done = await untilTaken(() => repriceNext({ sql }, PART))
    tell(log, done)
    steps += done.steps
    if (done.steps > 0) onSteps()
    if (done.taken < PART) return steps
  }
}

/** Follows the market until the signal: judges SKUs whose offers, rules or instants came, and rings the tailer, so that the lanes begin. */
export async function runMarket(sql: Sql, log: Logger, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const step = async (): Promise<boolean> => {
    await repriceAll(sql, log, tailer.ring)
    return false
  }
  await loop('market', step, { bell: makeBell(), idleMs: POLL_MS, signal, log })
}

function tell(log: Logger, { wars, refused }: Repriced): void {
  if (wars > 0)
    log.warn({ wars }, 'rules stopped, because they and a competitor were chasing each other: "concord market stops" lists them')
  if (refused.length > 0) log.warn({ refused }, 'a price list did not take what a rule decided')
}
