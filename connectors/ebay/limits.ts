import type { Limit } from '../pace.ts'

/**
 * eBay counts calls per API and day, and tells the numbers of an account by its Analytics API (`quota.ts`), not in its documents. These rates keep an
 * account that eBay gave usual numbers far below them; what is read of an account's real quota corrects them while we run.
 */
export const limits = {
  bulkUpdatePriceQuantity: { kind: 'bucket', ratePerS: 5, burst: 10 },
  updateOffer: { kind: 'bucket', ratePerS: 2, burst: 5 },
  getOffer: { kind: 'bucket', ratePerS: 5, burst: 10 },
  // One call for each SKU: eBay has none for the offers of several.
  getOffers: { kind: 'bucket', ratePerS: 20, burst: 50 },
  getInventoryItems: { kind: 'bucket', ratePerS: 2, burst: 5 },
  bulkGetInventoryItem: { kind: 'bucket', ratePerS: 5, burst: 10 },
  getOrders: { kind: 'bucket', ratePerS: 2, burst: 20 },
  getOrder: { kind: 'bucket', ratePerS: 5, burst: 20 },
  getShippingFulfillments: { kind: 'bucket', ratePerS: 5, burst: 20 },
  createShippingFulfillment: { kind: 'bucket', ratePerS: 5, burst: 10 },
  issueRefund: { kind: 'bucket', ratePerS: 2, burst: 10 },
  notification: { kind: 'bucket', ratePerS: 1, burst: 20 },
  analytics: { kind: 'spacing', everyMs: 1000 },
  token: { kind: 'spacing', everyMs: 1000 },
} as const satisfies Readonly<Record<string, Limit>>

export type Operation = keyof typeof limits

/** Calls per second that we make at the most, before any scale. */
export function ownRate(operation: Operation): number {
  const limit = limits[operation]
  return limit.kind === 'bucket' ? limit.ratePerS : 1000 / limit.everyMs
}
