import { awayFrom } from './distance.ts'
import type { Place, Whereabouts } from './facts.ts'
import { isSameRoute, type PastDecision, type PastGroup } from './redecide.ts'
import type { Route } from './route.ts'
import type { RoutingRule } from './rules.ts'

/** What the decisions of one side come to. Cost: parcels and handling, as the locations state them, else as the first of the changed rules weighs them. */
export type Figures = {
  readonly groups: number
  /** Decisions that went to more than one place. */
  readonly splits: number
  readonly unplacedUnits: number
  readonly cost: number
  /** Of parcels of which both ends are known; null: of none. */
  readonly kmPerParcel: number | null
  /** From the decision until what it promises has come (is ready, where it is collected), on average. */
  readonly hoursPromised: number | null
  /** Share of promises that were kept; of the changed side: what went where it was is as it was, and the rest as those locations keep theirs. */
  readonly keptShare: number | null
}

export type PlaceLoad = { readonly orders: number; readonly units: number; readonly fullestDay: { day: string; orders: number } | null }
export type PlaceCompared = {
  readonly place: string
  readonly ordersPerDay: number | null
  readonly was: PlaceLoad
  readonly would: PlaceLoad
}

/** Where the units of an order go. */
export type Whither = { readonly place: string; readonly method: PastGroup['method']; readonly units: number }
export type Elsewhere = {
  readonly orderId: number
  readonly number: string
  readonly at: Date
  readonly was: readonly Whither[]
  readonly would: readonly Whither[]
  readonly promiseWas: Date | null
  readonly promiseWould: Date | null
}

export type Compared = {
  readonly decisions: number
  readonly elsewhere: number
  readonly earlier: number
  readonly later: number
  readonly was: Figures
  readonly would: Figures
  /** Promises of which it is known whether they were kept. */
  readonly judged: number
  readonly places: readonly PlaceCompared[]
  /** The first of them. */
  readonly orders: readonly Elsewhere[]
}

type Group = Omit<PastGroup, 'isKept'>
type Tally = {
  groups: number
  splits: number
  unplaced: number
  cost: number
  km: number
  parcels: number
  hours: number
  promises: number
}
type Load = { orders: number; units: number; days: Map<string, number> }
type AtPlace = { place: Place; was: Load; would: Load; judged: number; kept: number; came: number }

const HOUR_MS = 3_600_000
const emptyTally = (): Tally => ({ groups: 0, splits: 0, unplaced: 0, cost: 0, km: 0, parcels: 0, hours: 0, promises: 0 })
const emptyLoad = (): Load => ({ orders: 0, units: 0, days: new Map() })

