import { availableToPromise, type Shown, type ShowPolicy, shownOf } from './availability.ts'

/** What there was of one variant at one location. */
export type PlaceFacts = {
  readonly location: string
  /** A closed location serves nobody. */
  readonly active: boolean
  readonly onHand: number
  readonly reserved: number
  /** Of the reserved: holds whose time was over, which count as released. */
  readonly over: number
  readonly unavailable: number
  /** Units of lots whose time was over, not put aside yet: they count as unavailable. */
  readonly expiredLots: number
  readonly safetyStock: number
}

/** A part of a bundle: what one bundle takes, and where there was any of it. */
export type PartFacts = { readonly sku: string; readonly perUnit: number; readonly places: readonly PlaceFacts[] }

/** What a part allowed at a location; `limits` where no other part allowed fewer. */
export type PartAllows = {
  readonly sku: string
  readonly perUnit: number
  readonly available: number
  readonly allows: number
  readonly limits: boolean
}

export type PlaceExplained<Place extends PlaceFacts = PlaceFacts> = Place & {
  /** To promise: of the units themselves, and of those that parts make. */
  readonly available: number
  /** Of them: put together from parts. */
  readonly made: number
  readonly parts: readonly PartAllows[]
}

/** What each step takes (−) or adds (+) on the way from on hand to shown, in units; they add up to what is shown. */
export const STEPS = [
  'on_hand',
  'reserved',
  'unavailable',
  'expired',
  'safety',
  'uncovered',
  'made',
  'limit',
  'ahead',
  'buffer',
  'cap',
  'stop_selling',
] as const
export type Step = { readonly step: (typeof STEPS)[number]; readonly units: number }

export type ChannelExplained<Place extends PlaceFacts> = {
  readonly pool: readonly PlaceExplained<Place>[]
  readonly result: Shown
  readonly steps: readonly Step[]
}

/** What could be promised of a variant at a location: holds that are over are free again, lots that are over are put aside. */
export function availableThen(place: PlaceFacts): number {
  return availableToPromise({
    onHand: place.onHand,
    reserved: place.reserved - place.over,
    unavailable: place.unavailable + place.expiredLots,
    safetyStock: place.safetyStock,
  })
}

/** One location of a pool: what lies there and, of a bundle, what its parts there make. */
export function explainPlace<Place extends PlaceFacts>(place: Place, parts: readonly PartFacts[]): PlaceExplained<Place> {
  const allowing = parts.map(({ sku, perUnit, places }) => {
    const there = places.find(one => one.location === place.location)
    const available = there === undefined || !place.active ? 0 : availableThen(there)
    return { sku, perUnit, available, allows: Math.floor(available / perUnit) }
  })
  const made = allowing.length === 0 ? 0 : Math.min(...allowing.map(part => part.allows))
  return {
    ...place,
    available: (place.active ? availableThen(place) : 0) + made,
    made,
    parts: allowing.map(part => ({ ...part, limits: part.allows === made })),
  }
}

/** The way from what is on hand in a pool to what the channel shows, step by step, by the same rule that decides it. */
export function explainChannel<Place extends PlaceFacts>(
  pool: readonly Place[],
  parts: readonly PartFacts[],
  policy: ShowPolicy,
  ahead: number,
): ChannelExplained<Place> {
  const places = pool.map(place => explainPlace(place, parts))
  const open = places.filter(place => place.active)
  const sum = (of: (place: PlaceExplained) => number) => open.reduce((total, place) => total + of(place), 0)
  const all = sum(place => place.available)
  const result = shownOf(all, policy, ahead)
  // Safety stock that is not there at one location takes nothing from another.
  const missing = (place: PlaceExplained) =>
    Math.max(0, place.reserved - place.over + place.unavailable + place.expiredLots + place.safetyStock - place.onHand)
  const steps: Step[] = [
    { step: 'on_hand', units: sum(place => place.onHand) },
    { step: 'reserved', units: -sum(place => place.reserved - place.over) },
    { step: 'unavailable', units: -sum(place => place.unavailable) },
    { step: 'expired', units: -sum(place => place.expiredLots) },
    { step: 'safety', units: -sum(place => place.safetyStock) },
    { step: 'uncovered', units: sum(missing) },
    { step: 'made', units: sum(place => place.made) },
    { step: 'limit', units: result.atp - all },
    ...decided(result),
  ]
  // No minus before a nothing.
  return { pool: places, result, steps: steps.map(({ step, units }) => ({ step, units: units + 0 })) }
}

/** What the policy made of what is available. */
function decided({ atp, ahead, buffer, shown, because }: Shown): Step[] {
  const stopped = because.includes('stop_selling')
  const kept = stopped ? 0 : Math.min(buffer, atp + ahead)
  return [
    { step: 'ahead', units: ahead },
    { step: 'buffer', units: -kept },
    { step: 'cap', units: stopped ? 0 : shown - (atp + ahead - kept) },
    { step: 'stop_selling', units: stopped ? -(atp + ahead) : 0 },
  ]
}
