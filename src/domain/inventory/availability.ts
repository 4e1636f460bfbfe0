import { UNITS_HELD_MOST } from '../../values/units.ts'

/** The buckets of one balance (a variant at a location), in base units. */
export type Buckets = {
  readonly onHand: number
  readonly reserved: number
  readonly unavailable: number
  readonly safetyStock: number
}

/** Available to promise at a location: `max(0, on hand - reserved - unavailable - safety stock)`. */
export function availableToPromise(balance: Buckets): number {
  return Math.max(0, balance.onHand - balance.reserved - balance.unavailable - balance.safetyStock)
}

/** What lies of a bundle at one location: whole ones, and its parts with the units of each that one takes. Null: there is nothing of it. */
export type BundlePlace = {
  readonly own: Buckets | null
  readonly parts: readonly { readonly perUnit: number; readonly balance: Buckets | null }[]
}

/** How many of a bundle can be promised at a location: the whole ones, and as many as all of its parts there make. */
export function bundleToPromise({ own, parts }: BundlePlace): number {
  const free = (balance: Buckets | null): number => (balance === null ? 0 : availableToPromise(balance))
  const made = parts.map(({ perUnit, balance }) => Math.floor(free(balance) / perUnit))
  return free(own) + (made.length === 0 ? 0 : Math.min(...made))
}

/** On which terms a SKU is sold before it is there. A pre-order ends when it is available. */
export type SellingTerms = { readonly kind: 'backorder' | 'preorder'; readonly limit: number; readonly availableFrom: Date | null }

/** Units that may be sold though they are not there: the limit, less what orders are short of already. */
export function sellableAhead(terms: SellingTerms | null, short: number, sellAhead: boolean, now: Date): number {
  if (terms === null || !sellAhead) return 0
  if (terms.kind === 'preorder' && (terms.availableFrom === null || terms.availableFrom <= now)) return 0
  return Math.max(0, terms.limit - short)
}

/** How much of what is available a channel shows. `cap` null: no cap. A percentage, where it is above 0, takes the place of the units. */
export type ShowPolicy = {
  readonly buffer: number
  /** At most two decimals. */
  readonly bufferPercent?: number
  readonly cap: number | null
  readonly stopSellingAt: number
}

export type Shown = {
  /** Sum over the channel's pool, at most UNITS_HELD_MOST. */
  readonly atp: number
  /** Units that may be sold though they are not there. */
  readonly ahead: number
  /** Units kept back. */
  readonly buffer: number
  readonly shown: number
  /** What made the shown number differ from what is available, in the order in which it acted. */
  readonly because: readonly ('ahead' | 'buffer' | 'cap' | 'stop_selling')[]
}

/** What a channel shows of a pool of balances of one SKU that is no bundle: see `shownOf`. */
export function shown(pool: readonly Buckets[], policy: ShowPolicy, ahead = 0): Shown {
  return shownOf(
    pool.reduce((sum, balance) => sum + availableToPromise(balance), 0),
    policy,
    ahead,
  )
}

/**
 * What a channel shows of what can be promised over its locations: `clamp(ATP + ahead - buffer, 0, cap)`, and 0 where ATP + ahead is at or below
 * "stop selling at" (DESIGN 4). A percentage keeps back whole units of the ATP, rather one more than one less. The SQL function
 * `channel_shown_2` repeats this rule for many variants at once; a property test holds the two equal.
 */
export function shownOf(sum: number, policy: ShowPolicy, ahead: number): Shown {
  const atp = Math.min(sum, UNITS_HELD_MOST)
  const buffer = bufferOf(atp, policy)
  if (atp + ahead <= policy.stopSellingAt) return { atp, ahead, buffer, shown: 0, because: atp + ahead > 0 ? ['stop_selling'] : [] }
  const because: ('ahead' | 'buffer' | 'cap')[] = ahead > 0 ? ['ahead'] : []
  let quantity = atp + ahead
  if (buffer > 0) {
    quantity = Math.max(0, quantity - buffer)
    because.push('buffer')
  }
  if (policy.cap !== null && quantity > policy.cap) {
    quantity = policy.cap
    because.push('cap')
  }
  return { atp, ahead, buffer, shown: Math.min(quantity, UNITS_HELD_MOST), because }
}

// In hundredths of a percent, so that nothing is lost to binary fractions.
function bufferOf(atp: number, { buffer, bufferPercent = 0 }: ShowPolicy): number {
  return bufferPercent > 0 ? Math.ceil((atp * Math.round(bufferPercent * 100)) / 10_000) : buffer
}
