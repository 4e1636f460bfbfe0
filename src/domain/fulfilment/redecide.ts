import type { Place, RouteFacts, Supply } from './facts.ts'
import { type Route, route } from './route.ts'
import type { RoutingRules } from './rules.ts'

/** A group as it was decided at the time, and whether its promise was kept; null: that is not known (yet). */
export type PastGroup = {
  readonly placeId: number
  readonly method: 'ship' | 'collect' | 'ship_to_store'
  readonly collectAt: number | null
  readonly workOn: string | null
  readonly readyBy: Date | null
  readonly deliverBy: Date | null
  readonly lines: readonly { readonly lineId: number; readonly quantity: number }[]
  readonly isKept: boolean | null
}

/** A decision of the past, with what it was made from. */
export type PastDecision = {
  readonly orderId: number
  /** As the channel calls it. */
  readonly number: string
  readonly facts: RouteFacts
  /** When the load in the facts was read: what was decided since is not in it. */
  readonly loadAt: Date
  readonly was: readonly PastGroup[]
}

/** What one decision moved against what was: units of a SKU at a place, and what the place has taken on for a day. */
type Move = {
  readonly placeId: number
  readonly day: string | null
  readonly orders: number
  readonly units: readonly (readonly [sku: string, units: number])[]
}

type Loads = Map<number, Map<string, { readonly orders: number; readonly units: number }>>

/** Orders that went elsewhere and may be decided again; of older ones nothing is given back. */
const MOVED_MOST = 20_000

/**
 * Decides past orders anew by other rules, in their sequence: where one goes elsewhere, stock and capacity that it leaves are there for those that follow, and
 * what it takes is not. No place takes more than its day allows, as the guard of the commit would have it. An order that is decided again (a place gave it up, more of it came) gives back first what it had moved. Holds only what differs.
 */
export function makeRedecide(rules: RoutingRules): (past: PastDecision) => Route {
  const load: Loads = new Map()
  const stock = new Map<string, Map<number, number>>()
  const moved = new Map<number, readonly Move[]>()

  const apply = (moves: readonly Move[], sign: 1 | -1): void => {
    for (const { placeId, day, orders, units } of moves) {
      for (const [sku, taken] of units) add(stock, sku, placeId, -taken * sign)
      if (day !== null) addLoad(load, placeId, day, orders * sign, units.reduce((sum, [, taken]) => sum + taken, 0) * sign)
    }
  }
  // Decisions of late: those made after a load was read are not in it.
  let late: { at: number; moves: readonly Move[] }[] = []
  return past => {
    apply(moved.get(past.orderId) ?? [], -1)
    moved.delete(past.orderId)
    late = late.filter(one => one.at >= past.loadAt.getTime())
    const supply = supplyWith(past.facts, stock)
    const seen = placesWith(past.facts.places, load)
    let decided = route({ ...past.facts, places: seen, supply }, rules)
    const now = placesWith(seen, loadOf(late.flatMap(one => one.moves)))
    if (isOver(now, decided)) decided = route({ ...past.facts, places: now, supply }, rules)
    late.push({ at: past.facts.at.getTime(), moves: movesOf(past.facts, past.was, 1) })
    if (!isSameRoute(past.was, decided.groups)) {
      const moves = [...movesOf(past.facts, past.was, -1), ...movesOf(past.facts, decided.groups, 1)]
      apply(moves, 1)
      moved.set(past.orderId, moves)
      const [oldest] = moved.keys()
      if (moved.size > MOVED_MOST && oldest !== undefined) moved.delete(oldest)
    }
    return decided
  }
}

/** Whether a place would take on more than its day allows. */
function isOver(places: readonly Place[], decided: Route): boolean {
  return decided.groups.some(group => {
    const place = places.find(one => one.id === group.placeId)
    if (place === undefined) return false
    const day = place.load[group.workOn] ?? { orders: 0, units: 0 }
    const units = group.lines.reduce((sum, line) => sum + line.quantity, 0)
    return (
      day.orders + 1 > (place.ordersPerDay ?? Number.POSITIVE_INFINITY) ||
      day.units + units > (place.unitsPerDay ?? Number.POSITIVE_INFINITY)
    )
  })
}

type Placed = Pick<PastGroup, 'placeId' | 'method' | 'collectAt' | 'lines'>

/** Whether the same units are handed over at the same places in the same ways. */
export function isSameRoute(a: readonly Placed[], b: readonly Placed[]): boolean {
  const told = (groups: readonly Placed[]): string =>
    groups
      .flatMap(group => group.lines.map(line => [group.placeId, group.method, group.collectAt ?? '', line.lineId, line.quantity].join(':')))
      .sort()
      .join()
  return told(a) === told(b)
}

function movesOf(facts: RouteFacts, groups: readonly (Placed & Pick<PastGroup, 'workOn'>)[], sign: 1 | -1): Move[] {
  const skus = new Map(facts.lines.map(line => [line.id, line.sku]))
  return groups.map(group => ({
    placeId: group.placeId,
    day: group.workOn,
    orders: sign,
    units: group.lines.map(line => [skus.get(line.lineId) ?? '', line.quantity * sign] as const),
  }))
}

function add(counts: Map<string, Map<number, number>>, key: string, place: number, by: number): void {
  const here = counts.get(key) ?? new Map<number, number>()
  const now = (here.get(place) ?? 0) + by
  if (now === 0) here.delete(place)
  else here.set(place, now)
  if (here.size === 0) counts.delete(key)
  else counts.set(key, here)
}

function addLoad(load: Loads, placeId: number, day: string, orders: number, units: number): void {
  const days = load.get(placeId) ?? new Map<string, { orders: number; units: number }>()
  const was = days.get(day) ?? { orders: 0, units: 0 }
  load.set(placeId, days.set(day, { orders: was.orders + orders, units: was.units + units }))
}

/** What decisions took on, by place and day. */
function loadOf(moves: readonly Move[]): Loads {
  const load: Loads = new Map()
  for (const { placeId, day, orders, units } of moves)
    if (day !== null)
      addLoad(
        load,
        placeId,
        day,
        orders,
        units.reduce((sum, [, taken]) => sum + taken, 0),
      )
  return load
}

function placesWith(places: readonly Place[], load: Loads): Place[] {
  return places.map(place => {
    const days = load.get(place.id)
    if (days === undefined) return place
    const now = { ...place.load }
    for (const [day, by] of days) {
      const was = now[day] ?? { orders: 0, units: 0 }
      now[day] = { orders: Math.max(0, was.orders + by.orders), units: Math.max(0, was.units + by.units) }
    }
    return { ...place, load: now }
  })
}

function supplyWith(facts: RouteFacts, stock: ReadonlyMap<string, ReadonlyMap<number, number>>): Supply[] {
  const known = new Set(facts.supply.map(one => `${one.lineId}:${one.placeId}`))
  const skus = new Map(facts.lines.map(line => [line.id, line.sku]))
  const there = facts.supply.map(one => {
    const by = stock.get(skus.get(one.lineId) ?? '')?.get(one.placeId) ?? 0
    return by === 0 ? one : { ...one, units: Math.max(0, one.units + by) }
  })
  const more = facts.lines.flatMap(line =>
    [...(stock.get(line.sku) ?? [])]
      .filter(([placeId, units]) => units > 0 && !known.has(`${line.id}:${placeId}`))
      .map(([placeId, units]) => ({ lineId: line.id, placeId, units, ageDays: 0 })),
  )
  return [...there, ...more].filter(one => one.units > 0)
}
