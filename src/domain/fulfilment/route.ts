import { allocate } from './allocate.ts'
import { distanceKm } from './distance.ts'
import type { Place, RouteFacts, RouteLine } from './facts.ts'
import { arrival, type Readiness, readiness } from './promise.ts'
import type { Filter, RankBy, RoutingRule, RoutingRules } from './rules.ts'

export type RoutedGroup = {
  readonly placeId: number
  readonly method: 'ship' | 'collect' | 'ship_to_store'
  readonly collectAt: number | null
  readonly workOn: string
  readonly readyBy: Date
  readonly deliverBy: Date | null
  readonly lines: readonly { readonly lineId: number; readonly quantity: number }[]
}

/** One place that was looked at: why it could not be, or what it would cost, and how much of the lines it has. */
export type Candidate = {
  readonly place: string
  readonly out?: Filter
  /** What belongs to the reason: a distance, a day, a reason told by the store. */
  readonly detail?: string
  /** What each measure counts, in money; those of a unit are for one unit. */
  readonly score?: Readonly<Partial<Record<RankBy, number>>>
  readonly cost?: number
  readonly perUnit?: number
  readonly has?: number
  readonly km?: number | null
  readonly readyBy?: string
  readonly chosen?: boolean
  /** Why it lost, where it could have been: others were cheaper, or it had nothing more that was wanted. */
  readonly lost?: 'dearer' | 'nothing_wanted'
}

/** What one rule came to for one way of handing over. */
export type Attempt = {
  readonly rule: string
  readonly method: RouteLine['method']
  readonly collectAt: number | null
  readonly cost: number
  readonly unplaced: number
  readonly candidates: readonly Candidate[]
  /** Whether it was this rule that decided. */
  readonly decided: boolean
}

export type Route = {
  readonly groups: readonly RoutedGroup[]
  /** Units that have no place. */
  readonly unplaced: readonly { readonly lineId: number; readonly quantity: number }[]
  readonly attempts: readonly Attempt[]
  readonly cost: number
}

const DAY_MS = 86_400_000

/** Decides where each unit of an order is handed over, by the first rule that places all of it (of those that are handed over the same way), and says why. */
export function route(facts: RouteFacts, rules: RoutingRules): Route {
  const parts = partsOf(facts.lines)
  const ready = new Map<number, Readiness | null>()
  // Filled over the parts: what one takes, the next does not have.
  const taken: Taken = new Map()
  const decided = parts.map(lines => decide(facts, lines, rules, ready, taken))
  return {
    groups: decided.flatMap(one => one.groups),
    unplaced: decided.flatMap(one => one.unplaced),
    attempts: decided.flatMap(one => one.attempts),
    cost: decided.reduce((sum, one) => sum + one.cost, 0),
  }
}

/** Lines that are handed over the same way: collected ones by where, then what is sent. */
function partsOf(lines: readonly RouteLine[]): RouteLine[][] {
  const parts = new Map<string, RouteLine[]>()
  for (const line of lines) {
    const key = `${line.method}:${line.method === 'collect' ? line.collectAt : ''}`
    parts.set(key, [...(parts.get(key) ?? []), line])
  }
  return [...parts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, part]) => part)
}

type Taken = Map<number, number>
type Scored = {
  readonly place: Place
  readonly ready: Readiness
  readonly fixed: number
  readonly perUnit: number
  readonly candidate: Candidate
}

