import { setTimeout as wait } from 'node:timers/promises'
import type { Applied } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import { type AppliedBefore, applyNextStock, type StockApplied } from '../../db/stock-imports.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { AIM_MS, nextSize, unlessDeadlocked } from './import-chunks.ts'

const CHUNK_FIRST = 500
const CHUNK_MAX = 5_000
/** While others are at work, locks are held for less: whoever reserves one of the chunk's SKUs waits for it, and all that go with him. */
const BUSY_AIM_MS = 8
/** How long a lane rests after a chunk while others are at work, in times of the chunk's own. */
const RESTS = [3, 12] as const
const REST_MOST_MS = 250

/**
 * Applies what is left of a judged stock file in two lanes, each chunk by chunk: the parts of a file have no SKU in common. While the database has
 * other work to do, such as reservations, the lanes rest between chunks, the second one most of the time.
 */
export async function applyStockImport(context: Context, id: number, onApplied: (done: Applied) => void): Promise<Applied> {
  // The first chunk alone decides whether the file may apply at all.
  let last = await applyChunk(context, id, CHUNK_FIRST)
  onApplied(last)
  let isStopped = false
  const lane = async (rest: number): Promise<void> => {
    let size = CHUNK_FIRST
    while (last.state === 'applying' && !isStopped) {
      const done = await applyChunk(context, id, size)
      const { took = 0, ms = 0, busy = false } = done
      if (took === 0 && done.state === 'applying') return
      if (done.state !== 'applying' || done.applied > last.applied) last = done
      // Never the answer of a chunk that ended earlier and is heard of later: progress does not go back.
      onApplied(last)
      if (took === 0) return
      if (busy) await wait(Math.min(REST_MOST_MS, ms * rest))
      size = nextSize(size, ms || AIM_MS, CHUNK_MAX, busy ? BUSY_AIM_MS : AIM_MS)
    }
  }
  const stopping = (failed: unknown) => {
    isStopped = true
    throw failed
  }
  if (last.state === 'applying') await together(...RESTS.map(rest => lane(rest).catch(stopping)))
  // A lane that found nothing left to take may have been overtaken by one that failed to end the file.
  while (last.state === 'applying') {
    last = await applyChunk(context, id, CHUNK_FIRST)
    onApplied(last)
    if (last.state === 'applying' && last.took === 0) await wait(AIM_MS)
  }
  return last
}

/** Waits for both, also when one fails: nothing goes on behind the caller's back. */
async function together(...lanes: readonly Promise<void>[]): Promise<void> {
  for (const ended of await Promise.allSettled(lanes)) if (ended.status === 'rejected') throw ended.reason
}

async function applyChunk(
  context: Context,
  id: number,
  size: number,
): Promise<Exclude<StockApplied, { readonly state: 'applied_before' }>> {
  const done = await unlessDeadlocked(() => onceMore(() => applyNextStock(context.sql, id, size, { actor: context.actor })))
  if (done.state === 'applied_before') throw appliedBefore(done.before)
  return done
}

/** The refusal of differences whose content was applied already. */
export function appliedBefore({ id, name, at }: AppliedBefore): Fault {
  return new Fault(
    'conflict',
    `Import ${id} (${name}) of ${new Date(at).toISOString()} applied these same differences already. If they happened once more, import them with --again (again=true).`,
    { field: 'again', import: id, expected: 'a file that was not applied yet, or --again' },
  )
}
