import { forceStep, openForces } from '../db/force.ts'
import { FORCED_AT_ONCE } from '../src/usecases/force.ts'
import type { Lane } from './lane.ts'

/** How often a lane looks for wishes that nobody carries on; who asked is at it for some seconds at the most. */
export const FORCES_EVERY_MS = 5_000

/** Carries on what was asked to be sent now, where whoever asked was cut short. */
export async function carryForcesOn({ deps, account }: Lane): Promise<boolean> {
  const open = await openForces(deps.sql, account.row.id, FORCES_EVERY_MS)
  for (const force of open) while (await forceStep(deps.sql, force, FORCED_AT_ONCE));
  return false
}