function decide(
  facts: RouteFacts,
  lines: readonly RouteLine[],
  rules: RoutingRules,
  ready: Map<number, Readiness | null>,
  taken: Taken,
): Route {
  const attempts: Attempt[] = []
  let last: { rule: RoutingRule; scored: Scored[]; found: ReturnType<typeof allocate> } | null = null
  for (const rule of rules.rules) {
    const tried = attempt(facts, lines, rule, ready, taken)
    const isWorse = last !== null && tried.found.unplaced >= last.found.unplaced
    attempts.push({ ...tried.attempt, decided: false })
    if (isWorse) continue
    last = tried
    for (const [n, one] of attempts.entries()) attempts[n] = { ...one, decided: n === attempts.length - 1 }
    if (tried.found.unplaced === 0) break
  }
  if (last === null) return { groups: [], unplaced: lines.map(line => ({ lineId: line.id, quantity: line.units })), attempts, cost: 0 }
  const { scored, found } = last
  const first = lines[0]
  const groups = found.places.flatMap((n, column) => {
    const one = scored[n]
    const here = lines.map((line, l) => ({ lineId: line.id, quantity: found.units[l]?.[column] ?? 0 })).filter(part => part.quantity > 0)
    if (one === undefined || first === undefined) return []
    taken.set(one.place.id, (taken.get(one.place.id) ?? 0) + here.reduce((sum, part) => sum + part.quantity, 0))
    const collectAt = first.method === 'collect' ? (first.collectAt ?? one.place.id) : null
    const method = first.method === 'ship' ? 'ship' : collectAt === one.place.id ? 'collect' : 'ship_to_store'
    return [
      {
        ...{
          placeId: one.place.id,
          method,
          collectAt: method === 'ship_to_store' ? collectAt : null,
          workOn: one.ready.workOn,
          readyBy: one.ready.readyBy,
        },
        ...{ deliverBy: method === 'collect' ? null : arrives(one.place, one.ready, facts), lines: here },
      } satisfies RoutedGroup,
    ]
  })
  const unplaced = lines.flatMap((line, l) => {
    const placed = found.units[l]?.reduce((sum, one) => sum + one, 0) ?? 0
    return placed < line.units ? [{ lineId: line.id, quantity: line.units - placed }] : []
  })
  return { groups, unplaced, attempts, cost: found.cost }
}

function attempt(facts: RouteFacts, lines: readonly RouteLine[], rule: RoutingRule, ready: Map<number, Readiness | null>, taken: Taken) {
  const has = new Map<string, { units: number; ageDays: number }>(facts.supply.map(one => [`${one.lineId}:${one.placeId}`, one]))
  const supplyAt = (line: RouteLine, place: Place): number => Math.min(line.units, has.get(`${line.id}:${place.id}`)?.units ?? 0)
  const looked = facts.places.map(place => look(facts, lines, rule, place, supplyAt, ready, has))
  const scored = looked.flatMap(one => (one.scored === null ? [] : [one.scored]))
  const worth = lines.reduce<number | null>((sum, line) => (sum === null || line.worth === null ? null : sum + line.worth), 0)
  const isWhole = rule.noSplitBelow !== null && worth !== null && worth < rule.noSplitBelow
  const found = allocate({
    wanted: lines.map(line => line.units),
    opening: scored.map(one => one.fixed),
    each: lines.map(line => scored.map(one => one.perUnit - rule.worth.oldest * (has.get(`${line.id}:${one.place.id}`)?.ageDays ?? 0))),
    supply: lines.map(line => scored.map(one => supplyAt(line, one.place))),
    room: scored.map(one =>
      one.ready.room === null ? Number.POSITIVE_INFINITY : Math.max(0, one.ready.room - (taken.get(one.place.id) ?? 0)),
    ),
    maxPlaces: isWhole ? 1 : (rule.maxPlaces ?? Number.POSITIVE_INFINITY),
  })
  const chosen = new Set(found.places.map(n => scored[n]?.place.code))
  const candidates = looked.map(({ candidate }): Candidate => {
    if (candidate.out !== undefined) return candidate
    if (chosen.has(candidate.place)) return { ...candidate, chosen: true }
    return { ...candidate, lost: found.unplaced > 0 ? 'nothing_wanted' : 'dearer' }
  })
  const first = lines[0]
  const told = { rule: rule.name, method: first?.method ?? ('ship' as const), collectAt: first?.collectAt ?? null }
  return { rule, scored, found, attempt: { ...told, cost: rounded(found.cost), unplaced: found.unplaced, candidates } }
}

