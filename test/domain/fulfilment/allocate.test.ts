import { expect, test } from 'vitest'
import { allocate } from '../../../src/domain/fulfilment/allocate.ts'
import { bruteForce, costOf, faultsOf, isAloneEnough, randomProblem, solver, spread } from '../../support/allocation-yardstick.ts'
import { repetitions } from '../../support/repetitions.ts'

const solve = await solver()

test('every unit finds a place as cheaply as an exact solver finds one: 3 % more on average at most, 10 % at the 95th percentile', () => {
  const orders = repetitions('orders allocated beside HiGHS', 40, 2000)
  const gaps: number[] = []
  let apart = 0
  for (let seed = 1; seed <= orders; seed++) {
    const problem = randomProblem(seed, 20)
    const exact = solve(problem)
    if (exact === null) throw new Error(`order ${seed} cannot be placed`)
    const found = allocate(problem)
    const units = spread(problem, found)
    expect([seed, faultsOf(problem, units), faultsOf(problem, exact.units)]).toEqual([seed, [], []])
    expect(found.cost).toBeCloseTo(costOf(problem, units), 6)
    expect(found.cost).toBeGreaterThan(exact.cost - 1e-6)
    gaps.push(found.cost / exact.cost - 1)
    if (!isAloneEnough(problem)) apart += 1
  }
  gaps.sort((a, b) => a - b)
  const mean = gaps.reduce((all, one) => all + one, 0) / gaps.length
  const p95 = gaps[Math.floor(gaps.length * 0.95)] ?? 1
  console.log(
    `${orders} orders: ${(mean * 100).toFixed(3)} % above the least cost on average, ${(p95 * 100).toFixed(3)} % at p95, most ${((gaps.at(-1) ?? 0) * 100).toFixed(3)} %; ${apart} need more than one place`,
  )
  expect(apart / orders).toBeGreaterThanOrEqual(0.4)
  expect(mean).toBeLessThanOrEqual(0.03)
  expect(p95).toBeLessThanOrEqual(0.1)
})

test('the solver itself is held against trying every way', () => {
  const cases = repetitions('small orders by brute force', 40, 500)
  for (let seed = 1; seed <= cases; seed++) {
    const problem = randomProblem(seed * 7919, 4, 3)
    const small = { ...problem, wanted: problem.wanted.map(units => Math.min(units, 3)) }
    const exact = solve(small)
    const tried = bruteForce(small)
    if (tried === null) expect([seed, exact]).toEqual([seed, null])
    else expect([seed, exact?.cost.toFixed(6)]).toEqual([seed, tried.toFixed(6)])
    // With so few places ours is exact, too.
    if (tried !== null) expect([seed, allocate(small).cost.toFixed(6)]).toEqual([seed, tried.toFixed(6)])
  }
})

test('placing all comes before the limit of places, and the limit before the cost', () => {
  const infinite = Number.POSITIVE_INFINITY
  const problem = {
    wanted: [2, 2],
    opening: [1, 1, 30],
    each: [
      [0, 0, 0],
      [0, 0, 0],
    ],
    supply: [
      [2, 0, 2],
      [0, 2, 2],
    ],
    room: [infinite, infinite, infinite],
    maxPlaces: infinite,
  }
  expect(allocate(problem)).toMatchObject({ places: [0, 1], cost: 2 })
  expect(allocate({ ...problem, maxPlaces: 1 })).toMatchObject({ places: [2], cost: 30 })
  expect(allocate({ ...problem, maxPlaces: 1, room: [infinite, infinite, 0] })).toMatchObject({ places: [0, 1], unplaced: 0 })
  expect(allocate({ ...problem, wanted: [5, 2] })).toMatchObject({ unplaced: 1 })
})
