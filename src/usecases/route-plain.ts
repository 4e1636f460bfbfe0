import type { Sql } from '../../db/connect.ts'
import type { PlainRoute } from '../../db/orders.ts'
import { commitPlain, plainChannels } from '../../db/routing.ts'
import { arrival, readiness } from '../domain/fulfilment/promise.ts'
import type { Context } from './context.ts'
import { routingPlaces } from './routing-places.ts'

/** The channels of an account whose orders need no choice, as they sell from one location, and what is promised of an order of this moment. */
export async function plainRoutes(sql: Sql, accountId: number): Promise<PlainRoute[]> {
  const channels = await plainChannels(sql, accountId)
  const routes = await Promise.all(channels.map(({ channelId, placeId }) => plainRoute(sql, channelId, placeId)))
  return routes.filter(route => route !== null)
}

/** Puts waiting orders of a channel that sells from this one location into groups there, many in one statement; answers how many. */
export async function routePlain(
  context: Pick<Context, 'sql' | 'actor'>,
  channelId: number,
  locationId: number,
  limit: number,
): Promise<number> {
  const route = await plainRoute(context.sql, channelId, locationId)
  return route === null ? 0 : commitPlain(context.sql, { actor: context.actor, limit, ...route })
}

async function plainRoute(sql: Sql, channelId: number, locationId: number): Promise<PlainRoute | null> {
  const place = (await routingPlaces(sql, channelId)).find(one => one.id === locationId)
  if (place === undefined) return null
  const ready = readiness(place, new Date())
  if (ready === null) return { channelId, locationId }
  const deliverBy = arrival(ready.readyBy, place.transitDays, place.zone).toISOString()
  return { channelId, locationId, workOn: ready.workOn, readyBy: ready.readyBy.toISOString(), deliverBy }
}
