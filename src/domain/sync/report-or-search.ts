import { syncLowerBoundS } from './bound.ts'

/** An account whose listings are to be looked through, on a platform that makes reports of them. Times in seconds. */
export type AccountToLookAt = {
  /** Goods, how many of them a call of a search shows, and how many cannot be judged by a report: they are looked at by name, so many a call. */
  readonly goods: number
  readonly searchMax: number
  readonly byName: number
  readonly readMax: number
  /** What comes back of calls each second for looks that nobody waits for; they go one at a time. */
  readonly ratePerS: number
  readonly latencyS: number
  /** Until the last of them may be asked for, and from then until its file. */
  readonly startInS: number
  readonly processingS: number
  /** How long ago everything was searched, and how often it must be, because of what no report tells. */
  readonly searchedAgoS: number
  readonly searchEveryS: number
}

/** Which way ends first, what each takes of the calls that reading shares with all else, and how long. */
export type LookChoice = {
  readonly way: 'search' | 'report'
  readonly searchCalls: number
  readonly reportCalls: number
  readonly searchS: number
  readonly reportS: number
}

/** A report must be so many times sooner: how long the platform takes is a guess, and it tells of some time ago. */
const SOONER = 1.5

/** By reports and names, or by a search of everything: T* of DESIGN 4 for each, with the calls that are left. */
export function reportOrSearch(account: AccountToLookAt): LookChoice {
  const lastS = (calls: number): number =>
    syncLowerBoundS({
      calls,
      bucket: { ratePerS: account.ratePerS, burst: 0 },
      latencyS: account.latencyS,
      inFlight: 1,
      processingS: 0,
    })
  const searchCalls = Math.ceil(account.goods / account.searchMax)
  const reportCalls = Math.ceil(account.byName / account.readMax)
  const searchS = lastS(searchCalls)
  const reportS = account.startInS + account.processingS + lastS(reportCalls)
  const isSooner = reportCalls < searchCalls && searchS > reportS * SOONER
  return { way: isSooner && account.searchedAgoS < account.searchEveryS ? 'report' : 'search', searchCalls, reportCalls, searchS, reportS }
}
