import type { Place } from './facts.ts'

/** What speaks against a place, in the order in which a rule looks: the first that holds is the reason. */
export const FILTERS = ['serves', 'excluded', 'open', 'method', 'ships_to', 'kind', 'distance', 'hazard', 'stock', 'capacity'] as const
export type Filter = (typeof FILTERS)[number]

/** What a rule can weigh. Each is a measure, and what one of it is worth in money. */
export const RANKS = ['parcel', 'distance', 'handling', 'split', 'promise', 'balance', 'oldest', 'priority'] as const
export type RankBy = (typeof RANKS)[number]

/**
 * One of a merchant's rules. They are tried in their order; the first that places everything within its limit decides (see `route`).
 * `worth`: what a parcel, a kilometre, a unit handled, a parcel beyond the first, a day until it arrives, a fully loaded day, a day on the shelf and a step of
 * priority count; the last two speak for a place.
 */
export type RoutingRule = {
  readonly name: string
  readonly kinds: readonly Place['kind'][] | null
  /** Only these locations, by code; null: all of the pool. */
  readonly locations: readonly string[] | null
  readonly maxKm: number | null
  /** Most locations that one order is split over; null: any number. */
  readonly maxPlaces: number | null
  /** Orders that are worth less are not split; null: all may be. */
  readonly noSplitBelow: number | null
  /** Whether goods may be sent to the store where the buyer collects them. */
  readonly shipToStore: boolean
  readonly worth: Readonly<Record<RankBy, number>>
}

export type RoutingRules = {
  readonly rules: readonly RoutingRule[] /** Hours after which a group that nobody began is routed anew; null: never. */
  readonly lateAfterHours: number | null
}

export const PLAIN_WORTH: RoutingRule['worth'] = {
  ...{ parcel: 4, distance: 0.005, handling: 0.2, split: 1 },
  ...{ promise: 0.5, balance: 0.5, oldest: 0, priority: 1 },
}

/** The name of the only rule that nobody has written. */
export const PLAIN_RULE = 'Everything'

/** What holds where a merchant has written no rules: few parcels from near by. */
export const PLAIN_RULES: RoutingRules = {
  rules: [
    {
      ...{ name: PLAIN_RULE, kinds: null, locations: null, maxKm: null, maxPlaces: null },
      ...{ noSplitBelow: null, shipToStore: true, worth: PLAIN_WORTH },
    },
  ],
  lateAfterHours: null,
}
