/**
 * Whether calls of one operation may go. After failures in a row it opens: nothing goes for a while; then one call tries. Its success closes the breaker, its
 * failure opens it for longer. Plain data, so that a simulation can drive it.
 */
export type Breaker = {
  readonly failures: number
  /** How often it has opened without a success since; 0: closed. */
  readonly opened: number
  /** Nothing goes until this instant, ms of the pace's clock. */
  readonly until: number
  /** Until when a call that tries is waited for; null: none is under way. */
  readonly trying: number | null
  /** Writes that failed since one succeeded, whatever reads did meanwhile. */
  readonly writes: number
  /** What the last failure said. */
  readonly words: string
}

export const CLOSED: Breaker = { failures: 0, opened: 0, until: 0, trying: null, writes: 0, words: '' }

/** So many failures in a row open it: fewer are a platform's bad luck, and a pause would cost more than another try. */
export const OPEN_AFTER = 4

/** How long it opens, ms at a platform's own pace: doubles with each try that fails, so that a platform is found within half a minute of its return. */
const FIRST_MS = 1_000
const LONGEST_MS = 25_000

/** A call that tries and was never told of (its process lost the lease, say) must not hold the operation for ever. */
const TRY_MS = 12_000

/** How long until a call may go, ms; 0: now. While one tries, the others wait for it. */
export function waitOf(breaker: Breaker, now: number): number {
  if (breaker.opened === 0) return 0
  return Math.max(breaker.until - now, breaker.trying === null ? 0 : breaker.trying - now, 0)
}

/** How long until it is worth asking again whether a call may go, ms: a call that tries is usually answered long before it is given up. */
export function lookAgainIn(breaker: Breaker, now: number, scale: number): number {
  return Math.max(waitOf({ ...breaker, trying: null }, now), Math.min(waitOf(breaker, now), FIRST_MS / scale))
}

/** A call goes: where the breaker is open, it is the one that tries. */
export function gone(breaker: Breaker, now: number): Breaker {
  return breaker.opened === 0 ? breaker : { ...breaker, trying: now + TRY_MS }
}

/** What nobody has tried for so long after its pause is not wanted any more, and no trouble. */
export const UNTRIED_MS = 60_000

/** So many writes failed and none succeeded: it is not an item that the platform fails at, and a read that succeeds says nothing about writes. */
const WRITES_FAIL = 2 * OPEN_AFTER

/** A call did its work. Where every write fails, a read closes the breaker only once no write has tried for long. */
export function succeeded(breaker: Breaker, now: number, isWrite: boolean): Breaker {
  if (isWrite || breaker.writes === 0 || now - breaker.until > UNTRIED_MS) return CLOSED
  return breaker.writes < WRITES_FAIL ? { ...CLOSED, until: breaker.until, writes: breaker.writes } : undecided(breaker)
}

/** A call ended without telling whether the platform works: another may try. */
export function undecided(breaker: Breaker): Breaker {
  return { ...breaker, trying: null }
}

/**
 * A call failed. `others`: how many calls of the whole account failed in a row, whatever their operation: where none gets through, each operation opens with its
 * first failure. A failure of a call that had begun before the breaker opened makes nothing longer. `chance` in [0, 1) spreads the tries of many accounts.
 */
export function failed(
  breaker: Breaker,
  now: number,
  told: {
    readonly words: string
    readonly others: number
    readonly chance: number
    readonly scale: number
    readonly afterMs: number
    readonly isWrite: boolean
  },
): Breaker {
  const failures = breaker.failures + 1
  const { words } = told
  const writes = breaker.writes + (told.isWrite ? 1 : 0)
  if (breaker.opened > 0 && breaker.trying === null)
    return { ...breaker, failures, until: Math.max(breaker.until, now + told.afterMs), writes, words }
  if (breaker.opened === 0 && failures < OPEN_AFTER && told.others < OPEN_AFTER) return { ...breaker, failures, until: now, writes, words }
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(breaker.opened, 30)) / told.scale
  const ms = Math.max(told.afterMs, longest / 2 + (longest / 2) * told.chance)
  return { failures, opened: breaker.opened + 1, until: now + ms, trying: null, writes, words }
}
