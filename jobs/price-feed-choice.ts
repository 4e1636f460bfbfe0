import type { FeedDeclaration } from '../connectors/feed.ts'
import { feedBacklog, pastFeeds } from '../db/price-feeds.ts'
import { feedOrCalls, learntProcessingMs } from '../src/domain/sync/feed-or-calls.ts'
import type { HeldAccount } from './account.ts'
import type { Lane } from './lane.ts'

/** After a feed that failed as a whole everything goes by calls for so long, ms at the platform's own pace. */
const COOL_MS = 3_600_000

/** A backlog that still grows is waited for this many looks at the most: an import of prices comes in parts, and there is one feed at a time. */
const GROWING_LOOKS = 8

/** More is not counted: it would be more than one feed anyway. */
const COUNTED = 3

/** Makes what judges whether the backlog of now goes sooner as one feed. It makes no call. */
export function makeFeedChoice(lane: Lane, declared: FeedDeclaration): () => Promise<boolean> {
  const { deps, account } = lane
  const { connector, pace, row, scale } = account
  const { declares } = connector
  let seen = 0
  let looks = 0
  return async () => {
    const { calls, feedable } = await feedBacklog(
      deps.sql,
      row.id,
      clearMs(account, declared),
      declared.itemsMin,
      declared.itemsMax * COUNTED,
    )
    const isGrowing = feedable > seen && feedable < declared.itemsMax && looks < GROWING_LOOKS
    seen = feedable
    // The bucket of a feed's start fills from the first look on, whether or not one is needed.
    const start = pace.stand(declared.operation)
    if (feedable < declared.itemsMin) {
      looks = 0
      return false
    }
    looks += 1
    if (isGrowing) return false
    const past = await pastFeeds(deps.sql, row.id)
    if (past.failedAgoMs !== null && past.failedAgoMs < COOL_MS / scale) return false
    const bucket = pace.stand(declares.pushOperation)
    const startInS = Math.max(start.closedMs / 1000, (1 - start.left) / start.ratePerS, 0)
    const choice = feedOrCalls({
      ...{ calls: Math.ceil(calls / declares.pushMax), feedable, itemsMin: declared.itemsMin, itemsMax: declared.itemsMax },
      ...{
        left: bucket.left,
        ratePerS: bucket.ratePerS,
        latencyS: declares.pushLatencyMs / 1000 / scale,
        inFlight: declares.pushConcurrency,
      },
      ...{ startInS, processingS: learntProcessingMs(declared.processingMs / scale, past.tookMs) / 1000 },
    })
    if (choice.way === 'calls' || startInS > 0) return false
    deps.log.info({ account: row.name, listings: feedable, ...choice }, 'a feed ends sooner than single calls')
    looks = 0
    seen = 0
    return true
  }
}

/** For so long from now no sale of the prices in a feed may begin or end, ms. */
export function clearMs(account: HeldAccount, declared: FeedDeclaration): number {
  return declared.lateMs / account.scale
}
