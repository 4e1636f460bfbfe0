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
  fulfillment: ['getOrders', 'getOrder', 'getShippingFulfillments', 'createShippingFulfillment', 'issueRefund'],
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

/** Where nothing is left, one call in this time is tried: eBay itself says then for how long to wait. */
const LEAST_PER_S = 1 / 300
/** Calls that are spread over the time until a quota is given anew and a little more, so that none goes in its last moments that came together. */
const BEYOND_S = 120

/** Calls made since the last reading, by operation. */
export type Used = ReadonlyMap<Operation, number>

/**
 * Spreads what is left over the time that is left, never faster than our own rates. Operations that are counted together share it: half evenly, half by what each used
 * of late. What was saved up for a moment goes down with what is left, so that all of them at once stay within it.
 */
export function learn(quotas: readonly Quota[], tools: Tools, scale: number, used: Used = new Map()): void {
  const rates = new Map<Operation, { readonly ratePerS: number; readonly saved: number }>()
  for (const quota of quotas) {
    const leftS = leftSecondsOf(quota, tools)
    if (!(leftS > 0)) continue
    const operations = operationsOf(quota)
    const usedOf = (operation: Operation): number => used.get(operation) ?? 0
    const usedByAll = operations.reduce((sum, operation) => sum + usedOf(operation), 0)
    // One call of each is never spread, so that every operation has its turn before the day ends.
    const spread = quota.remaining - operations.length
    for (const operation of operations) {
      const even = 1 / operations.length
      const part = usedByAll === 0 ? even : (even + usedOf(operation) / usedByAll) / 2
      const ratePerS = spread > 0 ? (spread * part + 1) / (leftS + BEYOND_S) : LEAST_PER_S * scale
      const known = rates.get(operation)
      if (known === undefined || ratePerS < known.ratePerS) rates.set(operation, { ratePerS, saved: Math.max(0, spread * part) / 2 })
    }
  }
  for (const [operation, { ratePerS, saved }] of rates) {
    tools.pace.learn(operation, Math.min(ownRate(operation) * scale, ratePerS))
    tools.pace.settle(operation, { back: 0, left: saved })
  }
}

const leftSecondsOf = ({ reset }: Quota, tools: Tools): number =>
  reset === null ? Number.NaN : (Date.parse(reset) - tools.now().getTime()) / 1000

/** Of the time that is left, so much may pass until the next reading. */
const NEXT_PART = 0.25
const SOONEST_MS = 60_000

export type QuotaKeeper = {
  /** Notes what each operation uses. */
  readonly client: Client
  /** Reads the quotas anew when the last reading is an hour old, or sooner before they are given anew. */
  readonly look: () => Promise<void>
}

/** Keeps the calls of an account within its quotas. */
export function quotaKeeper(client: Client, tools: Tools, scale: number): QuotaKeeper {
  let nextAt = Number.NEGATIVE_INFINITY
  const used = new Map<Operation, number>()
  return {
    client: call => {
      used.set(call.operation, (used.get(call.operation) ?? 0) + 1)
      return client(call)
    },
    look: async () => {
      const now = tools.now().getTime()
      if (now < nextAt) return
      nextAt = now + EVERY_MS / scale
      try {
        const quotas = await readQuotas(client)
        learn(quotas, tools, scale, used)
        used.clear()
        const soonestS = Math.min(...quotas.map(quota => leftSecondsOf(quota, tools)).filter(leftS => leftS > 0))
        nextAt = Math.min(nextAt, now + Math.max(SOONEST_MS / scale, soonestS * 1000 * NEXT_PART))
      } catch (error) {
        // Only a hint: the work that asked for it meets the same trouble itself, and tells it.
        if (!(error instanceof AccountTrouble)) throw error
      }
    },
  }
}
