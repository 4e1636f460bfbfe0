import { expire, expireLots, fill, withdraw } from './promises.ts'
import { bringBack, lotOf, putAside, putOn, reservedOn, shelfOf, takeOff } from './shelves.ts'
import { type Answer, type Lot, PLACES, type Refusal, type Shelf, SKUS, type State, TRACKED } from './state.ts'
import { warnings } from './warnings.ts'

export type Change = {
  readonly sku: string
  readonly location: string
  readonly quantity: number
  readonly kind: 'receive' | 'adjust' | 'count' | 'sale' | 'return' | 'damage' | 'restore' | 'safety'
  readonly lot?: string
  readonly expiresAt?: string
  readonly to?: 'unavailable'
}

type LotLine = { readonly kind: Change['kind']; readonly quantity: number; readonly lot: string; readonly expiresAt: string | undefined }

/** Facts always post: promises beyond what is there give way, then what lay aside; new units go to whoever is short. */
export function setOnHand(state: State, shelf: Shelf, onHand: number, named: Lot | null = null): void {
  const freed = [shelf.sku]
  const reserved = reservedOn(state, shelf)
  if (onHand < reserved + shelf.unavailable) {
    const hidden = Math.max(shelf.unavailable - onHand, 0)
    freed.push(...withdraw(state, shelf, Math.min(reserved, reserved + shelf.unavailable - hidden - onHand)))
    if (hidden > 0) bringBack(shelf, hidden, named, false)
  }
  if (onHand < shelf.onHand) takeOff(shelf, shelf.onHand - onHand, named)
  else if (onHand > shelf.onHand) {
    putOn(shelf, onHand - shelf.onHand, 0, named)
    freed.push(...expireLots(state, [shelf.sku]))
  }
  fill(state, freed)
}

/** Books lines of changes, all or none. */
export function changeStock(state: State, lines: readonly Change[]): Answer {
  for (const [at, line] of lines.entries())
    for (const [field, known] of [
      ['sku', SKUS],
      ['location', PLACES],
    ] as const)
      if (!(known as readonly string[]).includes(line[field])) return { outcome: 'unknown', line: at, field, value: line[field] }
  expire(
    state,
    lines.map(line => line.sku),
  )
  for (const line of lines) changeOne(state, line)
  const shelves = new Set(lines.map(line => shelfOf(state, line.sku, line.location)))
  return {
    outcome: 'done',
    lines: [...shelves].map(shelf => {
      const { sku, place: location, onHand, unavailable, safety: safetyStock } = shelf
      const reserved = reservedOn(state, shelf)
      return {
        sku,
        location,
        onHand,
        reserved,
        unavailable,
        safetyStock,
        available: Math.max(0, onHand - reserved - unavailable - safetyStock),
      }
    }),
    ...warnings(
      state,
      lines
        .filter(line => (line.kind === 'receive' || line.kind === 'return') && line.quantity > 0)
        .map(line => ({ sku: line.sku, place: line.location, lot: line.lot })),
    ),
  }
}

function changeOne(state: State, { sku, location, quantity, kind, to, ...line }: Change): void {
  const shelf = shelfOf(state, sku, location)
  const named =
    sku === TRACKED && line.lot !== undefined ? lotNamed(shelf, { kind, quantity, lot: line.lot, expiresAt: line.expiresAt }) : null
  switch (kind) {
    case 'count':
      count(state, shelf, quantity, named)
      break
    case 'receive':
      setOnHand(state, shelf, shelf.onHand + quantity, named)
      break
    case 'adjust':
      if (shelf.onHand + quantity < 0)
        throw { refused: 'adjust_below_zero', detail: { sku, location, onHand: shelf.onHand, asked: quantity } } satisfies Refusal
      setOnHand(state, shelf, shelf.onHand + quantity, named)
      break
    case 'sale':
      // The goods left: what was not on the books is found first.
      if (shelf.onHand < quantity) putOn(shelf, quantity - shelf.onHand, 0, named)
      setOnHand(state, shelf, shelf.onHand - quantity, named)
      break
    case 'return':
      if (to === 'unavailable') putAsideNew(state, shelf, quantity, named)
      else setOnHand(state, shelf, shelf.onHand + quantity, named)
      break
    case 'damage':
      damage(state, shelf, quantity, named)
      break
    case 'restore':
      restore(state, shelf, quantity, named)
      break
    case 'safety':
      shelf.safety = quantity
  }
}

/** What was counted is there. Of one lot, it says nothing of the others: what was put aside of it is gone before any of theirs. */
function count(state: State, shelf: Shelf, quantity: number, named: Lot | null): void {
  if (named && named.unavailable > quantity) bringBack(shelf, named.unavailable - quantity, named, false)
  setOnHand(state, shelf, named ? shelf.onHand + quantity - named.quantity : quantity, named)
}

/** The lot that a line names. Units that are taken out of it or moved within it must be there; a sale is a fact, whatever lot the till names. */
function lotNamed(shelf: Shelf, { kind, quantity, lot: code, expiresAt }: LotLine): Lot | null {
  const known = shelf.lots.find(lot => lot.code === code)
  if (kind === 'sale') return known ?? null
  if (kind === 'damage' || kind === 'restore' || (kind === 'adjust' && quantity < 0)) {
    const available = known ? (kind === 'restore' ? known.unavailable : known.quantity - known.unavailable) : 0
    const asked = Math.abs(quantity)
    const { sku, place: location } = shelf
    if (asked > available) throw { refused: 'lot_beyond', detail: { sku, location, lot: code, kind, asked, available } } satisfies Refusal
  }
  return lotOf(shelf, code, expiresAt ? Date.parse(expiresAt) : null)
}

/** Units come to lie aside, and serve nobody; of a lot whose time is over there is nothing to expire any more. */
export function putAsideNew(state: State, shelf: Shelf, units: number, named: Lot | null): void {
  putOn(shelf, units, units, named)
  if (named && named.expires !== null && named.expires <= state.now) named.expired = true
}

/** Units are put aside; promises on them give way. */
function damage(state: State, shelf: Shelf, units: number, named: Lot | null): void {
  refuseBeyond(shelf, 'damage', units, shelf.onHand - shelf.unavailable)
  const free = shelf.onHand - reservedOn(state, shelf) - shelf.unavailable
  const freed = units > free ? withdraw(state, shelf, units - free) : []
  putAside(shelf, units, named)
  fill(state, [...freed, shelf.sku])
}

/** Units are for sale again, save for those whose time is over. */
export function restore(state: State, shelf: Shelf, units: number, named: Lot | null): void {
  refuseBeyond(shelf, 'restore', units, shelf.unavailable)
  bringBack(shelf, units, named, true)
  fill(state, [...expireLots(state, [shelf.sku]), shelf.sku])
}

function refuseBeyond({ sku, place: location }: Shelf, kind: string, asked: number, available: number): void {
  if (asked > available) throw { refused: 'hide_beyond', detail: { sku, location, kind, asked, available } } satisfies Refusal
}
