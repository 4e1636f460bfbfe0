import type { ChangeRow } from '../db/feed.ts'
import type { Moved } from '../db/publications.ts'

/** Whose stock and whose prices a part of the feed speaks of. A channel that was set up anew, or a listing that was matched, changes both. */
export function movedBy(changes: readonly Pick<ChangeRow, 'kind' | 'variantId'>[]): Moved {
  const ofKinds = (...kinds: readonly string[]): number[] => [
    ...new Set(changes.flatMap(change => (change.variantId !== null && kinds.includes(change.kind) ? [change.variantId] : []))),
  ]
  const isAll = changes.some(change => change.kind === 'channel')
  // A price change of no SKU is one of a list or a rate: it may speak of any.
  const isAnyPrice = isAll || changes.some(change => change.kind === 'price' && change.variantId === null)
  return { stock: isAll ? null : ofKinds('stock', 'listing'), prices: isAnyPrice ? null : ofKinds('price', 'listing') }
}
