import type { Limit } from '../connectors/pace.ts'
import { nextTurn } from '../db/due.ts'
import type { Lane } from './lane.ts'

/** How often a lane looks whether prices of its account begin or end soon. */
export const TURNS_MS = 500

/** For how long after the instant calls are still kept back: time to reckon what shows then, and to begin. */
const AFTER_MS = 2_000

/** At the longest calls are kept back for so long before an instant: whatever else there is to send waits meanwhile. */
const BEFORE_MAX_MS = 5_000

/**
 * Keeps as many calls back as the listings need whose prices begin or end at an instant that is near, so that ordinary pushes and polls cannot have
 * used the burst up when it comes. Never needs a call itself; answers false, as there is nothing more to do now.
 */
export async function keepCallsForTurns(lane: Lane): Promise<boolean> {
  const { deps, account } = lane
  const { declares, limits } = account.connector
  const limit = limits[declares.pushOperation]
  const leadMs = Math.min(BEFORE_MAX_MS, fillMs(limit, account.scale)) + 2 * TURNS_MS
  const turn = await nextTurn(deps.sql, account.row.id, leadMs, burstOf(limit, account.scale) * declares.pushMax)
  if (turn) account.pace.keep(declares.pushOperation, Math.ceil(turn.listings / declares.pushMax), turn.inMs + AFTER_MS)
  return false
}

/** No more calls than these can be kept back. */
function burstOf(limit: Limit | undefined, scale: number): number {
  return limit?.kind === 'bucket' ? Math.max(1, Math.ceil(limit.burst * scale)) : 1
}

/** How long an empty bucket takes to fill, ms. */
function fillMs(limit: Limit | undefined, scale: number): number {
  if (limit === undefined) return 0
  // A scale multiplies rate and burst alike.
  return limit.kind === 'bucket' ? (limit.burst / limit.ratePerS) * 1000 : limit.everyMs / scale
}
