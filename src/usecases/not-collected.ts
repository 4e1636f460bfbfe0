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
 */
export async function lookAfterWaiting(context: Context, at: Date, limit: number): Promise<WaitingLooked> {
  const told = await tellWaiting(context.sql, at, limit)
  let ended = 0
  const troubles: unknown[] = []
  for (const { groupId, orderId, becomes } of await groupsOver(context.sql, at, limit)) {
    try {
      const ship = becomes === 'ship' && (await hasAddress(context, orderId))
      const answer = await endUncollected(context.sql, { actor: context.actor, groupId, ship, now: at.toISOString() })
      if (answer.outcome === 'not_collected') ended += 1
    } catch (error) {
      // The others do not wait for it; it is told once they are done.
      troubles.push(error)
    }
  }
  if (troubles.length > 0) throw new AggregateError(troubles, `${troubles.length} groups that nobody came for could not be ended`)
  return { told, ended }
}
