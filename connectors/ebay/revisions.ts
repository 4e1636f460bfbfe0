import type { ListingKey, PushItem } from '../contract.ts'

/**
 * eBay lets a listing be revised 250 times in a calendar day, by whatever call, and not once more until the next day. What is dangerous (sold out, below its
 * floor) must always find one left, so everything else is spent evenly: a bucket for each listing that refills over the day. The dangerous take from it
 * too, beyond its end; what turns at an instant may go a little beyond it.
 */
const PER_DAY = 180
const BURST = 20
/** A session knows nothing of what an earlier one spent today, so it begins with few. */
const AT_FIRST = 3
/** So far beyond the end may go what is due at an instant. 180 in a day, 20 that were saved up before it and these leave 35 for what is dangerous. */
const URGENT = 15

const DAY_MS = 24 * 3_600_000
/** Full buckets are forgotten now and then: most listings change seldom. */
const REMEMBERED = 50_000

type Bucket = { tokens: number; at: number }

export type Revisions = {
  /** Takes one revision of this item's listing. 0: it may go; else how long until it may, ms. */
  readonly take: (item: PushItem) => number
  /** eBay says that the listing's day is used up: nothing of it goes before the time is over. */
  readonly usedUp: (key: ListingKey, forMs: number) => void
}

/** The revisions of one account's listings. `scale` multiplies rate and burst (sandboxes). */
export function makeRevisions(now: () => Date, scale: number): Revisions {
  const buckets = new Map<string, Bucket>()
  const closed = new Map<string, number>()
  const ratePerMs = (PER_DAY * scale) / DAY_MS

  const refilled = (name: string): Bucket => {
    const at = now().getTime()
    const known = buckets.get(name) ?? { tokens: AT_FIRST * scale, at }
    const bucket = { tokens: Math.min(BURST * scale, known.tokens + (at - known.at) * ratePerMs), at }
    buckets.set(name, bucket)
    return bucket
  }

  const forget = (): void => {
    if (buckets.size <= REMEMBERED) return
    for (const name of [...buckets.keys()]) if (refilled(name).tokens >= BURST * scale) buckets.delete(name)
  }

  return {
    take: item => {
      const name = listingOf(item.listing)
      const shutMs = (closed.get(name) ?? 0) - now().getTime()
      if (shutMs > 0) return shutMs
      closed.delete(name)
      forget()
      const bucket = refilled(name)
      const least = item.first === true ? Number.NEGATIVE_INFINITY : item.urgent === true ? 1 - URGENT * scale : 1
      if (bucket.tokens < least) return Math.ceil((least - bucket.tokens) / ratePerMs)
      bucket.tokens -= 1
      return 0
    },
    usedUp: (key, forMs) => {
      closed.set(listingOf(key), now().getTime() + forMs)
    },
  }
}

/** Variations are one listing at eBay, so they share its revisions. */
function listingOf(key: ListingKey): string {
  return key.externalParentId === null ? `sku ${key.externalSku}` : `group ${key.externalParentId}`
}
