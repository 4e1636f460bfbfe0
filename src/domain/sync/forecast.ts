import { syncLowerBoundS } from './bound.ts'

/** What a platform lets through of pushes, unscaled, by what its connector declares. */
export type PushPace = {
  /** Listings in a call at most; variations of different parents never share one. */
  readonly perCall: number
  readonly inFlight: number
  readonly bucket: { readonly ratePerS: number; readonly burst: number }
  /** What a call usually takes, seconds. */
  readonly latencyS: number
  /** Whether dates of sales are sent ahead, so that the platform may begin and end them by itself. */
  readonly takesDates: boolean
  /** How long after it has taken a value the platform may still show the old one, seconds; 0: it shows at once. */
  readonly showsWithinS: number
}

/** Prices of an account's listings that begin or end at one instant. `families`: how many SKUs each parent has, those without one together. */
export type TurnLoad = {
  readonly listings: number
  readonly families: readonly number[] /** How many times faster than the platform's own pace the account goes: a sandbox's calls are so much faster, too. */
  readonly scale: number
}

/** From the instant until the first and until the last of them is sent and taken, seconds. */
export type TurnWindow = { readonly calls: number; readonly firstS: number; readonly lastS: number; readonly isOnTime: boolean }

/** A price may show a second too early or too late (I-11). */
export const ON_TIME_S = 1

/** Of the calls that come back while prices are sent that are due, this part is theirs for certain; the rest is left to stock and polls. */
export const TURN_SHARE = 0.75

/** Our own part: what it takes to begin, and to reckon each listing anew. */
const BEGIN_S = 0.1
const LISTING_S = 0.0004

/** When an account's prices come to show that turn at an instant: T* of DESIGN 4 with the burst that is kept back for them and their share of the rate. */
export function turnWindow({ listings, families, scale }: TurnLoad, pace: PushPace): TurnWindow {
  const calls = families.reduce((sum, size) => sum + Math.ceil(size / pace.perCall), 0)
  const bucket = { ratePerS: pace.bucket.ratePerS * scale * TURN_SHARE, burst: Math.max(1, Math.floor(pace.bucket.burst * scale)) }
  const latencyS = pace.latencyS / scale
  const run = (n: number, processingS: number) => syncLowerBoundS({ calls: n, bucket, latencyS, inFlight: pace.inFlight, processingS })
  const lastS = run(calls, BEGIN_S + listings * LISTING_S)
  return { calls, firstS: run(Math.min(calls, 1), BEGIN_S), lastS, isOnTime: lastS <= ON_TIME_S }
}
