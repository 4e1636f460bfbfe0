import { assign, type Problem, sum, UNPLACED } from './assign.ts'

/** Places that are used, and units of each line (row) at each of them (column). */
export type Allocation = {
  readonly places: readonly number[]
  readonly units: readonly (readonly number[])[]
  readonly cost: number
  readonly unplaced: number
}

/** How many places are tried in every combination. */
const EXACT_PLACES = 12
const MOST_LOOKS = 4000
/** The limit of places comes after placing all, and before what it costs. */
const BEYOND_LIMIT = 1e6

/** Less than this is no difference in cost. */
const SAME = 1e-9

type Found = Allocation & { readonly total: number }

/**
 * Places units at least cost: a greedy start, bettered by adding, dropping and exchanging places, then every combination of the most promising
 * ones within a bound, then bettered again. Every unit that has a place anywhere gets one.
 */
export function allocate(problem: Problem): Allocation {
  const useful = needed(problem)
  let best = better(problem, useful, greedy(problem, useful))
  best = exact(problem, promising(problem, useful, best), best)
  return useful.length > EXACT_PLACES ? better(problem, useful, best) : best
}

/**
 * What broke the tie with a place that could have stood in for a chosen one at the same cost; null: it was dearer, or had less. Of equal ones that is taken of which less
 * is for opening it, then the one that comes first.
 */
export function tieBreak(problem: Problem, { places, units }: Allocation, n: number): 'parcel' | 'later' | null {
  for (const [column, chosen] of places.entries()) {
    const taken = units.map(row => row[column] ?? 0)
    const isAble = sum(taken) <= (problem.room[n] ?? 0) && taken.every((take, l) => take <= (problem.supply[l]?.[n] ?? 0))
    if (!isAble || Math.abs(costOf(problem, n, taken) - costOf(problem, chosen, taken)) >= SAME) continue
    return Math.abs((problem.opening[n] ?? 0) - (problem.opening[chosen] ?? 0)) < SAME ? 'later' : 'parcel'
  }
  return null
}

/**
 * Places that some best allocation may need. A place is needless beside another one that has all that is wanted of whatever it has, room for all of it, and would take
 * its units over for less than it costs to open.
 */
function needed(problem: Problem): number[] {
  const all = sum(problem.wanted)
  const kept: number[] = []
  const useful = problem.opening
    .map((_, n) => n)
    .filter(n => (problem.room[n] ?? 0) > 0 && takes(problem, n, problem.wanted).some(units => units > 0))
    .sort((a, b) => (problem.opening[a] ?? 0) - (problem.opening[b] ?? 0) || a - b)
  const full = (n: number): boolean => (problem.room[n] ?? 0) >= all
  for (const n of useful) {
    const isNeedless = kept.some(other => full(other) && takesOver(problem, other, n))
    if (!isNeedless) kept.push(n)
  }
  return kept.sort((a, b) => a - b)
}

function takesOver(problem: Problem, other: number, n: number): boolean {
  let dearer = (problem.opening[other] ?? 0) - (problem.opening[n] ?? 0)
  for (let l = 0; l < problem.wanted.length; l++) {
    const wanted = problem.wanted[l] ?? 0
    const has = Math.min(wanted, problem.supply[l]?.[n] ?? 0)
    if (has === 0) continue
    if ((problem.supply[l]?.[other] ?? 0) < wanted) return false
    dearer += has * Math.max(0, (problem.each[l]?.[other] ?? 0) - (problem.each[l]?.[n] ?? 0))
    if (dearer > SAME) return false
  }
  return true
}

/** What an allocation to these places comes to; null where, with all of them used, it surely comes to `below` or more. */
function judge(problem: Problem, places: readonly number[], below = Number.POSITIVE_INFINITY): Found | null {
  const opening = (used: readonly number[]): number =>
    used.reduce((all, n) => all + (problem.opening[n] ?? 0), Math.max(0, used.length - problem.maxPlaces) * BEYOND_LIMIT)
  const assigned = assign(problem, places, below - opening(places))
  if (assigned === null) return null
  const { units, cost, unplaced } = assigned
  const columns = places.map((_, i) => i).filter(i => units.some(row => (row[i] ?? 0) > 0))
  const used = columns.map(i => places[i] ?? 0)
  return {
    places: used,
    units: units.map(row => columns.map(i => row[i] ?? 0)),
    cost: cost + used.reduce((all, n) => all + (problem.opening[n] ?? 0), 0),
    unplaced,
    total: opening(used) + cost + unplaced * UNPLACED,
  }
}

/** Units of each line that a place can take when so many are left. */
function takes(problem: Problem, n: number, left: readonly number[]): number[] {
  let room = problem.room[n] ?? 0
  return left.map((units, l) => {
    const take = Math.min(units, problem.supply[l]?.[n] ?? 0, room)
    room -= take
    return take
  })
}

const costOf = (problem: Problem, n: number, units: readonly number[]): number =>
  units.reduce((sum, take, l) => sum + take * (problem.each[l]?.[n] ?? 0), problem.opening[n] ?? 0)

