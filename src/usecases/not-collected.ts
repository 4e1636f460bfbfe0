import { untilTaken } from '../../db/once-more.ts'
import { steppingBack } from '../../db/order-troubles.ts'
import { endUncollected, groupsOver, tellWaiting } from '../../db/pick-up-kept.ts'
import type { Context } from './context.ts'
import { hasAddress } from './read-person.ts'

export type WaitingLooked = {
  /** Buyers who were reminded, or told that their goods are late. */
  readonly told: number
  /** Groups that nobody came for. */
  readonly ended: number
}

/**
 * Looks after what waits to be collected, by an instant and at most `limit` of each: reminds buyers, tells those whose goods are late, and ends what nobody came for as the
 * rule says: cancelled, or sent instead where its buyer left an address. Each group is one statement that judges anew, so any number of processes may look at once.
 * One that fails steps back behind the others, and a person sees it after some tries.
 */
export async function lookAfterWaiting(context: Context, at: Date, limit: number): Promise<WaitingLooked> {
  const told = await tellWaiting(context.sql, at, limit)
  let ended = 0
  for (const { groupId, orderId, becomes } of await groupsOver(context.sql, at, limit)) {
    const end = async (): Promise<boolean> => {
      const ship = becomes === 'ship' && (await hasAddress(context, orderId))
      const answer = await endUncollected(context.sql, { actor: context.actor, groupId, ship, now: at.toISOString() })
      return answer.outcome === 'not_collected'
    }
    const undertaking = { what: 'not_collected', refId: groupId, orderId } as const
    if (await steppingBack(context.sql, undertaking, () => untilTaken(end), at)) ended += 1
  }
  return { told, ended }
}
