import type { Sql } from '../db/connect.ts'
import { sweepDue } from '../db/due.ts'
import { untilTaken } from '../db/once-more.ts'

/** Few enough that their variants are locked for a moment only. */
const PART = 100

/** Carries out everything that is due now; answers how much that was. Any number of processes may sweep at once. */
export async function sweepAllDue(sql: Sql, now: Date): Promise<number> {
  let total = 0
  for (;;) {
    const taken = await untilTaken(() => sweepDue(sql, now, PART))
    total += taken
    if (taken < PART) return total
  }
}
