import * as highsModule from 'highs'
import type { Allocation } from '../../src/domain/fulfilment/allocate.ts'
import type { Problem } from '../../src/domain/fulfilment/assign.ts'

/** Random numbers in [0, 1) that are the same for a seed each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const PARCEL = 4
const PER_KM = 0.01

/**
 * An order of up to five lines before so many places in a square of 1,000 km. A parcel costs 4 and 0.01 for each kilometre, and a unit what the place asks for
 * handling it (0.10 to 1.10). A place has a line with some likelihood, often fewer than are wanted, and a third of the places have a day that is nearly full. What all
 * places together can take is always enough.
 */
export function randomProblem(seed: number, places: number, mostLines = 5): Problem {
  const random = seeded(seed)
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1))
  const lines = whole(Math.min(2, mostLines), mostLines)
  const wanted = Array.from({ length: lines }, () => whole(1, 6))
  const [x, y] = [random() * 1000, random() * 1000]
  const opening = Array.from({ length: places }, () => PARCEL + PER_KM * Math.hypot(random() * 1000 - x, random() * 1000 - y))
  const price = Array.from({ length: places }, () => 0.1 + random())
  const each = wanted.map(() => price)
  const likelihood = 0.3 + random() * 0.5
  const supply = wanted.map(units => Array.from({ length: places }, () => (random() < likelihood ? whole(1, units + 2) : 0)))
  const room = Array.from({ length: places }, () => (random() < 0.35 ? whole(1, 6) : Number.POSITIVE_INFINITY))
  // One place far away has whatever nobody else has, so that every unit can be placed.
  const last = places - 1
  room[last] = Number.POSITIVE_INFINITY
  for (const [l, units] of wanted.entries()) {
    const row = supply[l] ?? []
    const others = row.slice(0, last).reduce((all, has, n) => all + Math.min(has, room[n] ?? 0) / 3, 0)
    row[last] = Math.max(0, Math.ceil(units - others))
  }
  return { wanted, opening, each, supply, room, maxPlaces: Number.POSITIVE_INFINITY }
}

/** Whether some place alone can fill all of it. */
export const isAloneEnough = ({ wanted, supply, room }: Problem): boolean =>
  room.some((most, n) => wanted.every((units, l) => (supply[l]?.[n] ?? 0) >= units) && wanted.reduce((all, one) => all + one, 0) <= most)

/** The package's types tell of its CommonJS build, whose export is what its ES build has as default. */
const loadHighs = highsModule.default as unknown as typeof import('highs').default

export type Solved = { readonly cost: number; readonly units: readonly (readonly number[])[] }

/** The least cost at which all units can be placed, by HiGHS; null where they cannot. `units`: of each line at each place. */
export async function solver(): Promise<(problem: Problem) => Solved | null> {
  const highs = await loadHighs()
  return problem => {
    const answer = highs.solve(lpOf(problem), { mip_rel_gap: 0, mip_abs_gap: 1e-9 })
    if (answer.Status === 'Infeasible') return null
    if (answer.Status !== 'Optimal') throw new Error(`HiGHS ended as ${answer.Status}`)
    const primal = (name: string): number => {
      const column = answer.Columns[name]
      return column === undefined || !('Primal' in column) ? 0 : Number(column.Primal)
    }
    const units = problem.wanted.map((_, l) => problem.opening.map((_, n) => Math.round(primal(`x${l}_${n}`))))
    return { cost: costOf(problem, units), units }
  }
}

/** What an allocation costs, by its units alone. */
export function costOf(problem: Problem, units: readonly (readonly number[])[]): number {
  return problem.opening.reduce((all, opening, n) => {
    const taken = units.map(row => row[n] ?? 0)
    if (taken.every(one => one === 0)) return all
    return all + opening + taken.reduce((sum, one, l) => sum + one * (problem.each[l]?.[n] ?? 0), 0)
  }, 0)
}

