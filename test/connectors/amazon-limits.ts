import { z } from 'zod'
import type { Sandbox } from '../../connectors/sandbox.ts'
import type { PlatformLimit } from './platform-stage.ts'

const AT = 'https://amazon.example'
const ORDER = '302-0000000-0000001'
const FEEDS = '/feeds/2021-06-30'
const REPORTS = '/reports/2021-06-30'
const LISTINGS = '/listings/2021-08-01/items'

type Plan = readonly [operation: string, ratePerS: number, burst: number, method: string, path: string]
type Account = {
  readonly keys: { readonly clientId: string; readonly clientSecret: string; readonly refreshToken: string }
  readonly seller: string
  readonly marketplace: string
}

/** The usage plans as Amazon publishes them. Whether a call makes sense is asked after it was counted. */
function plans(seller: string, marketplace: string): readonly Plan[] {
  const within = `marketplaceIds=${marketplace}`
  return [
    ['patchListingsItem', 5, 5, 'PATCH', `${LISTINGS}/${seller}/MUG?${within}`],
    ['getListingsItem', 5, 10, 'GET', `${LISTINGS}/${seller}/MUG?${within}`],
    ['searchListingsItems', 5, 5, 'GET', `${LISTINGS}/${seller}?${within}`],
    ['searchOrders', 0.0056, 20, 'GET', `/orders/2026-01-01/orders?${within}&lastUpdatedAfter=2026-11-22T00:00:00Z`],
    ['getOrder', 0.5, 30, 'GET', `/orders/2026-01-01/orders/${ORDER}`],
    ['confirmShipment', 2, 10, 'POST', `/orders/v0/orders/${ORDER}/shipmentConfirmation`],
    ['updateShipmentStatus', 5, 15, 'POST', `/orders/v0/orders/${ORDER}/shipment`],
    ['createFeedDocument', 0.5, 15, 'POST', `${FEEDS}/documents`],
    ['createFeed', 0.0083, 15, 'POST', `${FEEDS}/feeds`],
    ['getFeeds', 0.0222, 10, 'GET', `${FEEDS}/feeds?feedTypes=JSON_LISTINGS_FEED`],
    ['getFeed', 2, 15, 'GET', `${FEEDS}/feeds/1`],
    ['getFeedDocument', 0.0222, 10, 'GET', `${FEEDS}/documents/1`],
    ['createReport', 0.0167, 15, 'POST', `${REPORTS}/reports`],
    ['getReport', 2, 15, 'GET', `${REPORTS}/reports/1`],
  ]
}

/** A bucket for each operation. */
export function amazonLimits({ keys, seller, marketplace }: Account): readonly PlatformLimit[] {
  return plans(seller, marketplace).map(([operation, ratePerS, burst, method, path]) => ({
    what: operation,
    calls: async sandbox => {
      const headers = { 'x-amz-access-token': await tokenOf(sandbox, keys), 'content-type': 'application/json' }
      return () => new Request(`${AT}${path}`, { method, headers, ...(method === 'GET' ? {} : { body: '{}' }) })
    },
    burst,
    refusal: { status: 429, body: /"code":"QuotaExceeded"/, headers: { 'x-amzn-ratelimit-limit': String(ratePerS) } },
    again: { afterMs: Math.ceil(1000 / ratePerS), calls: 1 },
  }))
}

/** A token for raw calls. */
export async function tokenOf(sandbox: Sandbox, { clientId, clientSecret, refreshToken }: Account['keys']): Promise<string> {
  const asked = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken }
  const answer = await sandbox.fetch(new Request(`${AT}/auth/o2/token`, { method: 'POST', body: new URLSearchParams(asked) }))
  return z.object({ access_token: z.string() }).parse(await answer.json()).access_token
}
