import type { JsonValue } from '../../db/connect.ts'
import { type KeptAnswer, keepGroup } from '../../db/pick-up-kept.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { isBuyer } from './buyer-choice.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'

export type Kept = { readonly groupId: number; readonly collectBy: string; readonly replayed: boolean }

/**
 * Keeps a ready group longer for its buyer: by so many days, or as the rule says. A buyer may ask for it as often as the rule allows. `where`: the order or the location
 * that it must be of. Throws `not_found`, or `conflict` when it is not waiting to be collected, or was kept longer often enough.
 */
export async function keepLonger(
  context: Context,
  key: string | null,
  groupId: number,
  where: { readonly orderId?: number; readonly locationId?: number; readonly days?: number | undefined } = {},
): Promise<Kept> {
  const counts = isBuyer(context.actor)
  // A buyer's link is one order's.
  const own = counts ? { orderId: Number(context.actor.slice('buyer:'.length)) } : {}
  const body = stated({ groupId, ...where, ...own, counts })
  const head = command(context, 'group.keep_longer', key, body)
  // Of the desk, keys count per location, as for its other acts.
  const scope = where.locationId === undefined ? head.scope : `desk:${where.locationId}`
  return kept(await carryOut(key, () => keepGroup(context.sql, { ...body, ...head, scope } as unknown as JsonValue)))
}

function kept(answer: KeptAnswer): Kept {
  switch (answer.outcome) {
    case 'kept':
      return { groupId: answer.groupId, collectBy: new Date(answer.collectBy).toISOString(), replayed: answer.replayed === true }
    case 'unknown':
      throw new Fault('not_found', `There is no group ${String(answer.value)} here.`, { reason: 'unknown' })
    case 'closed':
      throw new Fault('conflict', `This does not wait to be collected: it is ${answer.state}.`, { reason: 'closed', state: answer.state })
    case 'used_up':
      throw new Fault('conflict', `It was kept longer ${answer.most} times already.`, { reason: 'used_up', most: answer.most })
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
