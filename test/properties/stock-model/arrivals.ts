import { putAsideNew, setOnHand } from './changes.ts'
import { lotOf, shelfOf } from './shelves.ts'
import { type Answer, type State, TRACKED } from './state.ts'

export type Arriving = {
  readonly sku: string
  readonly quantity: number
  readonly lot?: string
  readonly expiresAt?: string
  readonly to?: 'unavailable'
}

/** Units come to lie at a location: aside for nobody, else for whoever is short first. */
export function arrive(state: State, place: string, { sku, quantity, lot, expiresAt, to }: Arriving): void {
  const shelf = shelfOf(state, sku, place)
  const named = sku === TRACKED && lot !== undefined ? lotOf(shelf, lot, expiresAt ? Date.parse(expiresAt) : null) : null
  if (to === 'unavailable') putAsideNew(state, shelf, quantity, named)
  else setOnHand(state, shelf, shelf.onHand + quantity, named)
}

/** The first line that names a lot of what is not told apart by lot. */
export function wrongLot(parts: readonly Arriving[]): Answer | null {
  const line = parts.findIndex(part => part.lot !== undefined && part.sku !== TRACKED)
  return line < 0 ? null : { outcome: 'no_lots', line, sku: parts[line]?.sku }
}

/** Each SKU of the parts once, in the order of its first, with its units in all. */
export function perSku(parts: readonly Arriving[]): { sku: string; quantity: number }[] {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of parts) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return [...sums].map(([sku, quantity]) => ({ sku, quantity }))
}
