import { type Breaker, CLOSED } from './breaker.ts'
import { type Share, WHOLE } from './share.ts'

export type Limit =
  /** Token bucket: `ratePerS` tokens come back each second, up to `burst`. */
  | { readonly kind: 'bucket'; readonly ratePerS: number; readonly burst: number }
  /** Minimum time between two starts. */
  | { readonly kind: 'spacing'; readonly everyMs: number }

/** Before or after whom a call goes, usual where none is true; and how many tokens it takes, 1 unless told. */
export type Rank = { readonly first?: boolean; readonly urgent?: boolean; readonly spare?: boolean; readonly tokens?: number }

export type PaceTrouble = { readonly kind: 'down' | 'throttled'; readonly words: string; readonly forMs: number }

/** What is left of a bucket, what comes back each second up to the burst, for how long nothing starts at all, and how many calls have started and are not answered. */
export type BucketStand = {
  readonly left: number
  readonly ratePerS: number
  readonly burst: number
  readonly closedMs: number
  readonly going: number
}

export type Waiting = { readonly resolve: () => void; readonly reject: (reason: unknown) => void; readonly tokens: number }

/** What is known of one operation's calls: how many may go, who waits, whether the platform works. */
export type Bucket = {
  ratePerS: number
  burst: number
  tokens: number
  at: number
  /** Calls that have started and are not answered. */
  going: number
  closedUntil: number
  kept: number
  keptUntil: number
  /** Turns that the others have let pass beyond what was kept back. */
  passed: number
  /** Turns that all who are behind the first calls have let pass. */
  passedByFirst: number
  readonly first: Waiting[]
  readonly urgent: Waiting[]
  readonly others: Waiting[]
  readonly spare: Waiting[]
  /** When the next spare call may start at the earliest. */
  spareAt: number
  /** Ends the wait of the one who hands out turns, so that it looks again; null while nobody waits. */
  wake: AbortController | null
  isServed: boolean
  breaker: Breaker
  share: Share
}

/**
 * A bucket of this limit, all rates multiplied; empty unless it is said to be full. `jitterMs`: by how much calls may come closer together on their way than they
 * started; so many fewer are let through at once, or the platform would count more of them in a moment than we did.
 */
export function makeBucket(
  limit: Limit,
  { scale, full, now, jitterMs }: { readonly scale: number; readonly full: boolean; readonly now: number; readonly jitterMs: number },
): Bucket {
  const [ratePerS, declared] = limit.kind === 'bucket' ? [limit.ratePerS * scale, limit.burst * scale] : [(1000 / limit.everyMs) * scale, 1]
  // A burst below one call would never let any call through.
  const closer = (ratePerS * jitterMs) / 1000
  const burst = Math.max(1, declared - closer)
  return {
    ...{
      ratePerS,
      burst,
      tokens: full ? burst : -closer,
      at: now,
      going: 0,
      closedUntil: 0,
      kept: 0,
      keptUntil: 0,
      passed: 0,
      passedByFirst: 0,
    },
    ...{ first: [], urgent: [], others: [], spare: [], spareAt: 0, wake: null, isServed: false, breaker: CLOSED, share: WHOLE },
  }
}

/** Takes everybody out of the line. */
export function everyone({ first, urgent, others, spare }: Bucket): Waiting[] {
  return [first, urgent, others, spare].flatMap(line => line.splice(0))
}
