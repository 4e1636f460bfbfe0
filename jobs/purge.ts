import { forgetDeadCursors, type Removal, removals, trimFeed } from '../db/retention.ts'
import type { JobDeps } from './deps.ts'

/** Rows that one statement deletes: some milliseconds of locks. */
const PART = 1_000

type PurgeDeps = Pick<JobDeps, 'sql' | 'log'>

/**
 * Removes what has been kept long enough (`KEPT_DAYS` of db/retention.ts) and answers how many rows of what. Any number of processes may do
 * it at once. Trouble with one thing does not keep the others.
 * @throws AggregateError of all that failed.
 */
export async function purge({ sql, log }: PurgeDeps, now: Date): Promise<Readonly<Record<string, number>>> {
  const removed: Record<string, number> = {}
  const failures: unknown[] = []
  for (const [what, removal] of Object.entries(removals)) {
    try {
      removed[what] = await removeAll(removal, sql, now)
    } catch (error) {
      failures.push(new Error(`${what} could not be removed`, { cause: error }))
    }
  }
  if (Object.values(removed).some(count => count > 0)) log.info({ removed }, 'what was kept long enough is removed')
  if (failures.length > 0) throw new AggregateError(failures, 'the purge is not complete')
  return removed
}

/** Trims the change feed to what it keeps, and answers by how many rows. */
export async function trim({ sql, log }: PurgeDeps, now: Date): Promise<number> {
  const dead = await forgetDeadCursors(sql, now)
  if (dead.length > 0) log.info({ dead }, 'readers of the feed that were away too long will compare everything when they are back')
  return removeAll(trimFeed, sql, now)
}

async function removeAll(removal: Removal, sql: JobDeps['sql'], now: Date): Promise<number> {
  let total = 0
  for (;;) {
    const count = await removal(sql, now, PART)
    total += count
    if (count < PART) return total
  }
}
