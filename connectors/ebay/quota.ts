import { AccountTrouble, type Tools } from '../contract.ts'
import { type Call, type Client, promised } from './client.ts'
import { type Operation, ownRate } from './limits.ts'
import { rateLimitsShape } from './wire.ts'

/** What eBay leaves of one counted thing, until when. */
export type Quota = {
  readonly api: string
  readonly resource: string
  readonly limit: number
  readonly remaining: number
  readonly reset: string | null
}

const EVERY_MS = 3_600_000

/** Which of our operations are counted under an API of eBay's. */
const COUNTED: Readonly<Record<string, readonly Operation[]>> = {
  inventory: ['bulkUpdatePriceQuantity', 'updateOffer', 'getOffer', 'getOffers', 'getInventoryItems', 'bulkGetInventoryItem'],
  fulfillment: ['getOrders', 'getOrder', 'getShippingFulfillments', 'createShippingFulfillment'],
  notification: ['notification'],
}

/** What is left of the account's quotas today, as the Analytics API tells it: per user, else per application. */
export async function readQuotas(client: Client): Promise<Quota[]> {
  for (const name of ['user_rate_limit', 'rate_limit'] as const) {
    const call: Call = {
      operation: 'analytics',
      method: 'GET',
      path: `/developer/analytics/v1_beta/${name}/`,
      bearer: name === 'user_rate_limit' ? 'user' : 'app',
    }
    const answer = await client(call)
    // 204: nothing is counted this way.
    if (answer.status === 204 || answer.json === undefined) continue
    const { rateLimits } = promised(call, rateLimitsShape, answer)
    const found = rateLimits.flatMap(({ apiName, resources }) =>
      resources.flatMap(({ name: resource, rates }) =>
        rates.flatMap(({ limit, remaining, reset }) =>
          limit === undefined || remaining === undefined ? [] : [{ api: apiName ?? '', resource, limit, remaining, reset: reset ?? null }],
        ),
      ),
    )
    if (found.some(one => operationsOf(one).length > 0)) return found
  }
  return []
}

/** The operations that a quota counts: those of its API, or the one that it names. */
export function operationsOf({ api, resource }: Quota): readonly Operation[] {
  const all = COUNTED[api.toLowerCase().replace(/^sell\.|^commerce\./, '')] ?? []
  const named = all.filter(operation => operation.toLowerCase() === resource.toLowerCase())
  return named.length > 0 ? named : all
}

/** However little is left, one call in this time is tried: eBay itself says then for how long to wait. */
const LEAST_PER_S = 1 / 300

/** Spreads what is left over the time that is left, never faster than our own rates. */
export function learn(quotas: readonly Quota[], tools: Tools, scale: number): void {
  for (const quota of quotas) {
    const leftS = quota.reset === null ? Number.NaN : (Date.parse(quota.reset) - tools.now().getTime()) / 1000
    if (!(leftS > 0)) continue
    for (const operation of operationsOf(quota))
      tools.pace.learn(operation, Math.min(ownRate(operation) * scale, Math.max(LEAST_PER_S * scale, quota.remaining / leftS)))
  }
}

/** Answers a work that reads the quotas anew when the last reading is an hour old. */
export function quotaKeeper(client: Client, tools: Tools, scale: number): () => Promise<void> {
  let readAt = Number.NEGATIVE_INFINITY
  return async () => {
    const now = tools.now().getTime()
    if (now - readAt < EVERY_MS / scale) return
    readAt = now
    try {
      learn(await readQuotas(client), tools, scale)
    } catch (error) {
      // Only a hint: the work that asked for it meets the same trouble itself, and tells it.
      if (!(error instanceof AccountTrouble)) throw error
    }
  }
}
