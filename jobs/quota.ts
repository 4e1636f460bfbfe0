import { type Quota, tellQuota } from '../db/quotas.ts'
import type { Lane } from './lane.ts'

/** How often a lane looks whether there is something new to tell of its quota. */
export const QUOTA_EVERY_MS = 2_000

/** Told anew at least so often, so that people see that somebody holds the account. */
const AT_LEAST_MS = 30_000

/** Tells what is left of the platform's quota for pushes: only this process knows its bucket. Makes no call, and writes nothing while nothing changes. */
export function makeQuotaNote({ deps, account }: Lane): () => Promise<boolean> {
  const { pushOperation: operation } = account.connector.declares
  let told: Quota | null = null
  let toldAt = 0
  return async () => {
    const { left, ratePerS, burst, closedMs } = account.pace.stand(operation)
    const now = { operation, left: Math.floor(left), ratePerS, burst, closedMs: Math.round(closedMs) }
    const isSame =
      told !== null &&
      now.left === told.left &&
      now.ratePerS === told.ratePerS &&
      now.burst === told.burst &&
      closedMs === 0 &&
      told.closedMs === 0
    if (isSame && performance.now() - toldAt < AT_LEAST_MS) return false
    await tellQuota(deps.sql, account.row.id, account.leaseToken, now)
    told = now
    toldAt = performance.now()
    return false
  }
}