/** An allocation as units of each line at each place of the problem. */
export function spread(problem: Problem, found: Allocation): number[][] {
  return problem.wanted.map((_, l) => problem.opening.map((_, n) => found.units[l]?.[found.places.indexOf(n)] ?? 0))
}

/** What is wrong with units of each line at each place: nothing, where all is well. */
export function faultsOf(problem: Problem, units: readonly (readonly number[])[]): string[] {
  const faults: string[] = []
  for (const [l, row] of units.entries()) {
    if (row.reduce((all, one) => all + one, 0) !== problem.wanted[l]) faults.push(`line ${l} is not placed whole`)
    for (const [n, one] of row.entries())
      if (one < 0 || !Number.isInteger(one) || one > (problem.supply[l]?.[n] ?? 0)) faults.push(`line ${l} has ${one} at ${n}`)
  }
  for (const [n, most] of problem.room.entries()) {
    const taken = units.reduce((all, row) => all + (row[n] ?? 0), 0)
    if (taken > most) faults.push(`place ${n} takes ${taken} of ${most}`)
  }
  return faults
}

/** The least cost by trying every set of places, each filled by trying every way to divide the lines: for small problems. Null where nothing places all. */
export function bruteForce(problem: Problem): number | null {
  const places = problem.opening.length
  let best: number | null = null
  const units = problem.wanted.map(() => problem.opening.map(() => 0))
  const room = [...problem.room]
  const fill = (l: number, n: number, left: number): void => {
    if (l === problem.wanted.length) {
      const cost = costOf(problem, units)
      if (best === null || cost < best) best = cost
      return
    }
    if (n === places) {
      if (left === 0) fill(l + 1, 0, problem.wanted[l + 1] ?? 0)
      return
    }
    const most = Math.min(left, problem.supply[l]?.[n] ?? 0, room[n] ?? 0)
    const row = units[l] ?? []
    for (let take = 0; take <= most; take++) {
      row[n] = take
      room[n] = (room[n] ?? 0) - take
      fill(l, n + 1, left - take)
      room[n] = (room[n] ?? 0) + take
    }
    row[n] = 0
  }
  fill(0, 0, problem.wanted[0] ?? 0)
  return best
}

/** The problem in the LP format, in short lines: the reader has a limit. */
function lpOf({ wanted, opening, each, supply, room }: Problem): string {
  const terms = (all: readonly string[]): string => (all.length === 0 ? '0 y0' : all.join('\n + '))
  const pairs = wanted
    .flatMap((_, l) => opening.map((_, n) => ({ l, n, most: Math.min(supply[l]?.[n] ?? 0, wanted[l] ?? 0) })))
    .filter(one => one.most > 0)
  const rows = [
    ...wanted.map((units, l) => `w${l}: ${terms(pairs.filter(one => one.l === l).map(one => `x${l}_${one.n}`))} = ${units}`),
    ...pairs.map(({ l, n, most }) => `u${l}_${n}: x${l}_${n} - ${most} y${n} <= 0`),
    ...room.flatMap((most, n) => {
      const here = pairs.filter(one => one.n === n)
      return Number.isFinite(most) && here.length > 0 ? [`r${n}: ${terms(here.map(one => `x${one.l}_${n}`))} <= ${most}`] : []
    }),
  ]
  const cost = [
    ...opening.map((price, n) => `${price.toFixed(9)} y${n}`),
    ...pairs.map(({ l, n }) => `${(each[l]?.[n] ?? 0).toFixed(9)} x${l}_${n}`),
  ]
  return [
    ...['Minimize', ` cost: ${terms(cost)}`, 'Subject To', ...rows.map(row => ` ${row}`)],
    ...['General', ...pairs.map(({ l, n }) => ` x${l}_${n}`), 'Binary', ...opening.map((_, n) => ` y${n}`), 'End'],
  ].join('\n')
}
