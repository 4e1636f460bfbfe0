import { type Applied, applyNext } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import { onOneConnection } from '../../db/own-connection.ts'
import { applyNextPrices, isWeighedPrices } from '../../db/price-imports.ts'
import { isStagedStock } from '../../db/stock-imports.ts'
import type { Context } from './context.ts'
import { AIM_MS, nextSize, unlessDeadlocked } from './import-chunks.ts'
import { applyStockImport } from './import-stock-apply.ts'

const CHUNK_FIRST = 50
const CHUNK_MAX = 1_000
/** Prices are written set by set. */
const PRICES_FIRST = 250

/**
 * Applies what is left of a judged import, chunk by chunk; each is one statement of its own, as large as its time allows. May be called
 * again at any time, and by several processes at once: a row is applied once. @throws Fault conflict for differences that were applied already.
 */
export async function applyImport(context: Context, id: number, onApplied: (done: Applied) => void): Promise<Applied> {
  if (await isStagedStock(context.sql, id)) return applyStockImport(context, id, onApplied)
  if (!(await isWeighedPrices(context.sql, id)))
    return byChunks(CHUNK_FIRST, size => applyNext(context.sql, id, size, context.actor), onApplied)
  return onOneConnection(context.sql, own =>
    byChunks(PRICES_FIRST, size => applyNextPrices(own, id, size, { actor: context.actor }), onApplied),
  )
}

async function byChunks(
  first: number,
  applyChunk: (size: number) => Promise<Applied>,
  onApplied: (done: Applied) => void,
): Promise<Applied> {
  for (let size = first; ; ) {
    const done = await unlessDeadlocked(() => onceMore(() => applyChunk(size)))
    onApplied(done)
    if (done.state !== 'applying') return done
    size = nextSize(size, done.ms ?? AIM_MS, CHUNK_MAX)
  }
}
