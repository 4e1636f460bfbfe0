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

/** How much of what is available a channel shows. `cap` null: no cap. */
export type ShowPolicy = { readonly buffer: number; readonly cap: number | null; readonly stopSellingAt: number }

export type Shown = {
  /** Sum over the channel's pool, at most UNITS_HELD_MOST. */
  readonly atp: number
  readonly shown: number
  /** What made the shown number differ from what is available, in the order in which it acted. */
  readonly because: readonly ('buffer' | 'cap' | 'stop_selling')[]
}

/**
 * What a channel shows of its pool: `clamp(ATP - buffer, 0, cap)`, and 0 where the ATP is at or below "stop selling at" (DESIGN 4).
 * The SQL function `channel_shown_1` repeats this rule for many variants at once; a property test holds the two equal.
 */
export function shown(pool: readonly Buckets[], policy: ShowPolicy): Shown {
  const atp = Math.min(
    pool.reduce((sum, balance) => sum + availableToPromise(balance), 0),
    UNITS_HELD_MOST,
  )
  if (atp <= policy.stopSellingAt) return { atp, shown: 0, because: atp > 0 ? ['stop_selling'] : [] }
  const because: ('buffer' | 'cap')[] = []
  let quantity = atp
  if (policy.buffer > 0) {
    quantity = Math.max(0, quantity - policy.buffer)
    because.push('buffer')
  }
  if (policy.cap !== null && quantity > policy.cap) {
    quantity = policy.cap
    because.push('cap')
  }
  return { atp, shown: quantity, because }
}
