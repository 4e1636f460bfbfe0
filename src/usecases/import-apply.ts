import { type Applied, applyNext } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import { type AppliedBefore, applyNextStock, isStagedStock, type StockApplied } from '../../db/stock-imports.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

/** A chunk's locks are held about this long, ms; the limit is 50 on a machine under load. */
const AIM_MS = 25
const CHUNK_FIRST = 50
const CHUNK_MAX = 1_000
/** Rows of a stock file are written set by set. */
const STOCK_CHUNK_FIRST = 500
const STOCK_CHUNK_MAX = 5_000
const DEADLOCKS_MAX = 5

/**
 * Applies what is left of a judged import, chunk by chunk; each is one statement of its own, as large as its time allows. May be called
 * again at any time, and by several processes at once: a row is applied once. @throws Fault conflict for differences that were applied already.
 */
export async function applyImport(context: Context, id: number, onApplied: (done: Applied) => void): Promise<Applied> {
  const isStock = await isStagedStock(context.sql, id)
  const { sql, actor } = context
  let size = isStock ? STOCK_CHUNK_FIRST : CHUNK_FIRST
  for (;;) {
    const chunk = (): Promise<StockApplied> => (isStock ? applyNextStock(sql, id, size, { actor }) : applyNext(sql, id, size, actor))
    const done = await unlessDeadlocked(() => onceMore(chunk))
    if (done.state === 'applied_before') throw appliedBefore(done.before)
    onApplied(done)
    if (done.state !== 'applying') return done
    size = nextSize(size, done.ms ?? AIM_MS, isStock ? STOCK_CHUNK_MAX : CHUNK_MAX)
  }
}

/** Somebody else changed the same products in another order, and PostgreSQL chose us to give way: nothing of the chunk was written. */
async function unlessDeadlocked(chunk: () => Promise<StockApplied>): Promise<StockApplied> {
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
function nextSize(size: number, ms: number, most: number): number {
  const factor = Math.min(2, AIM_MS / Math.max(ms, 1))
  return Math.max(5, Math.min(most, Math.floor(size * factor)))
}

/** The refusal of differences whose content was applied already. */
export function appliedBefore({ id, name, at }: AppliedBefore): Fault {
  return new Fault(
    'conflict',
    `Import ${id} (${name}) of ${new Date(at).toISOString()} applied these same differences already. If they happened once more, import them with --again (again=true).`,
    { field: 'again', import: id, expected: 'a file that was not applied yet, or --again' },
  )
}
