import type { Limit } from '../pace.ts'

/**
 * Amazon's default usage plans (calls per second, burst), as its API models state them; the header `x-amzn-RateLimit-Limit` corrects them
 * per account while we run. The token endpoint, SQS and the store of documents publish no bucket: their spacing only keeps a fault of ours from becoming a storm.
 */
export const limits = {
  patchListingsItem: { kind: 'bucket', ratePerS: 5, burst: 5 },
  getListingsItem: { kind: 'bucket', ratePerS: 5, burst: 10 },
  searchListingsItems: { kind: 'bucket', ratePerS: 5, burst: 5 },
  searchOrders: { kind: 'bucket', ratePerS: 0.0056, burst: 20 },
  getOrder: { kind: 'bucket', ratePerS: 0.5, burst: 30 },
  confirmShipment: { kind: 'bucket', ratePerS: 2, burst: 10 },
  updateShipmentStatus: { kind: 'bucket', ratePerS: 5, burst: 15 },
  getMarketplaceParticipations: { kind: 'bucket', ratePerS: 0.016, burst: 15 },
  createFeedDocument: { kind: 'bucket', ratePerS: 0.5, burst: 15 },
  createFeed: { kind: 'bucket', ratePerS: 0.0083, burst: 15 },
  getFeeds: { kind: 'bucket', ratePerS: 0.0222, burst: 10 },
  getFeed: { kind: 'bucket', ratePerS: 2, burst: 15 },
  getFeedDocument: { kind: 'bucket', ratePerS: 0.0222, burst: 10 },
  cancelFeed: { kind: 'bucket', ratePerS: 2, burst: 15 },
  createReport: { kind: 'bucket', ratePerS: 0.0167, burst: 15 },
  getReports: { kind: 'bucket', ratePerS: 0.0222, burst: 10 },
  getReport: { kind: 'bucket', ratePerS: 2, burst: 15 },
  getReportDocument: { kind: 'bucket', ratePerS: 0.0167, burst: 15 },
  getSubscription: { kind: 'bucket', ratePerS: 1, burst: 5 },
  createSubscription: { kind: 'bucket', ratePerS: 1, burst: 5 },
  deleteSubscriptionById: { kind: 'bucket', ratePerS: 1, burst: 5 },
  getDestinations: { kind: 'bucket', ratePerS: 1, burst: 5 },
  createDestination: { kind: 'bucket', ratePerS: 1, burst: 5 },
  token: { kind: 'spacing', everyMs: 1000 },
  receiveMessages: { kind: 'spacing', everyMs: 100 },
  deleteMessages: { kind: 'spacing', everyMs: 50 },
  // Presigned addresses, outside of the API.
  uploadDocument: { kind: 'spacing', everyMs: 100 },
  downloadDocument: { kind: 'spacing', everyMs: 100 },
  queueAttributes: { kind: 'spacing', everyMs: 1000 },
} as const satisfies Readonly<Record<string, Limit>>

export type Operation = keyof typeof limits

/** Calls per second that the published plan allows, before any scale. */
export function publishedRate(operation: Operation): number {
  const limit = limits[operation]
  return limit.kind === 'bucket' ? limit.ratePerS : 1000 / limit.everyMs
}