/** Why a place is out by this rule, or what it would count. */
function look(
  facts: RouteFacts,
  lines: readonly RouteLine[],
  rule: RoutingRule,
  place: Place,
  supplyAt: (line: RouteLine, place: Place) => number,
  ready: Map<number, Readiness | null>,
  has: ReadonlyMap<string, { ageDays: number }>,
): { candidate: Candidate; scored: Scored | null } {
  const out = (reason: Filter, detail?: string) => ({
    candidate: { place: place.code, out: reason, ...(detail === undefined ? {} : { detail }) },
    scored: null,
  })
  const first = lines[0]
  const isCollected = first?.method === 'collect'
  const isSentToStore = isCollected && first.collectAt !== null && first.collectAt !== place.id
  // The store that the buyer chose need not be one that the channel sells from.
  if (place.position === null && !(isCollected && first.collectAt === place.id)) return out('serves')
  if (place.excluded !== null) return out('excluded', place.excluded)
  if (!place.active) return out('open')
  if (isCollected && !isSentToStore ? !place.collects && first.collectAt === null : !place.ships || (isSentToStore && !rule.shipToStore))
    return out('method')
  const to = isCollected ? null : facts.destination.country
  if (to !== null && place.shipsTo !== null && !place.shipsTo.includes(to)) return out('ships_to', to)
  const isForced = isCollected && !isSentToStore
  if (
    !isForced &&
    ((rule.kinds !== null && !rule.kinds.includes(place.kind)) || (rule.locations !== null && !rule.locations.includes(place.code)))
  )
    return out('kind')
  const target = isSentToStore
    ? (facts.places.find(one => one.id === first.collectAt)?.point ?? null)
    : isCollected
      ? place.point
      : facts.destination.point
  const km = distanceKm(place.point, target)
  if (rule.maxKm !== null && km !== null && km > rule.maxKm) return out('distance', `${Math.round(km)} km`)
  const units = lines.reduce((sum, line) => sum + supplyAt(line, place), 0)
  if (units === 0) return out('stock')
  if (!ready.has(place.id)) ready.set(place.id, readiness(place, facts.at))
  const when = ready.get(place.id) ?? null
  if (when === null) return out('capacity')
  const { worth } = rule
  const load = place.load[when.workOn]?.orders ?? 0
  const until = isForced ? when.readyBy : arrives(place, when, facts)
  const age = Math.max(0, ...lines.map(line => has.get(`${line.id}:${place.id}`)?.ageDays ?? 0))
  const score = {
    parcel: place.parcelCost ?? worth.parcel,
    distance: (km ?? 0) * worth.distance,
    split: worth.split,
    promise: (Math.max(0, until.getTime() - facts.at.getTime()) / DAY_MS) * worth.promise,
    balance: place.ordersPerDay ? (load / place.ordersPerDay) * worth.balance : 0,
    priority: -place.priority * worth.priority,
  }
  const perUnit = isForced ? 0 : (place.unitCost ?? worth.handling)
  // Nobody sends what the buyer fetches. A place never pays for being used: the search counts on that.
  const fixed = isForced
    ? 0
    : Math.max(
        0,
        Object.values(score).reduce((sum, one) => sum + one, 0),
      )
  const told = Object.fromEntries(
    Object.entries({ ...(isForced ? {} : score), handling: perUnit, oldest: -age * worth.oldest })
      .filter(([, money]) => money !== 0)
      .map(([by, money]) => [by, rounded(money)]),
  )
  const candidate: Candidate = {
    ...{ place: place.code, score: told, cost: rounded(fixed), perUnit: rounded(perUnit), has: units },
    ...{ km: km === null ? null : Math.round(km), readyBy: when.readyBy.toISOString() },
  }
  return { candidate, scored: { place, ready: when, fixed, perUnit, candidate } }
}

function arrives(place: Place, ready: Readiness, facts: RouteFacts): Date {
  const to = facts.destination.country
  const isAbroad = to !== null && place.country !== null && to !== place.country
  return arrival(ready.readyBy, isAbroad ? place.transitDaysAbroad : place.transitDays, place.zone)
}

const rounded = (money: number): number => Math.round(money * 10_000) / 10_000