/** Compares decisions with what they would have been, one after the other; holds sums and the first `most` orders that go elsewhere. */
export function makeComparison(worth: RoutingRule['worth'], most: number) {
  const sides = { was: emptyTally(), would: emptyTally() }
  const places = new Map<number, AtPlace>()
  const orders: Elsewhere[] = []
  const counts = { decisions: 0, elsewhere: 0, earlier: 0, later: 0, judged: 0, kept: 0, stayed: 0, keptStayed: 0 }

  const atPlace = (place: Place): AtPlace => {
    const known = places.get(place.id) ?? { place, was: emptyLoad(), would: emptyLoad(), judged: 0, kept: 0, came: 0 }
    places.set(place.id, known)
    return known
  }
  const tell = (past: PastDecision, groups: readonly Group[], side: 'was' | 'would', byId: ReadonlyMap<number, Place>): Date | null => {
    const tally = sides[side]
    tally.groups += groups.length
    if (new Set(groups.map(group => group.placeId)).size > 1) tally.splits += 1
    const placed = groups.reduce((sum, group) => sum + unitsOf(group), 0)
    tally.unplaced += past.facts.lines.reduce((sum, line) => sum + line.units, 0) - placed
    for (const group of groups) {
      const place = byId.get(group.placeId)
      if (place === undefined) continue
      if (group.method !== 'collect') {
        tally.cost += (place.parcelCost ?? worth.parcel) + unitsOf(group) * (place.unitCost ?? worth.handling)
        const { km } = awayFrom(place, targetOf(group, past.facts.destination, byId))
        if (km !== null) [tally.km, tally.parcels] = [tally.km + km, tally.parcels + 1]
      }
      const load = atPlace(place)[side]
      load.orders += 1
      load.units += unitsOf(group)
      if (group.workOn !== null) load.days.set(group.workOn, (load.days.get(group.workOn) ?? 0) + 1)
    }
    const until = promiseOf(groups)
    if (until !== null) {
      tally.hours += (until.getTime() - past.facts.at.getTime()) / HOUR_MS
      tally.promises += 1
    }
    return until
  }

  return {
    take(past: PastDecision, decided: Route): void {
      const byId = new Map(past.facts.places.map(place => [place.id, place]))
      counts.decisions += 1
      const promiseWas = tell(past, past.was, 'was', byId)
      const promiseWould = tell(past, decided.groups, 'would', byId)
      if (promiseWas !== null && promiseWould !== null && promiseWas.getTime() !== promiseWould.getTime())
        counts[promiseWould < promiseWas ? 'earlier' : 'later'] += 1
      for (const group of past.was) {
        const place = byId.get(group.placeId)
        if (group.isKept === null || place === undefined) continue
        counts.judged += 1
        counts.kept += group.isKept ? 1 : 0
        const here = atPlace(place)
        here.judged += 1
        here.kept += group.isKept ? 1 : 0
      }
      if (past.was.some(group => group.isKept !== null)) {
        for (const group of decided.groups) {
          const place = byId.get(group.placeId)
          const same = past.was.find(one => one.placeId === group.placeId && one.isKept !== null)
          if (same !== undefined) [counts.stayed, counts.keptStayed] = [counts.stayed + 1, counts.keptStayed + (same.isKept ? 1 : 0)]
          else if (place !== undefined) atPlace(place).came += 1
        }
      }
      if (isSameRoute(past.was, decided.groups)) return
      counts.elsewhere += 1
      if (orders.length >= most) return
      const whither = (groups: readonly Group[]): Whither[] =>
        groups.map(group => ({ place: byId.get(group.placeId)?.code ?? `${group.placeId}`, method: group.method, units: unitsOf(group) }))
      orders.push({
        ...{ orderId: past.orderId, number: past.number, at: past.facts.at, promiseWas, promiseWould },
        ...{ was: whither(past.was), would: whither(decided.groups) },
      })
    },
    answer(): Compared {
      const { decisions, elsewhere, earlier, later, judged, kept, stayed, keptStayed } = counts
      // A location of which nothing is known yet keeps its promises as all of them do.
      const overall = judged === 0 ? 0 : kept / judged
      const all = [...places.values()]
      const expected = all.reduce((sum, one) => sum + one.came * (one.judged === 0 ? overall : one.kept / one.judged), keptStayed)
      const would = stayed + all.reduce((sum, one) => sum + one.came, 0)
      return {
        ...{ decisions, elsewhere, earlier, later, judged, orders },
        was: figures(sides.was, judged === 0 ? null : overall),
        would: figures(sides.would, judged === 0 || would === 0 ? null : expected / would),
        places: all
          .map(({ place, was, would }) => ({ place: place.code, ordersPerDay: place.ordersPerDay, was: loadOf(was), would: loadOf(would) }))
          .sort((a, b) => Math.max(b.was.orders, b.would.orders) - Math.max(a.was.orders, a.would.orders) || (a.place < b.place ? -1 : 1)),
      }
    },
  }
}

const unitsOf = (group: Pick<Group, 'lines'>): number => group.lines.reduce((sum, line) => sum + line.quantity, 0)

/** When the last of it has come, or is ready where it is collected. */
function promiseOf(groups: readonly Group[]): Date | null {
  const ends = groups.flatMap(group => group.deliverBy ?? group.readyBy ?? [])
  return ends.length === 0 ? null : ends.reduce((last, one) => (one > last ? one : last))
}

function targetOf(group: Group, destination: Whereabouts, byId: ReadonlyMap<number, Place>): Whereabouts {
  return group.method === 'ship_to_store' ? (byId.get(group.collectAt ?? 0) ?? { country: null, point: null }) : destination
}

function figures(tally: Tally, keptShare: number | null): Figures {
  return {
    ...{ groups: tally.groups, splits: tally.splits, unplacedUnits: tally.unplaced, cost: Math.round(tally.cost * 100) / 100 },
    kmPerParcel: tally.parcels === 0 ? null : Math.round(tally.km / tally.parcels),
    hoursPromised: tally.promises === 0 ? null : Math.round((tally.hours / tally.promises) * 10) / 10,
    keptShare: keptShare === null ? null : Math.round(keptShare * 10_000) / 10_000,
  }
}

function loadOf(load: Load): PlaceLoad {
  const [fullest] = [...load.days].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return { orders: load.orders, units: load.units, fullestDay: fullest === undefined ? null : { day: fullest[0], orders: fullest[1] } }
}
