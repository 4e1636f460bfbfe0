import { allocate } from '../../src/domain/fulfilment/allocate.ts'
import type { Place, RouteFacts, RouteLine, Supply } from '../../src/domain/fulfilment/facts.ts'
import { route } from '../../src/domain/fulfilment/route.ts'
import { PLAIN_RULES } from '../../src/domain/fulfilment/rules.ts'
import { randomProblem, seeded, solver } from '../support/allocation-yardstick.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'

const LOCATIONS = 200
const LINES = 5
const ORDERS = 1000
const EXACT = 40

/** Decisions about orders of five lines before 200 locations with hours and capacities, from facts to groups with promises and reasons; HiGHS on the same kind of problem. */
export async function routeBench(): Promise<Measured> {
  const orders = Array.from({ length: ORDERS }, (_, n) => factsOf(n))
  for (const facts of orders.slice(0, 50)) route(facts, PLAIN_RULES)
  const took: number[] = []
  let split = 0
  for (const facts of orders) {
    const beganAt = performance.now()
    const decided = route(facts, PLAIN_RULES)
    took.push(performance.now() - beganAt)
    if (decided.unplaced.length > 0) throw new Error('an order that could be placed was not')
    if (decided.groups.length > 1) split += 1
  }
  took.sort((a, b) => a - b)
  const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0
  const solve = await solver()
  const exactMs: number[] = []
  let gap = 0
  for (let seed = 1; seed <= EXACT; seed++) {
    const problem = randomProblem(seed, LOCATIONS, LINES)
    const beganAt = performance.now()
    const exact = solve(problem)
    exactMs.push(performance.now() - beganAt)
    if (exact !== null) gap += allocate(problem).cost / exact.cost - 1
  }
  const yardstick = exactMs.sort((a, b) => a - b)[Math.floor(EXACT / 2)] ?? 0
  const [p50, p99] = [at(0.5), at(0.99)]
  const criteria = { p99: atMost(20, p99), gap: atMost(0.03, gap / EXACT), split: atLeast(0.4, split / ORDERS) }
  const words = `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, most ${at(1).toFixed(2)} ms; ${split} of ${ORDERS} orders split; ${((100 * gap) / EXACT).toFixed(3)} % above HiGHS (median ${yardstick.toFixed(0)} ms)`
  return { line: lineOf({ name: 'route', value: p99, unit: 'ms', yardstick, ratio: yardstick / p99, criteria }), notes: [words] }
}

function factsOf(seed: number): RouteFacts {
  const random = seeded(seed + 1)
  const hours = Object.fromEntries([1, 2, 3, 4, 5, 6].map(day => [day, [['09:00', '18:00'] as const]]))
  const point = () => ({ latitude: 48 + random() * 6, longitude: 7 + random() * 7 })
  const places = Array.from(
    { length: LOCATIONS },
    (_, n): Place => ({
      ...{
        id: n + 1,
        code: `place-${n}`,
        kind: n % 10 === 0 ? 'warehouse' : 'store',
        country: 'DE',
        point: point(),
        active: true,
        position: n + 1,
      },
      ...{
        ships: true,
        collects: true,
        shipsTo: null,
        shipsHazards: null,
        handsOverHazards: null,
        parcelCost: null,
        unitCost: 0.1 + random(),
        priority: 0,
        transitDays: 2,
        transitDaysAbroad: 5,
      },
      ...{ excluded: null, zone: 'Europe/Berlin', hours, cutOff: '15:00', leadMinutes: 120, holidays: [], ordersPerDay: null },
      ...{ unitsPerDay: random() < 0.35 ? 1 + Math.floor(random() * 6) : null, load: {} },
    }),
  )
  const lines = Array.from(
    { length: LINES },
    (_, n): RouteLine => ({
      ...{ id: n + 1, sku: `S${n}`, units: 1 + Math.floor(random() * 6), method: 'ship', collectAt: null, worth: 20 },
    }),
  )
  const supply: Supply[] = lines.flatMap(line =>
    places.flatMap(place =>
      random() < 0.35 ? [{ lineId: line.id, placeId: place.id, units: 1 + Math.floor(random() * (line.units + 1)), ageDays: 0 }] : [],
    ),
  )
  return { at: new Date('2026-03-04T11:00:00Z'), lines, places, supply, destination: { country: 'DE', point: point() } }
}
