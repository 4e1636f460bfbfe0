import { syncLowerBoundS } from './bound.ts'

/** A backlog of a platform that takes many prices as one feed as well as one by one. Times in seconds. */
export type FeedBacklog = {
  /** Calls that wait in all, and for how many listings of them a feed may go instead. */
  readonly calls: number
  readonly feedable: number
  readonly itemsMin: number
  readonly itemsMax: number
  /** What is left for calls now, and what comes back each second. */
  readonly left: number
  readonly ratePerS: number
  readonly latencyS: number
  readonly inFlight: number
  /** Until a feed may be started, and from then until its verdicts. */
  readonly startInS: number
  readonly processingS: number
}

/** Which way ends first, and when each would. */
export type FeedChoice = { readonly way: 'calls' | 'feed'; readonly callsS: number; readonly feedS: number }

/** A feed must be so many times sooner: how long the platform takes is a guess, and a price that is in a feed cannot be hurried. */
const SOONER = 1.5

/**
 * One feed, or one by one: T* of DESIGN 4 with the calls that are left, against the feed's own time or, if longer, that of the calls which it leaves. The
 * margin and the least number keep small backlogs out of feeds, and keep one that is about even from going now this way, now that.
 */
export function feedOrCalls(backlog: FeedBacklog): FeedChoice {
  const inFeed = Math.min(backlog.feedable, backlog.itemsMax)
  const lastS = (calls: number): number =>
    syncLowerBoundS({
      calls,
      bucket: { ratePerS: backlog.ratePerS, burst: backlog.left },
      latencyS: backlog.latencyS,
      inFlight: backlog.inFlight,
      processingS: 0,
    })
  const callsS = lastS(backlog.calls)
  const feedS = Math.max(backlog.startInS + backlog.processingS, lastS(backlog.calls - inFeed))
  return { way: inFeed >= backlog.itemsMin && callsS > feedS * SOONER ? 'feed' : 'calls', callsS, feedS }
}

/** Each feed counts as much as all before it together, so that a platform which has become slow is believed at once. */
const NEWEST = 0.5

/** How long a feed takes, from what the last ones took (oldest first): the usual time, moved half way to each. */
export function learntProcessingMs(usualMs: number, took: readonly number[]): number {
  return took.reduce((learnt, ms) => learnt + NEWEST * (ms - learnt), usualMs)
}
