const S = 1
const MIN = 60 * S
const H = 60 * MIN

/** How long a delivery waits after each try that failed, seconds: those of the Standard Webhooks specification, over three days. */
export const WAITS_S: readonly number[] = [5 * S, 5 * MIN, 30 * MIN, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H]

const JITTER = 0.1

/**
 * How long to wait after so many tries that failed (1 or more), ms; null: that was the last one. A tenth more at the most by chance in [0, 1), so that what
 * failed together does not come back together. Asked by the receiver to wait longer, it gets that, up to a day.
 */
export function retryAfterTries(tries: number, chance: number, askedMs = 0): number | null {
  const seconds = WAITS_S[tries - 1]
  if (seconds === undefined) return null
  const ownMs = seconds * 1000 * (1 + JITTER * chance)
  return Math.round(Math.max(ownMs, Math.min(askedMs, 24 * H * 1000)))
}
