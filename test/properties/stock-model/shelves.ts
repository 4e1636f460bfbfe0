import { type Lot, type Shelf, type State, sum, TRACKED } from './state.ts'

/** The shelf of a SKU at a location, empty where nothing ever lay there. */
export function shelfOf(state: State, sku: string, place: string): Shelf {
  const known = state.shelves.find(one => one.sku === sku && one.place === place)
  if (known) return known
  const shelf = { sku, place, onHand: 0, unavailable: 0, incoming: 0, safety: 0, lots: [] }
  state.shelves.push(shelf)
  return shelf
}

/** The lot of a code. Its expiry is said once. */
export function lotOf(shelf: Shelf, code: string, expires: number | null): Lot {
  const known = shelf.lots.find(lot => lot.code === code)
  if (known) {
    known.expires ??= expires
    return known
  }
  const lot = { code, expires, quantity: 0, unavailable: 0, expired: false, byExpiry: 0 }
  shelf.lots.push(lot)
  return lot
}

/** First expired first, then what never expires; the one that is named before all. */
export function firstExpired(lots: readonly Lot[], named: Lot | null = null): Lot[] {
  const rank = (lot: Lot): number => (lot === named ? Number.NEGATIVE_INFINITY : (lot.expires ?? Number.POSITIVE_INFINITY))
  return lots.toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
}

/** Units come to lie on a shelf, `aside` of them not for sale. */
export function putOn(shelf: Shelf, units: number, aside = 0, named: Lot | null = null): void {
  shelf.onHand += units
  shelf.unavailable += aside
  if (shelf.sku !== TRACKED) return
  const lot = named ?? lotOf(shelf, '', null)
  lot.quantity += units
  lot.unavailable += aside
  // More of an expired lot that is for sale: looked at anew.
  lot.expired &&= aside > 0
}

/** Units for sale leave a shelf; answers how many came from which lot, null where there are none. */
export function takeOff(shelf: Shelf, units: number, named: Lot | null = null): { readonly lot: Lot | null; readonly units: number }[] {
  shelf.onHand -= units
  if (shelf.sku !== TRACKED) return units === 0 ? [] : [{ lot: null, units }]
  return spread(
    firstExpired(shelf.lots, named),
    units,
    lot => lot.quantity - lot.unavailable,
    (lot, take) => {
      lot.quantity -= take
    },
  )
}

/** Units for sale are put aside. */
export function putAside(shelf: Shelf, units: number, named: Lot | null = null): void {
  shelf.unavailable += units
  if (shelf.sku !== TRACKED) return
  spread(
    firstExpired(shelf.lots, named),
    units,
    lot => lot.quantity - lot.unavailable,
    (lot, take) => {
      lot.unavailable += take
    },
  )
}

/** Units that lie aside are for sale again: rather those that have not expired. `isRestored`: by somebody who says so, and not because they are gone. */
export function bringBack(shelf: Shelf, units: number, named: Lot | null, isRestored: boolean): void {
  shelf.unavailable -= units
  if (shelf.sku !== TRACKED) return
  const byExpiry = firstExpired(shelf.lots.filter(lot => lot !== named))
  const lots = [...(named ? [named] : []), ...byExpiry.filter(lot => !lot.expired), ...byExpiry.filter(lot => lot.expired)]
  spread(
    lots,
    units,
    lot => lot.unavailable,
    (lot, take) => {
      lot.unavailable -= take
      lot.byExpiry = Math.max(0, lot.byExpiry - take)
      if (isRestored) lot.expired = false
    },
  )
}

/** Takes from one lot after the other what each has room for; answers those that gave, and how many. */
function spread(
  lots: readonly Lot[],
  units: number,
  roomOf: (lot: Lot) => number,
  move: (lot: Lot, take: number) => void,
): { readonly lot: Lot; readonly units: number }[] {
  let missing = units
  const gave: { readonly lot: Lot; readonly units: number }[] = []
  for (const lot of lots) {
    const take = Math.min(missing, roomOf(lot))
    if (take <= 0) continue
    move(lot, take)
    gave.push({ lot, units: take })
    missing -= take
  }
  if (missing > 0) throw new Error(`the model has ${missing} units in no lot`)
  return gave
}

/** Units promised there. */
export function reservedOn(state: State, { sku, place }: Pick<Shelf, 'sku' | 'place'>): number {
  return sum(
    state.promises
      .filter(one => one.place === place && one.units > 0)
      .map(one => one.units * sum(one.parts.filter(part => part.sku === sku).map(part => part.each))),
  )
}

/** Units that nobody was promised and that are for sale; the safety stock is kept back unless `withSafety`. */
export function freeOn(state: State, sku: string, place: string, withSafety = false): number {
  const shelf = state.shelves.find(one => one.sku === sku && one.place === place)
  if (!shelf) return 0
  return Math.max(0, shelf.onHand - reservedOn(state, shelf) - shelf.unavailable - (withSafety ? 0 : shelf.safety))
}
