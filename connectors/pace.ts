import { failed, gone, lookAgainIn, succeeded, UNTRIED_MS, undecided, waitOf } from './breaker.ts'
import { type Bucket, type BucketStand, everyone, type Limit, makeBucket, type PaceTrouble, type Rank, type Waiting } from './bucket.ts'
import { AccountTrouble } from './contract.ts'
import { cut, grown } from './share.ts'
import { realTimer, type Timer } from './timer.ts'

/**
 * How fast calls may go to one account. The holder of the account's lease owns it, so the state lives in this process; a new holder
 * starts with an empty bucket, which can only be too slow, never too fast.
 */
export type Pace = {
  /**
   * Waits until a call of this operation may start. Rejects with the signal's reason when aborted. An urgent call goes ahead of all others and may
   * have what is kept back; beyond that, urgent calls get three quarters of the turns, so that the others do not stand still behind many. A first
   * call goes ahead even of these and may have what is kept back, too; one turn in twenty is left to those behind. A spare
   * call takes only what nobody else needs: it starts while no other waits, leaves half of the burst, and has at most half of the rate.
   */
  readonly take: (operation: string, how?: Rank) => Promise<void>
  /**
   * Keeps so many calls (at most the burst) back for urgent ones, for this long: others start only while more than these are left. Each urgent
   * call is taken off them. Said anew, it replaces what was kept before; 0 ends it.
   */
  readonly keep: (operation: string, calls: number, ms: number) => void
  /** The platform told its real rate for the operation (Amazon: x-amzn-RateLimit-Limit, calls per second). */
  readonly learn: (operation: string, ratePerS: number) => void
  /** What a call really took, where the platform counts cost: tokens that it did not need come back, and no more than `left` are there. */
  readonly settle: (operation: string, told: { readonly back: number; readonly left: number }) => void
  /** The platform said "too many": the bucket is emptied, nothing starts for this long, and less of the rate is used from then on, until it proves to be ours again. */
  readonly pause: (operation: string, ms: number) => void
  /** How a call ended, for the breaker: the platform did its work, it failed (`down`), or the call says nothing about that. Each `take` is answered once. */
  readonly answered: (operation: string, how: 'well' | AccountTrouble | null, isWrite?: boolean) => void
  /** How long until calls of the operation may be tried, ms, and how many at once: 1 while one tries whether the platform works again. */
  readonly ready: (operation: string) => { readonly inMs: number; readonly calls: number }
  /** What keeps calls from going for longer than a moment: operations that fail, or were told to wait; the one that takes longest. Null: nothing. */
  readonly trouble: () => PaceTrouble | null
  /** Calls that may start at once now; for people. */
  readonly left: (operation: string) => number
  readonly stand: (operation: string) => BucketStand
}

export type { BucketStand, Limit, PaceTrouble, Rank } from './bucket.ts'
export type { Timer } from './timer.ts'

/** After so many turns of urgent calls one of the others has its turn. */
const URGENT_TURNS = 3

/** After so many turns of first calls one of those behind has its turn. */
const FIRST_TURNS = 19

/** The part of the rate that spare calls may have together, and the part of the burst that they leave to others. */
export const SPARE_SHARE = 0.5

/** Told to wait for longer than this, nobody waits in line: what was to be sent would be old by then. Shorter ones are nobody's trouble either. */
export const PATIENCE_MS = 3_000

/**
 * A pace from the platform's table of limits. `scale` multiplies all rates and bursts (sandboxes run scaled buckets). An operation
 * that is not in the table uses `fallback`. Waiting calls start in the order in which they asked, first and urgent ones ahead.
 */
