import { type Allocation, allocate, tieBreak } from './allocate.ts'
import type { Problem } from './assign.ts'
import { arrives, aways, type Candidate, type Ground, look, rounded, type Scored } from './candidate.ts'
import type { RouteFacts, RouteLine, Supply } from './facts.ts'
import type { RoutingRule, RoutingRules } from './rules.ts'

export type RoutedGroup = {
  readonly placeId: number
  readonly method: 'ship' | 'collect' | 'ship_to_store'
  readonly collectAt: number | null
  readonly workOn: string
  readonly readyBy: Date
  readonly deliverBy: Date | null
  readonly lines: readonly { readonly lineId: number; readonly quantity: number }[]
}

/** What one rule came to for one way of handing over. */
export type Attempt = {
  readonly rule: string
  readonly method: RouteLine['method']
  readonly collectAt: number | null
  readonly cost: number
  readonly unplaced: number
  /** Places beyond the rule's limit of splits. */
  readonly beyond: number
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

/**
 * Decides where each unit of an order is handed over, by the first rule that places all of it (of those that are handed over the same way) within its limit of splits, and
 * says why. Where none does, by the one that leaves least over, and then by the one that goes least beyond its limit.
 */
export function route(facts: RouteFacts, rules: RoutingRules): Route {
  const parts = partsOf(facts.lines)
  const stock = new Map<number, Map<number, Supply>>()
  for (const one of facts.supply) stock.set(one.placeId, (stock.get(one.placeId) ?? new Map()).set(one.lineId, one))
  const ground: Ground = { facts, stock, ready: new Map() }
  // Filled over the parts: what one takes, the next does not have.
  const taken: Taken = new Map()
  const decided = parts.map(lines => decide(ground, lines, rules, taken))
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
function decide(ground: Ground, lines: readonly RouteLine[], rules: RoutingRules, taken: Taken): Route {
  const attempts: Attempt[] = []
  let last: { scored: Scored[]; found: Allocation; beyond: number } | null = null
  for (const rule of rules.rules) {
    const tried = attempt(ground, lines, rule, taken)
    const isWorse =
      last !== null &&
      (tried.found.unplaced > last.found.unplaced || (tried.found.unplaced === last.found.unplaced && tried.beyond >= last.beyond))
    attempts.push({ ...tried.attempt, decided: false })
    if (isWorse) continue
    last = tried
    for (const [n, one] of attempts.entries()) attempts[n] = { ...one, decided: n === attempts.length - 1 }
    if (tried.found.unplaced === 0 && tried.beyond === 0) break
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
        ...{ deliverBy: method === 'collect' ? null : arrives(one.place, one.ready, ground.facts), lines: here },
      } satisfies RoutedGroup,
    ]
  })
  const unplaced = lines.flatMap((line, l) => {
    const placed = found.units[l]?.reduce((sum, one) => sum + one, 0) ?? 0
    return placed < line.units ? [{ lineId: line.id, quantity: line.units - placed }] : []
  })
  return { groups, unplaced, attempts, cost: found.cost }
}

function attempt(ground: Ground, lines: readonly RouteLine[], rule: RoutingRule, taken: Taken) {
  const far = aways(ground, lines)
  const farthestKm = far.reduce((most, one) => Math.max(most, one.km ?? 0), 0)
  const named = rule.locations === null ? null : new Set(rule.locations)
  const sight = (n: number) => ({ away: far[n] ?? { km: null, by: null }, farthestKm, named })
  const looked = ground.facts.places.map((place, n) => look(ground, lines, rule, place, sight(n)))
  const scored = looked.flatMap(one => (one.scored === null ? [] : [one.scored]))
  const worth = lines.reduce<number | null>((sum, line) => (sum === null || line.worth === null ? null : sum + line.worth), 0)
  const isWhole = rule.noSplitBelow !== null && worth !== null && worth < rule.noSplitBelow
  const maxPlaces = isWhole ? 1 : (rule.maxPlaces ?? Number.POSITIVE_INFINITY)
  const problem: Problem = {
    wanted: lines.map(line => line.units),
    opening: scored.map(one => one.fixed),
    each: lines.map((_, l) => scored.map(one => one.perUnit - rule.worth.oldest * (one.ages[l] ?? 0))),
    supply: lines.map((_, l) => scored.map(one => one.supply[l] ?? 0)),
    room: scored.map(one =>
      one.ready.room === null ? Number.POSITIVE_INFINITY : Math.max(0, one.ready.room - (taken.get(one.place.id) ?? 0)),
    ),
    maxPlaces,
  }
  const found = allocate(problem)
  const beyond = Math.max(0, found.places.length - maxPlaces)
  const chosen = new Set(found.places.map(n => scored[n]?.place.code))
  const candidates = looked.map(({ candidate }): Candidate => {
    if (candidate.out !== undefined) return candidate
    if (chosen.has(candidate.place)) return { ...candidate, chosen: true }
    const n = scored.findIndex(one => one.place.code === candidate.place)
    return { ...candidate, lost: found.unplaced > 0 ? 'nothing_wanted' : (tieBreak(problem, found, n) ?? 'dearer') }
  })
  const first = lines[0]
  const told = { rule: rule.name, method: first?.method ?? ('ship' as const), collectAt: first?.collectAt ?? null }
  return { scored, found, beyond, attempt: { ...told, cost: rounded(found.cost), unplaced: found.unplaced, beyond, candidates } }
}
