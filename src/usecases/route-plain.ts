import { commitPlain } from '../../db/routing.ts'
import { arrival, readiness } from '../domain/fulfilment/promise.ts'
import type { Context } from './context.ts'
import { routingPlaces } from './routing-places.ts'

/** Puts waiting orders of a channel that sells from this one location into groups there, many in one statement; answers how many. */
export async function routePlain(
  context: Pick<Context, 'sql' | 'actor'>,
  channelId: number,
  locationId: number,
  limit: number,
): Promise<number> {
  const place = (await routingPlaces(context.sql, channelId)).find(one => one.id === locationId)
  if (place === undefined) return 0
  const ready = readiness(place, new Date())
  const promise =
    ready === null
      ? {}
      : {
          workOn: ready.workOn,
          readyBy: ready.readyBy.toISOString(),
          deliverBy: arrival(ready.readyBy, place.transitDays, place.zone).toISOString(),
        }
  return commitPlain(context.sql, { actor: context.actor, channelId, locationId, limit, ...promise })
}