/** Again and again the place that takes what is left at the least cost for each unit; or the cheapest that takes all of it. */
function greedy(problem: Problem, useful: readonly number[]): Found {
  const chosen: number[] = []
  let left = [...problem.wanted]
  while (sum(left) > 0) {
    let pick = -1
    let least = Number.POSITIVE_INFINITY
    for (const n of useful) {
      if (chosen.includes(n)) continue
      const units = takes(problem, n, left)
      const price = costOf(problem, n, units) / sum(units)
      if (price < least) [least, pick] = [price, n]
    }
    if (pick < 0) break
    chosen.push(pick)
    const taken = takes(problem, pick, left)
    left = left.map((units, l) => units - (taken[l] ?? 0))
  }
  const alone = useful.filter(n => sum(takes(problem, n, problem.wanted)) === sum(problem.wanted))
  const first = judge(problem, chosen) as Found
  return alone.reduce((best, n) => judge(problem, [n], best.total) ?? best, first)
}

/** Drops, adds and exchanges places as long as that makes it cheaper. */
function better(problem: Problem, useful: readonly number[], start: Found): Found {
  let best = start
  for (let isBetter = true; isBetter; ) {
    isBetter = false
    const others = useful.filter(n => !best.places.includes(n))
    const tries = [
      ...best.places.map(gone => best.places.filter(n => n !== gone)),
      ...others.map(n => [...best.places, n]),
      ...best.places.flatMap(gone => others.map(n => [...best.places.filter(kept => kept !== gone), n])),
    ]
    for (const places of tries) {
      const one = judge(problem, places, best.total)
      if (one !== null && one.total < best.total - SAME) [best, isBetter] = [one, true]
    }
  }
  return best
}

/** The places that are worth trying in every combination: those of the best so far, then whoever is cheap for all, for one line, or has most. */
function promising(problem: Problem, useful: readonly number[], best: Found): number[] {
  if (useful.length <= EXACT_PLACES) return [...useful]
  const all = useful.map(n => {
    const units = takes(problem, n, problem.wanted)
    return { n, each: costOf(problem, n, units) / sum(units), units: sum(units), cost: costOf(problem, n, units) }
  })
  const lists = [
    all.toSorted((a, b) => a.each - b.each || a.n - b.n).map(one => one.n),
    all.toSorted((a, b) => b.units - a.units || a.cost - b.cost || a.n - b.n).map(one => one.n),
    ...problem.wanted.map((wanted, l) => {
      const price = (n: number): number => {
        const take = Math.min(wanted, problem.supply[l]?.[n] ?? 0)
        return take === 0 ? Number.POSITIVE_INFINITY : ((problem.opening[n] ?? 0) + take * (problem.each[l]?.[n] ?? 0)) / take
      }
      return useful
        .map(n => ({ n, price: price(n) }))
        .filter(one => Number.isFinite(one.price))
        .sort((a, b) => a.price - b.price || a.n - b.n)
        .map(one => one.n)
    }),
  ]
  const chosen = new Set(best.places.slice(0, EXACT_PLACES))
  for (let at = 0; chosen.size < EXACT_PLACES && at < useful.length; at++) {
    for (const list of lists) {
      const n = list[at]
      if (n !== undefined && chosen.size < EXACT_PLACES) chosen.add(n)
    }
  }
  return [...chosen]
}

/** Every combination of a few places that could still be cheaper than the best one. */
function exact(problem: Problem, few: readonly number[], start: Found): Found {
  const order = few.toSorted((a, b) => (problem.opening[a] ?? 0) - (problem.opening[b] ?? 0))
  let best = start
  let looks = 0
  // What units cost at least, and how many surely find no place, when only places from `at` on may join those of `chosen`.
  const least = (chosen: readonly number[], at: number): number => {
    let bound = 0
    for (const [l, wanted] of problem.wanted.entries()) {
      let price = Number.POSITIVE_INFINITY
      let supply = 0
      const see = (n: number): void => {
        const has = problem.supply[l]?.[n] ?? 0
        if (has === 0) return
        supply += has
        price = Math.min(price, problem.each[l]?.[n] ?? 0)
      }
      for (const n of chosen) see(n)
      for (let i = at; i < order.length; i++) see(order[i] ?? 0)
      const placed = Math.min(wanted, supply)
      bound += (wanted - placed) * UNPLACED + (placed > 0 ? placed * price : 0)
    }
    return bound
  }
  const go = (chosen: readonly number[], opening: number, at: number): void => {
    if (at === order.length || looks >= MOST_LOOKS) return
    const over = Math.max(0, chosen.length + 1 - problem.maxPlaces) * BEYOND_LIMIT
    const n = order[at] ?? 0
    const price = opening + (problem.opening[n] ?? 0)
    // Places come by what they cost to use: when this one is too much, so are all that follow.
    if (price + over + least(chosen, at) >= best.total) return
    const more = [...chosen, n]
    looks += 1
    const one = judge(problem, more, best.total)
    if (one !== null && one.total < best.total - SAME) best = one
    go(more, price, at + 1)
    go(chosen, opening, at + 1)
  }
  go([], 0, 0)
  return best
}
