import { type Applied, applyNext } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import type { Context } from './context.ts'

/** A chunk's locks are held about this long, ms; the limit is 50 on a machine under load. */
const AIM_MS = 25
const CHUNK_FIRST = 50
const CHUNK_MAX = 1_000
const DEADLOCKS_MAX = 5

/**
 * Applies what is left of a judged import, chunk by chunk; each is one statement of its own, as large as its time allows. May be called
 * again at any time, and by several processes at once: a row is applied once.
 */
export async function applyImport(context: Context, id: number, onApplied: (done: Applied) => void): Promise<Applied> {
  let size = CHUNK_FIRST
  for (;;) {
    const done = await unlessDeadlocked(() => onceMore(() => applyNext(context.sql, id, size, context.actor)))
    onApplied(done)
    if (done.state !== 'applying') return done
    size = nextSize(size, done.ms ?? AIM_MS)
  }
}

/** Somebody else changed the same products in another order, and PostgreSQL chose us to give way: nothing of the chunk was written. */
async function unlessDeadlocked(chunk: () => Promise<Applied>): Promise<Applied> {
  for (let tries = 1; ; tries++) {
    try {
      return await chunk()
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01'
      if (!isDeadlock || tries === DEADLOCKS_MAX) throw error
    }
  }
}

/** At most doubled at a time: one quick chunk (all rows unchanged) says little about the next. */
function nextSize(size: number, ms: number): number {
  const factor = Math.min(2, AIM_MS / Math.max(ms, 1))
  return Math.max(5, Math.min(CHUNK_MAX, Math.floor(size * factor)))
}
