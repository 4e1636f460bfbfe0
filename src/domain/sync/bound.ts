/** What bounds a publishing run: calls, the platform's bucket, latency, calls in flight, our own processing. Times in seconds. */
export type SyncRun = {
  readonly calls: number
  readonly bucket: { readonly ratePerS: number; readonly burst: number } | null
  readonly latencyS: number
  readonly inFlight: number
  readonly processingS: number
}

/**
 * The shortest time in which a platform lets n calls through, seconds:
 * `T* = max(max(0, (n - b) / r), (ceil(n / c) - 1) * l) + l + P` (DESIGN 4).
 */
export function syncLowerBoundS(run: SyncRun): number {
  if (run.calls <= 0) return 0
  const quotaS = run.bucket ? Math.max(0, (run.calls - run.bucket.burst) / run.bucket.ratePerS) : 0
  const roundsS = (Math.ceil(run.calls / run.inFlight) - 1) * run.latencyS
  return Math.max(quotaS, roundsS) + run.latencyS + run.processingS
}
