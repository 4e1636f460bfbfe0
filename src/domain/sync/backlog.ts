import { syncLowerBoundS } from './bound.ts'
import type { PushPace } from './forecast.ts'

/** A bucket of calls: what is left of it, and what comes back each second. */
export type CallsLeft = { readonly left: number; readonly ratePerS: number }

/** Our own part of a call: taking it up and noting its answer. */
const BEGIN_S = 0.1

/** Calls that it takes to send so many SKUs, given by their parents: variations of different parents never share one. */
export const callsFor = (families: readonly number[], perCall: number): number =>
  families.reduce((sum, size) => sum + Math.ceil(size / perCall), 0)

/** How long so many calls take at the rate that is left, seconds from when the first may start: T* of DESIGN 4. */
export function backlogS(calls: number, bucket: CallsLeft, pace: Pick<PushPace, 'latencyS' | 'inFlight'>, scale: number): number {
  return syncLowerBoundS({
    calls,
    bucket: { ratePerS: bucket.ratePerS, burst: bucket.left },
    latencyS: pace.latencyS / scale,
    inFlight: pace.inFlight,
    processingS: BEGIN_S,
  })
}
