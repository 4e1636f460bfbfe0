import type { SandboxOptions } from './sandbox.ts'
import type { SandboxStore } from './sandbox-store.ts'

/** A platform's published rate of calls. */
export type PublishedBucket = { readonly ratePerS: number; readonly burst: number }

/**
 * The published buckets times the scale, less what another application has of them (`eaten`): whether a call of this name may go now, which takes its token. They
 * start full, as at an account that was quiet; a restart of the sandbox fills them again.
 */
export function makeBuckets(options: SandboxOptions, store: SandboxStore): (name: string, published: PublishedBucket) => boolean {
  const buckets = new Map<string, { readonly tokens: number; readonly atMs: number }>()
  return (name, { ratePerS, burst }) => {
    const nowMs = options.now().getTime()
    const most = burst * options.scale
    const bucket = buckets.get(name) ?? { tokens: most, atMs: nowMs }
    const ours = 1 - store.shareOf('eaten')
    const refilled = Math.min(most, bucket.tokens + ((nowMs - bucket.atMs) / 1000) * ratePerS * options.scale * ours)
    const isOpen = refilled >= 1
    buckets.set(name, { tokens: isOpen ? refilled - 1 : refilled, atMs: nowMs })
    return isOpen
  }
}
