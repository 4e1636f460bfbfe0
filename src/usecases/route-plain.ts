import { commitPlain, routePlaces } from '../../db/routing.ts'
import { arrival, readiness } from '../domain/fulfilment/promise.ts'
import type { Context } from './context.ts'
import { withPublicHolidays } from './public-holidays.ts'

/** Puts waiting orders of a channel that sells from this one location into groups there, many in one statement; answers how many. */
export async function routePlain(
  context: Pick<Context, 'sql' | 'actor'>,
  channelId: number,
  locationId: number,
  limit: number,
): Promise<number> {
  const at = new Date()
  const stated = (await routePlaces(context.sql, channelId)).filter(one => one.id === locationId)
  const [place] = await withPublicHolidays(stated, at)
  if (place === undefined) return 0
  const ready = readiness(place, at)
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
