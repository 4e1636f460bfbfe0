import { setTimeout as after } from 'node:timers/promises'

/**
 * How fast calls may go to one account. The holder of the account's lease owns it, so the state lives in this process; a new holder
 * starts with an empty bucket, which can only be too slow, never too fast.
 */
export type Pace = {
  /**
   * Waits until a call of this operation may start. Rejects with the signal's reason when aborted. An urgent call goes ahead of all others and may
   * have what is kept back; beyond that, urgent calls get three quarters of the turns, so that the others do not stand still behind many. A spare
   * call takes only what nobody else needs: it starts while no other waits, leaves half of the burst, and has at most half of the rate.
   */
  readonly take: (operation: string, how?: { readonly urgent?: boolean; readonly spare?: boolean }) => Promise<void>
  /**
   * Keeps so many calls (at most the burst) back for urgent ones, for this long: others start only while more than these are left. Each urgent
   * call is taken off them. Said anew, it replaces what was kept before; 0 ends it.
   */
  readonly keep: (operation: string, calls: number, ms: number) => void
  /** The platform told its real rate for the operation (Amazon: x-amzn-RateLimit-Limit, calls per second). */
  readonly learn: (operation: string, ratePerS: number) => void
  /** The platform said "too many": the bucket is emptied and nothing starts for this long. */
  readonly pause: (operation: string, ms: number) => void
  /** Calls that may start at once now; for people. */
  readonly left: (operation: string) => number
  /** The whole bucket: what is left of it, what comes back each second up to the burst, and for how long nothing starts at all. For forecasts. */
  readonly stand: (operation: string) => BucketStand
}

export type BucketStand = { readonly left: number; readonly ratePerS: number; readonly burst: number; readonly closedMs: number }

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

/** After so many turns of urgent calls one of the others has its turn. */
const URGENT_TURNS = 3

/** The part of the rate that spare calls may have together, and the part of the burst that they leave to others. */
const SPARE_SHARE = 0.5

type Waiting = { readonly resolve: () => void; readonly reject: (reason: unknown) => void }

type Bucket = {
  ratePerS: number
  burst: number
  tokens: number
  at: number
  closedUntil: number
  kept: number
  keptUntil: number
  /** Turns that the others have let pass beyond what was kept back. */
  passed: number
  readonly urgent: Waiting[]
  readonly others: Waiting[]
  readonly spare: Waiting[]
  /** When the next spare call may start at the earliest. */
  spareAt: number
  /** Ends the wait of the one who hands out turns, so that it looks again; null while nobody waits. */
  wake: AbortController | null
  isServed: boolean
}

