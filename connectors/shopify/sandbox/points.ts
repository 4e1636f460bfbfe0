import type { Shop } from './schema.ts'

const PER_S = 100
/** A full bucket is what comes back in so many seconds. */
const FULL_S = 20
/** One query may cost no more, whatever is there. */
export const QUERY_MAX = 1000

/** The leaky bucket of an app at a shop, in points. */
export type Points = {
  /** Whether so many are there; then they are taken. */
  readonly take: (points: number) => boolean
  readonly giveBack: (points: number) => void
  readonly status: () => { readonly maximumAvailable: number; readonly currentlyAvailable: number; readonly restoreRate: number }
}

export function makePoints({ options, store }: Shop): Points {
  const restoreRate = (options.pointsPerS ?? PER_S) * options.scale
  const maximumAvailable = restoreRate * FULL_S
  let left = maximumAvailable
  let at = options.now().getTime()
  const refill = (): void => {
    const now = options.now().getTime()
    left = Math.min(maximumAvailable, left + ((now - at) / 1000) * restoreRate * (1 - store.shareOf('eaten')))
    at = now
  }
  return {
    take: points => {
      refill()
      if (points > left) return false
      left -= points
      return true
    },
    giveBack: points => {
      left = Math.min(maximumAvailable, left + points)
    },
    status: () => {
      refill()
      return { maximumAvailable, currentlyAvailable: Math.floor(left), restoreRate }
    },
  }
}
