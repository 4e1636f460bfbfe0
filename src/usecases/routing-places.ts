import type { Sql } from '../../db/connect.ts'
import { type RoutePlace, routePlaces } from '../../db/routing.ts'
import type { Place } from '../domain/fulfilment/facts.ts'
import { withPublicHolidays } from './public-holidays.ts'
import { whereaboutsOf } from './whereabouts.ts'

/** Every location as routing looks at it for a channel: with its public holidays and where it is. `past`: as that was stated at an instant, without load. */
export async function routingPlaces(sql: Sql, channelId: number, past: Date | null = null): Promise<Omit<Place, 'excluded'>[]> {
  const places: RoutePlace[] = await withPublicHolidays(await routePlaces(sql, channelId, past), past ?? new Date())
  const where = await whereaboutsOf(sql, places)
  return places.map((place, n) => ({ ...place, ...where[n] }))
}