/**
 * A pace from the platform's table of limits. `scale` multiplies all rates and bursts (sandboxes run scaled buckets). An operation
 * that is not in the table uses `fallback`. Waiting calls start in the order in which they asked, urgent ones first.
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
      const tokens = options.full ? burst : 0
      const closed = { closedUntil: 0, kept: 0, keptUntil: 0, passed: 0 }
      bucket = {
        ratePerS,
        burst,
        tokens,
        at: timer.now(),
        ...closed,
        urgent: [],
        others: [],
        spare: [],
        spareAt: 0,
        wake: null,
        isServed: false,
      }
      buckets.set(operation, bucket)
    }
    return bucket
  }

  const refill = (bucket: Bucket): void => {
    const now = timer.now()
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now - bucket.at) / 1000) * bucket.ratePerS)
    bucket.at = now
    if (bucket.keptUntil <= now) bucket.kept = 0
  }

  const isSpareNext = (bucket: Bucket): boolean => bucket.urgent.length + bucket.others.length === 0

  const isUrgentNext = (bucket: Bucket): boolean =>
    bucket.urgent.length > 0 && (bucket.kept > 0 || bucket.others.length === 0 || bucket.passed < URGENT_TURNS)

  /** How long until the first in turn may start, ms; 0: now. */
  const missingMs = (bucket: Bucket): number => {
    const now = timer.now()
    const untilMs = (tokens: number): number => (Math.max(0, tokens - bucket.tokens) / bucket.ratePerS) * 1000
    if (isSpareNext(bucket)) {
      const left = Math.min(bucket.burst, 1 + Math.max(bucket.kept, Math.floor(bucket.burst * SPARE_SHARE)))
      return Math.max(bucket.closedUntil - now, bucket.spareAt - now, untilMs(left))
    }
    const keptMs = isUrgentNext(bucket) || bucket.kept === 0 ? 0 : Math.max(0, bucket.keptUntil - now)
    // What is kept is free again at the latest when its time is over.
    const missing = keptMs > 0 ? Math.min(untilMs(1 + bucket.kept), Math.max(untilMs(1), keptMs)) : untilMs(1)
    return Math.max(bucket.closedUntil - now, missing)
  }

  const giveTurn = (bucket: Bucket): void => {
    bucket.tokens -= 1
    if (isSpareNext(bucket)) {
      bucket.spareAt = timer.now() + 1000 / (bucket.ratePerS * SPARE_SHARE)
      bucket.spare.shift()?.resolve()
      return
    }
    if (!isUrgentNext(bucket)) {
      bucket.passed = 0
      bucket.others.shift()?.resolve()
      return
    }
    if (bucket.kept > 0) bucket.kept -= 1
    else bucket.passed += 1
    bucket.urgent.shift()?.resolve()
  }

  /** Hands out turns until nobody waits. */
  const serve = async (bucket: Bucket): Promise<void> => {
    bucket.isServed = true
    // Whoever asks in the same breath is in the line before the first turn is given.
    await Promise.resolve()
    while (bucket.urgent.length + bucket.others.length + bucket.spare.length > 0) {
      if (options.signal?.aborted) {
        for (const waiting of [...bucket.urgent.splice(0), ...bucket.others.splice(0), ...bucket.spare.splice(0)])
          waiting.reject(options.signal.reason)
        break
      }
      refill(bucket)
      const ms = missingMs(bucket)
      if (ms <= 0) {
        giveTurn(bucket)
        // Whose turn it is begins before the next one is thought of.
        await Promise.resolve()
        continue
      }
      const wake = new AbortController()
      bucket.wake = wake
      try {
        await timer.wait(Math.max(1, Math.ceil(ms)), wake.signal)
      } catch (error) {
        // A wait that was ended has an error of its own, which is nobody's.
        if (!wake.signal.aborted) (bucket.urgent.shift() ?? bucket.others.shift() ?? bucket.spare.shift())?.reject(error)
      }
      bucket.wake = null
    }
    bucket.isServed = false
  }

  const look = (bucket: Bucket): void => {
    if (bucket.isServed) bucket.wake?.abort()
    else void serve(bucket)
  }

  options.signal?.addEventListener('abort', () => {
    for (const bucket of buckets.values()) bucket.wake?.abort()
  })

  return {
    take: (operation, how = {}) =>
      new Promise((resolve, reject) => {
        const bucket = bucketOf(operation)
        const isFirst = isSpareNext(bucket)
        ;(how.urgent ? bucket.urgent : how.spare ? bucket.spare : bucket.others).push({ resolve, reject })
        // Of those who wait anyway one more changes nothing, unless it goes ahead of them.
        if (how.urgent || !bucket.isServed || (isFirst && !how.spare)) look(bucket)
      }),
    keep: (operation, calls, ms) => {
      const bucket = bucketOf(operation)
      bucket.kept = Math.max(0, Math.min(calls, Math.floor(bucket.burst)))
      bucket.keptUntil = timer.now() + ms
      if (bucket.isServed) look(bucket)
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
    stand: operation => {
      const bucket = bucketOf(operation)
      refill(bucket)
      const { ratePerS, burst, tokens, closedUntil } = bucket
      return { left: Math.max(0, tokens), ratePerS, burst, closedMs: Math.max(0, closedUntil - timer.now()) }
    },
  }
}
