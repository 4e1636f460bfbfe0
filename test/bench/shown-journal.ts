import type { JournalEntry } from '../../connectors/sandbox.ts'
import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'

/**
 * Each manual change lifts or lowers a SKU by whole levels, so that a platform's number tells which changes it includes, whatever was
 * sold meanwhile: orders stay within a level.
 */
export const LEVEL = 100_000
/** Half a level of stock lies below and above what a level begins with, for orders and for what comes back. */
export const BASE = LEVEL / 2

/** Units that change number `n` (from 1) of a SKU adds: three levels up, one level down, in turns. No level comes twice. */
export const unitsOf = (n: number): number => (n % 2 === 1 ? 3 : -1) * LEVEL

/** How many changes of a SKU are included in a number that a platform shows. */
export function changesIn(quantity: number): number {
  const level = Math.floor(quantity / LEVEL)
  return level % 2 === 1 ? level - 2 : level
}

/** The price that the `n`-th price change of a SKU sets: none comes twice. */
export const priceOf = (n: number): string => (10 + n / 100).toFixed(2)
export const changesInPrice = (regular: string): number => Math.round((Number(regular) - 10) * 100)

/** A platform's listing at an instant: how many changes of its stock or price it shows. */
export type Sight = { readonly atMs: number; readonly field: 'stock' | 'price'; readonly changes: number }

const PAGE = 10_000

/** What a platform showed since an entry of its journal, by SKU, in order. `priceRef`: the marketplace whose prices count; null: all. */
export async function sights(platform: RemoteSandbox, afterSeq: number, priceRef: string | null): Promise<Map<string, Sight[]>> {
  const found = new Map<string, Sight[]>()
  for (let after = afterSeq; ; ) {
    const page = await platform.journal(after, PAGE)
    for (const entry of page) {
      const sight = sightOf(entry, priceRef)
      if (entry.sku === null || sight === null) continue
      const of = found.get(entry.sku)
      if (of) of.push(sight)
      else found.set(entry.sku, [sight])
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return found
    after = last.seq
  }
}

/** The newest entry's number. */
export async function journalEnd(platform: RemoteSandbox): Promise<number> {
  for (let after = 0; ; ) {
    const page = await platform.journal(after, PAGE)
    after = page.at(-1)?.seq ?? after
    if (page.length < PAGE) return after
  }
}

function sightOf(entry: JournalEntry, priceRef: string | null): Sight | null {
  const atMs = Date.parse(entry.at)
  if (entry.kind === 'quantity') return { atMs, field: 'stock', changes: changesIn(Number(entry.data.value)) }
  if (entry.kind !== 'price' || (priceRef !== null && entry.data.marketplace !== priceRef)) return null
  return { atMs, field: 'price', changes: changesInPrice(String(entry.data.regular)) }
}
