import type { Logger } from 'pino'
import type { Sql } from '../db/connect.ts'
import { msUntilDue, sweepDue, sweepPrices } from '../db/due.ts'
import { databaseNow } from '../db/listings.ts'
import { untilTaken } from '../db/once-more.ts'
import { makeBell } from './bell.ts'
import { loop } from './loop.ts'
import type { Tailer } from './tailer.ts'

/** Few enough that their variants are locked for a moment only. */
const PART = 100

/** Prices lock nothing; the lanes begin with the first of them while the next are told. */
const PRICES_PART = 1_000

/** How long the loop sleeps at the most: a net under its bell. */
const POLL_MS = 1_000
const LOCKED_MS = 5

/** Carries out everything that is due by the instant; answers how much that was. Any number of processes may sweep at once. */
export async function sweepAllDue(sql: Sql, now: Date): Promise<number> {
  let total = 0
  for (;;) {
    const taken = await untilTaken(() => sweepDue(sql, now, PART))
    total += taken
    if (taken < PART) return total
  }
}

/**
 * Carries out what is due at its instant, by the database's clock, until the signal: sleeps until the next one, and looks again whenever something
 * was changed that may be due sooner. Prices first, because buyers see them; `tailer` is rung at once, so that the lanes begin.
 */
export async function runDue(sql: Sql, log: Logger, tailer: Tailer, signal: AbortSignal): Promise<void> {
  const bell = makeBell()
  // Whatever notes down something that is due later also tells the feed that something has changed.
  const leave = tailer.add({
    consumer: null,
    startOver: async () => bell.ring(),
    take: async rows => {
      // A message that came notes nothing down: what becomes of it does, and tells so itself.
      if (rows.some(row => row.kind !== 'inbox')) bell.ring()
      return undefined
    },
  })
  const step = async (): Promise<boolean> => {
    for (;;) {
      const taken = await untilTaken(() => sweepPrices(sql, PRICES_PART))
      if (taken > 0) tailer.ring()
      if (taken < PRICES_PART) break
    }
    if ((await msUntilDue(sql)) === 0 && (await sweepAllDue(sql, await databaseNow(sql))) > 0) tailer.ring()
    const ms = await msUntilDue(sql)
    // Due and not to be had: another process is just at it.
    await bell.wait(ms === null ? POLL_MS : Math.min(Math.max(ms, LOCKED_MS), POLL_MS), signal)
    return true
  }
  await loop('due', step, { bell, idleMs: POLL_MS, signal, log }).finally(leave)
}
