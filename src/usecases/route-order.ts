import type { JsonValue } from '../../db/connect.ts'
import { commitRoute, noteUnplaced, type RulesInForce, routeFacts, rulesInForce } from '../../db/routing.ts'
import type { Destination, Place, RouteFacts } from '../domain/fulfilment/facts.ts'
import { keepFacts } from '../domain/fulfilment/kept-facts.ts'
import { type Route, route } from '../domain/fulfilment/route.ts'
import { PLAIN_RULES } from '../domain/fulfilment/rules.ts'
import type { Context } from './context.ts'
import { readPerson } from './read-person.ts'
import { routingPlaces } from './routing-places.ts'
import { whereaboutsOf } from './whereabouts.ts'

export type RoutedOrder = 'routed' | 'unplaced' | 'nothing' | 'held'

/** What all orders of a channel are routed by: read once for many of them, as each decision is guarded by what is true when it is written. */
export type RoutingGround = {
  readonly at: Date
  readonly places: readonly Omit<Place, 'excluded'>[]
  readonly rules: RulesInForce | null
}

export async function routingGround(context: Pick<Context, 'sql'>, channelId: number): Promise<RoutingGround> {
  const at = new Date()
  const [places, rules] = await Promise.all([routingPlaces(context.sql, channelId), rulesInForce(context.sql, channelId)])
  return { at, places, rules }
}

/** Tries of one order before what is promised where stays there. */
const TRIES = 5

/**
 * Routes what waits of an order: reads, decides, and writes it guarded. When stock or capacity went meanwhile, it decides anew without that; in the end units
 * stay where they are promised. `unplaced`: no place may have any of it now, which is kept and looked at again later.
 */
export async function routeOrder(
  context: Context,
  order: { readonly id: number; readonly channelId: number },
  ground?: RoutingGround,
): Promise<RoutedOrder> {
  const destination = await destinationOf(context, order.id)
  let known = ground ?? (await routingGround(context, order.channelId))
  const gone = new Map<string, number>()
  for (let tried = 1; ; tried++) {
    const facts = await routeFacts(context.sql, order.id)
    if (facts === null || facts.lines.length === 0) return 'nothing'
    if (!['accepted', 'routed', 'in_fulfilment'].includes(facts.state)) return 'held'
    const supply = facts.supply.map(one => ({ ...one, units: gone.get(`${one.lineId}:${one.placeId}`) ?? one.units }))
    const excluded = new Map(facts.excluded.map(one => [one.placeId, one.reason]))
    const places = known.places.map(place => ({ ...place, excluded: excluded.get(place.id) ?? null }))
    const given = { at: new Date(), lines: facts.lines, places, supply, destination }
    const decided = route(given, known.rules?.rules ?? PLAIN_RULES)
    const head = { actor: context.actor, orderId: order.id, ...(known.rules === null ? {} : { rulesId: known.rules.id }) }
    if (decided.groups.length === 0) {
      await noteUnplaced(context.sql, { ...head, decision: told(given, decided, known.at) })
      return 'unplaced'
    }
    const answer = await commitRoute(context.sql, { ...head, ...written(given, decided, known.at) })
    if (answer.outcome === 'routed') return 'routed'
    if (tried >= TRIES) return 'nothing'
    if (answer.outcome === 'insufficient') {
      const { lineId, locationId, asked = 0, available = 0, reason } = answer.missing
      if (reason !== 'stock' || lineId === undefined) {
        known = await routingGround(context, order.channelId)
        continue
      }
      // What was asked for goes beyond what is promised to the line there already.
      const here = decided.groups.filter(group => group.placeId === locationId).flatMap(group => group.lines)
      const own = here.reduce((sum, line) => (line.lineId === lineId ? sum + line.quantity : sum), 0) - asked
      gone.set(`${lineId}:${locationId}`, tried === TRIES - 1 ? own : own + available)
    }
  }
}

function written(facts: RouteFacts, decided: Route, loadAt: Date): Record<string, JsonValue> {
  return {
    expect: { lines: facts.lines.map(line => ({ lineId: line.id, units: line.units })) },
    groups: decided.groups.map(group => ({
      ...{ locationId: group.placeId, method: group.method, workOn: group.workOn, readyBy: group.readyBy.toISOString() },
      ...(group.collectAt === null ? {} : { collectLocationId: group.collectAt }),
      ...(group.deliverBy === null ? {} : { deliverBy: group.deliverBy.toISOString() }),
      lines: group.lines.map(line => ({ ...line })),
    })),
    decision: told(facts, decided, loadAt),
  }
}

/** The decision as it is kept: candidates, scores and why each lost, and what it was made from. */
function told(facts: RouteFacts, decided: Route, loadAt: Date): JsonValue {
  const { cost, unplaced, attempts, groups } = decided
  return JSON.parse(JSON.stringify({ cost, unplaced, attempts, facts: keepFacts(facts, groups, loadAt) }))
}

/**
 * Where an order goes, as far as its channel told: only country, postal code and a point leave the sealed data, and none of them is kept. The distances that a decision keeps
 * would tell a door from three locations, so the point is one of a square of about a kilometre.
 */
export async function destinationOf(context: Context, orderId: number): Promise<Destination> {
  const address = (await readPerson(context, orderId))?.address ?? {}
  // Amazon's and eBay's addresses are kept by their own names.
  const country = address.country ?? address.countryCode ?? ''
  const [latitude, longitude] = [Number(address.latitude), Number(address.longitude)]
  const isPoint =
    address.latitude !== undefined &&
    Number.isFinite(latitude) &&
    Number.isFinite(longitude) &&
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180
  const told = {
    country: /^[A-Za-z]{2}$/.test(country) ? country.toUpperCase() : null,
    postalCode: address.postcode ?? address.postalCode ?? null,
    point: isPoint ? { latitude: roughly(latitude), longitude: roughly(longitude) } : null,
  }
  return (await whereaboutsOf(context.sql, [told]))[0] ?? { country: null, point: null }
}

const roughly = (degrees: number): number => Math.round(degrees * 100) / 100
