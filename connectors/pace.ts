import { setTimeout as after } from 'node:timers/promises'

/**
 * How fast calls may go to one account. The holder of the account's lease owns it, so the state lives in this process; a new holder
 * starts with an empty bucket, which can only be too slow, never too fast.
 */
export type Pace = {
  /** Waits until a call of this operation may start. Rejects with the signal's reason when aborted. */
  readonly take: (operation: string) => Promise<void>
  /** The platform told its real rate for the operation (Amazon: x-amzn-RateLimit-Limit, calls per second). */
  readonly learn: (operation: string, ratePerS: number) => void
  /** The platform said "too many": the bucket is emptied and nothing starts for this long. */
  readonly pause: (operation: string, ms: number) => void
  /** Calls that may start at once now; for people. */
  readonly left: (operation: string) => number
}

export type Limit =
  /** Token bucket: `ratePerS` tokens come back each second, up to `burst`. */
  | { readonly kind: 'bucket'; readonly ratePerS: number; readonly burst: number }
  /** Minimum time between two starts. */
  | { readonly kind: 'spacing'; readonly everyMs: number }

/** `wait` may end early when the signal is aborted; whether it resolves or rejects then is all the same. */
export type Timer = { readonly now: () => number; readonly wait: (ms: number, signal?: AbortSignal) => Promise<void> }

const realTimer: Timer = {
  now: () => performance.now(),
  wait: (ms, signal) => after(ms, undefined, signal ? { signal } : {}),
}

type Bucket = { ratePerS: number; burst: number; tokens: number; at: number; closedUntil: number; queue: Promise<void> }

/**
 * A pace from the platform's table of limits. `scale` multiplies all rates and bursts (sandboxes run scaled buckets). An operation
 * that is not in the table uses `fallback`. Waiting calls start in the order in which they asked.
 */
export function makePace(
  limits: Readonly<Record<string, Limit>>,
  options: {
    readonly scale?: number
    readonly full?: boolean
    readonly fallback?: Limit
    readonly timer?: Timer
    readonly signal?: AbortSignal
  } = {},
): Pace {
  const scale = options.scale ?? 1
  const timer = options.timer ?? realTimer
  const fallback = options.fallback ?? { kind: 'spacing', everyMs: 10 }
  const buckets = new Map<string, Bucket>()

  const bucketOf = (operation: string): Bucket => {
    let bucket = buckets.get(operation)
    if (!bucket) {
      const limit = limits[operation] ?? fallback
      // A burst scaled below one call would never let any call through.
      const [ratePerS, burst] =
        limit.kind === 'bucket' ? [limit.ratePerS * scale, Math.max(1, limit.burst * scale)] : [(1000 / limit.everyMs) * scale, 1]
      bucket = { ratePerS, burst, tokens: options.full ? burst : 0, at: timer.now(), closedUntil: 0, queue: Promise.resolve() }
      buckets.set(operation, bucket)
    }
    return bucket
  }

  const refill = (bucket: Bucket): void => {
    const now = timer.now()
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now - bucket.at) / 1000) * bucket.ratePerS)
    bucket.at = now
  }

  const acquire = async (bucket: Bucket): Promise<void> => {
    for (;;) {
      options.signal?.throwIfAborted()
      refill(bucket)
      const closedMs = bucket.closedUntil - timer.now()
      if (closedMs <= 0 && bucket.tokens >= 1) {
        bucket.tokens -= 1
        return
      }
      const missingMs = ((1 - bucket.tokens) / bucket.ratePerS) * 1000
      try {
        await timer.wait(Math.max(1, Math.ceil(Math.max(closedMs, missingMs))), options.signal)
      } catch (error) {
        // An aborted wait has its own error; callers are promised the signal's reason.
        options.signal?.throwIfAborted()
        throw error
      }
    }
  }

  return {
    take: operation => {
      const bucket = bucketOf(operation)
      const turn = bucket.queue.then(() => acquire(bucket))
      bucket.queue = turn.catch(() => {})
      return turn
    },
    learn: (operation, ratePerS) => {
      const bucket = bucketOf(operation)
      // The time until now was earned at the old rate.
      refill(bucket)
      if (ratePerS > 0) bucket.ratePerS = ratePerS
    },
    pause: (operation, ms) => {
      const bucket = bucketOf(operation)
      refill(bucket)
      bucket.tokens = 0
      bucket.closedUntil = Math.max(bucket.closedUntil, timer.now() + ms)
    },
    left: operation => {
      const bucket = bucketOf(operation)
      refill(bucket)
      return bucket.closedUntil > timer.now() ? 0 : Math.floor(bucket.tokens)
    },
  }
}