export function makePace(
  limits: Readonly<Record<string, Limit>>,
  options: {
    readonly scale?: number
    readonly full?: boolean
    readonly fallback?: Limit
    readonly timer?: Timer
    readonly signal?: AbortSignal
    /** Whoever would have to wait for longer because the platform fails or told so is turned away at once, ms. */
    readonly patienceMs?: number
    /** By how much calls may come closer together on their way to the platform than they started, ms. */
    readonly jitterMs?: number
    /** Source of chance in [0, 1). */
    readonly random?: () => number
  } = {},
): Pace {
  const scale = options.scale ?? 1
  const timer = options.timer ?? realTimer
  const fallback = options.fallback ?? { kind: 'spacing', everyMs: 10 }
  const patienceMs = options.patienceMs ?? Number.POSITIVE_INFINITY
  const random = options.random ?? Math.random
  const buckets = new Map<string, Bucket>()
  /** Calls of the account that failed in a row. */
  let failures = 0
  const bucketOf = (operation: string): Bucket => {
    let bucket = buckets.get(operation)
    if (!bucket) {
      bucket = makeBucket(limits[operation] ?? fallback, {
        scale,
        full: options.full === true,
        now: timer.now(),
        jitterMs: options.jitterMs ?? 0,
      })
      buckets.set(operation, bucket)
    }
    return bucket
  }
  const rateOf = (bucket: Bucket): number => bucket.ratePerS * bucket.share.part
  const refill = (bucket: Bucket): void => {
    const now = timer.now()
    bucket.tokens = Math.min(bucket.burst, bucket.tokens + ((now - bucket.at) / 1000) * rateOf(bucket))
    bucket.at = now
    if (bucket.keptUntil <= now) bucket.kept = 0
  }

  /** For how long nothing goes, whatever the bucket holds, ms. */
  const shutFor = ({ closedUntil, breaker }: Bucket): number => Math.max(0, closedUntil - timer.now(), waitOf(breaker, timer.now()))

  /** The same for whoever asks what to expect: while one call tries, it is worth asking again soon. */
  const expectedFor = ({ closedUntil, breaker }: Bucket): number =>
    Math.max(0, closedUntil - timer.now(), lookAgainIn(breaker, timer.now(), scale))

  const troubleOf = (bucket: Bucket, forMs: number): AccountTrouble =>
    bucket.breaker.opened > 0
      ? new AccountTrouble('down', bucket.breaker.words, { afterMs: forMs, untried: true })
      : new AccountTrouble('throttled', 'the platform asks to wait', { afterMs: forMs, untried: true })

  const turnAway = (bucket: Bucket): void => {
    const forMs = shutFor(bucket)
    // While one call tries, the others are told within its deadline.
    if (forMs <= patienceMs) return
    const all = everyone(bucket)
    for (const waiting of all) waiting.reject(troubleOf(bucket, forMs))
    if (all.length > 0) bucket.wake?.abort()
  }

  /** The line whose first has the next turn. */
  const lineOf = (bucket: Bucket): Waiting[] =>
    isSpareNext(bucket) ? bucket.spare : isFirstNext(bucket) ? bucket.first : isUrgentNext(bucket) ? bucket.urgent : bucket.others

  const isSpareNext = (bucket: Bucket): boolean => bucket.first.length + bucket.urgent.length + bucket.others.length === 0

  /** What is kept back for urgent calls keeps others from their turn: then it is not theirs to have. */
  const isFirstNext = (bucket: Bucket): boolean => {
    const canOthers = bucket.urgent.length > 0 || (bucket.others.length > 0 && bucket.kept === 0)
    return bucket.first.length > 0 && (!canOthers || bucket.passedByFirst < FIRST_TURNS)
  }

  const isUrgentNext = (bucket: Bucket): boolean =>
    bucket.urgent.length > 0 && (bucket.kept > 0 || bucket.others.length === 0 || bucket.passed < URGENT_TURNS)

  /** How long until the first in turn may start, ms; 0: now. */
  const missingMs = (bucket: Bucket): number => {
    const now = timer.now()
    const untilMs = (tokens: number): number => (Math.max(0, tokens - bucket.tokens) / rateOf(bucket)) * 1000
    const shutMs = shutFor(bucket)
    // More than the whole bucket is never there: such a call goes when it is full, and is paid for afterwards.
    const needed = Math.min(bucket.burst, lineOf(bucket)[0]?.tokens ?? 1)
    if (isSpareNext(bucket)) {
      const left = Math.min(bucket.burst, needed + Math.max(bucket.kept, Math.floor(bucket.burst * SPARE_SHARE)))
      return Math.max(shutMs, bucket.spareAt - now, untilMs(left))
    }
    const keptMs = isFirstNext(bucket) || isUrgentNext(bucket) || bucket.kept === 0 ? 0 : Math.max(0, bucket.keptUntil - now)
    // What is kept is free again at the latest when its time is over.
    return Math.max(shutMs, keptMs > 0 ? Math.min(untilMs(needed + bucket.kept), Math.max(untilMs(needed), keptMs)) : untilMs(needed))
  }

  const giveTurn = (bucket: Bucket): void => {
    const line = lineOf(bucket)
    const { tokens = 1, resolve } = line.shift() ?? {}
    bucket.tokens -= tokens
    bucket.going += 1
    bucket.breaker = gone(bucket.breaker, timer.now())
    bucket.share = grown(bucket.share)
    if (line === bucket.spare) bucket.spareAt = timer.now() + (tokens * 1000) / (rateOf(bucket) * SPARE_SHARE)
    else if (line === bucket.first) bucket.passedByFirst += 1
    else {
      bucket.passedByFirst = 0
      if (line === bucket.others) bucket.passed = 0
      else if (bucket.kept > 0) bucket.kept = Math.max(0, bucket.kept - tokens)
      else bucket.passed += 1
    }
    resolve?.()
  }

  /** Hands out turns until nobody waits. */
  const serve = async (bucket: Bucket): Promise<void> => {
    bucket.isServed = true
    // Whoever asks in the same breath is in the line before the first turn is given.
    await Promise.resolve()
    while (!isSpareNext(bucket) || bucket.spare.length > 0) {
      if (options.signal?.aborted) {
        for (const waiting of everyone(bucket)) waiting.reject(options.signal.reason)
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
        if (!wake.signal.aborted) lineOf(bucket).shift()?.reject(error)
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
        const forMs = expectedFor(bucket)
        if (forMs > patienceMs) {
          reject(troubleOf(bucket, forMs))
          return
        }
        const isFirst = isSpareNext(bucket)
        const waiting = { resolve, reject, tokens: how.tokens ?? 1 }
        ;(how.first ? bucket.first : how.urgent ? bucket.urgent : how.spare ? bucket.spare : bucket.others).push(waiting)
        // Of those who wait anyway one more changes nothing, unless it goes ahead of them.
        if (how.first || how.urgent || !bucket.isServed || (isFirst && !how.spare)) look(bucket)
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
    settle: (operation, { back, left }) => {
      const bucket = bucketOf(operation)
      refill(bucket)
      bucket.tokens = Math.min(bucket.burst, bucket.tokens + back, left)
      if (bucket.isServed) look(bucket)
    },
    pause: (operation, ms) => {
      const bucket = bucketOf(operation)
      refill(bucket)
      bucket.tokens = 0
      bucket.share = cut(bucket.share)
      bucket.closedUntil = Math.max(bucket.closedUntil, timer.now() + ms)
      turnAway(bucket)
    },
    answered: (operation, how, isWrite = false) => {
      const bucket = bucketOf(operation)
      const wasOpen = bucket.breaker.opened > 0
      bucket.going -= 1
      if (how === null) bucket.breaker = undecided(bucket.breaker)
      else if (how === 'well') {
        failures = 0
        bucket.breaker = succeeded(bucket.breaker, timer.now(), isWrite)
      } else {
        failures += 1
        const told = { words: how.message, others: failures, chance: random(), scale, afterMs: how.afterMs, isWrite }
        bucket.breaker = failed(bucket.breaker, timer.now(), told)
        turnAway(bucket)
      }
      if (wasOpen && bucket.isServed) look(bucket)
    },
    ready: operation => {
      const bucket = bucketOf(operation)
      return { inMs: expectedFor(bucket), calls: bucket.breaker.opened > 0 ? 1 : Number.POSITIVE_INFINITY }
    },
    trouble: () => {
      const now = timer.now()
      const all = [...buckets.values()].flatMap((bucket): PaceTrouble[] => {
        const { kind, message: words } = troubleOf(bucket, 0)
        if (bucket.breaker.opened > 0)
          return now - bucket.breaker.until > UNTRIED_MS ? [] : [{ kind: 'down', words, forMs: shutFor(bucket) }]
        const forMs = bucket.closedUntil - now
        return forMs > PATIENCE_MS && kind === 'throttled' ? [{ kind, words, forMs }] : []
      })
      return all.sort((a, b) => b.forMs - a.forMs)[0] ?? null
    },
    left: operation => {
      const bucket = bucketOf(operation)
      refill(bucket)
      const most = shutFor(bucket) > 0 ? 0 : bucket.breaker.opened > 0 ? 1 : Number.POSITIVE_INFINITY
      return Math.min(Math.max(0, Math.floor(bucket.tokens)), most)
    },
    stand: operation => {
      const bucket = bucketOf(operation)
      refill(bucket)
      const { tokens, burst, going } = bucket
      return { left: Math.max(0, tokens), ratePerS: rateOf(bucket), burst, closedMs: shutFor(bucket), going }
    },
  }
}
