/**
 * The numbers of one allocation problem. `opening[n]`: what it costs to use place n at all; `each[l][n]`: what a unit of line l costs there; `supply[l][n]`:
 * units that it has; `room[n]`: units that it can take in all (Infinity: any number); `wanted[l]`: units to place.
 */
export type Problem = {
  readonly wanted: readonly number[]
  readonly opening: readonly number[]
  readonly each: readonly (readonly number[])[]
  readonly supply: readonly (readonly number[])[]
  readonly room: readonly number[]
  /** Most places; Infinity: any number. */
  readonly maxPlaces: number
}

/** Units of each line (row) at each of the chosen places (column), what they cost, and how many units found no place. */
export type Assigned = { readonly units: number[][]; readonly cost: number; readonly unplaced: number }

/** What a unit without a place counts: placing all comes before everything else. */
export const UNPLACED = 1e9

/**
 * The cheapest way to place as many units as possible at these places alone; null where that surely comes to `below` or more. Lines that do not disturb each other take
 * their cheapest places each; only where that is too much for a place it is a flow of least cost, lengthened along the cheapest path that is left.
 */
export function assign(problem: Problem, places: readonly number[], below = Number.POSITIVE_INFINITY): Assigned | null {
  const alone = byLine(problem, places)
  const most = places.map(n =>
    Math.min(problem.room[n] ?? 0, sum(problem.supply.map((row, l) => Math.min(row[n] ?? 0, problem.wanted[l] ?? 0)))),
  )
  const unplaced = Math.max(alone.unplaced, sum(problem.wanted) - sum(most))
  if (alone.cost + unplaced * UNPLACED >= below) return null
  const isFitting = places.every((n, i) => sum(alone.units.map(row => row[i] ?? 0)) <= (problem.room[n] ?? 0))
  return isFitting ? alone : byFlow(problem, places)
}

function byLine(problem: Problem, places: readonly number[]): Assigned {
  let cost = 0
  let unplaced = 0
  const units = problem.wanted.map((wanted, l) => {
    const row = places.map(() => 0)
    const each = problem.each[l] ?? []
    const supply = problem.supply[l] ?? []
    let left = wanted
    while (left > 0) {
      let pick = -1
      for (let i = 0; i < places.length; i++) {
        const n = places[i] ?? 0
        if (row[i] === 0 && (supply[n] ?? 0) > 0 && (pick < 0 || (each[n] ?? 0) < (each[places[pick] ?? 0] ?? 0))) pick = i
      }
      if (pick < 0) break
      const n = places[pick] ?? 0
      const take = Math.min(left, supply[n] ?? 0)
      row[pick] = take
      left -= take
      cost += take * (each[n] ?? 0)
    }
    unplaced += left
    return row
  })
  return { units, cost, unplaced }
}

function byFlow(problem: Problem, places: readonly number[]): Assigned {
  const lines = problem.wanted.length
  const units = problem.wanted.map(() => places.map(() => 0))
  const left = [...problem.wanted]
  const room = places.map(n => problem.room[n] ?? 0)
  let cost = 0
  while (true) {
    // Bellman and Ford over lines and places: a few nodes each.
    const atLine = left.map(units => (units > 0 ? 0 : Number.POSITIVE_INFINITY))
    const atPlace = places.map(() => Number.POSITIVE_INFINITY)
    const fromLine = places.map(() => -1)
    const fromPlace = left.map(() => -1)
    for (let round = 0, isMoving = true; isMoving && round <= lines + places.length; round++) {
      isMoving = false
      for (let l = 0; l < lines; l++) {
        for (const [i, n] of places.entries()) {
          const has = units[l]?.[i] ?? 0
          const price = problem.each[l]?.[n] ?? 0
          if (has < (problem.supply[l]?.[n] ?? 0) && (atLine[l] ?? 0) + price < (atPlace[i] ?? 0) - 1e-12) {
            atPlace[i] = (atLine[l] ?? 0) + price
            fromLine[i] = l
            isMoving = true
          }
          if (has > 0 && (atPlace[i] ?? 0) - price < (atLine[l] ?? 0) - 1e-12) {
            atLine[l] = (atPlace[i] ?? 0) - price
            fromPlace[l] = i
            isMoving = true
          }
        }
      }
    }
    let end = -1
    for (const [i, far] of atPlace.entries())
      if ((room[i] ?? 0) > 0 && far < (end < 0 ? Number.POSITIVE_INFINITY : (atPlace[end] ?? 0))) end = i
    if (end < 0) break
    const path: { l: number; i: number; gives: number }[] = []
    let take = room[end] ?? 0
    for (let i = end; ; ) {
      const l = fromLine[i] ?? 0
      const gives = fromPlace[l] ?? -1
      const isStart = gives < 0
      take = Math.min(
        take,
        (problem.supply[l]?.[places[i] ?? 0] ?? 0) - (units[l]?.[i] ?? 0),
        isStart ? (left[l] ?? 0) : (units[l]?.[gives] ?? 0),
      )
      path.push({ l, i, gives })
      if (isStart) {
        left[l] = (left[l] ?? 0) - take
        break
      }
      i = gives
    }
    for (const { l, i, gives } of path) {
      const row = units[l] ?? []
      row[i] = (row[i] ?? 0) + take
      if (gives >= 0) row[gives] = (row[gives] ?? 0) - take
    }
    room[end] = (room[end] ?? 0) - take
    cost += take * (atPlace[end] ?? 0)
  }
  return { units, cost, unplaced: sum(left) }
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
