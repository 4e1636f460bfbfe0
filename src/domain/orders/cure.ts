/** What is known of units that an order is short of. Instants in ms; locations by their code. */
export type ShortFacts = {
  readonly short: number
  /** Units that orders before it are short of: what there is goes to those first. */
  readonly before: number
  /** Free units at locations that do not serve the order's channel. */
  readonly elsewhere: readonly { readonly location: string; readonly free: number }[]
  /** What is to come to locations that serve it, the soonest first; `at` null: nobody said when. */
  readonly incoming: readonly { readonly units: number; readonly at: number | null }[]
  /** What rules allow instead of it and is free for the channel, the preferred first. */
  readonly substitutes: readonly { readonly sku: string; readonly free: number }[]
  /** By when the channel wants the order shipped; null: it does not say. */
  readonly until: number | null
}

/** The next sensible step, and why: what of it there is. */
export type Cure =
  | { readonly cure: 'transfer'; readonly location: string; readonly units: number }
  | { readonly cure: 'substitute'; readonly sku: string; readonly units: number }
  | { readonly cure: 'wait'; readonly units: number; readonly at: number }
  /** `until`: by when the channel wants it shipped, and so cancelled rather than late. */
  | { readonly cure: 'cancel'; readonly until: number | null }

/**
 * The best cure for units that are short. First what lies at one place and is all of it, because it can be had today; then something else that a rule allows and is all
 * of it; then what comes in time and is all of it; then the most that lies anywhere, of it or else of what may be instead, because a part in hand is worth more than all
 * of it some day; what nobody has and nothing brings is cancelled, so that the buyer is not kept waiting for nothing.
 */
export function cureFor({ short, before, elsewhere, incoming, substitutes, until }: ShortFacts): Cure {
  let taken = before
  const places = elsewhere
    .toSorted((a, b) => b.free - a.free || (a.location < b.location ? -1 : 1))
    .map(place => {
      const theirs = Math.min(taken, place.free)
      taken -= theirs
      return { ...place, free: place.free - theirs }
    })
    .filter(place => place.free > 0)
  const most = places.reduce<(typeof places)[number] | undefined>(
    (best, place) => (best && best.free >= place.free ? best : place),
    undefined,
  )
  if (most !== undefined && most.free >= short) return { cure: 'transfer', location: most.location, units: short }
  const whole = substitutes.find(one => one.free >= short)
  if (whole !== undefined) return { cure: 'substitute', sku: whole.sku, units: short }
  let units = -taken
  for (const { units: more, at } of incoming) {
    if (at === null || (until !== null && at > until)) continue
    units += more
    if (units >= short) return { cure: 'wait', units, at }
  }
  if (most !== undefined) return { cure: 'transfer', location: most.location, units: most.free }
  const part = substitutes.find(one => one.free > 0)
  return part === undefined ? { cure: 'cancel', until } : { cure: 'substitute', sku: part.sku, units: part.free }
}
