import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { makeComparison } from '../../../src/domain/fulfilment/compare-routes.ts'
import type { Place } from '../../../src/domain/fulfilment/facts.ts'
import { makeRedecide, type PastDecision } from '../../../src/domain/fulfilment/redecide.ts'
import { PLAIN_RULES, type RoutingRule } from '../../../src/domain/fulfilment/rules.ts'

const place = (id: number, code: string): Place => ({
  ...{ id, code, kind: 'store', country: 'DE', point: null, active: true, position: id, ships: true, collects: true, shipsTo: null },
  ...{ parcelCost: null, unitCost: null, priority: 0, transitDays: 2, transitDaysAbroad: 5, excluded: null, zone: 'UTC', hours: null },
  ...{ shipsHazards: null, handsOverHazards: null },
  ...{ cutOff: null, leadMinutes: 0, holidays: [], ordersPerDay: null, unitsPerDay: null, load: {} },
})
const places = [place(1, 'a'), place(2, 'b')]
const past = (orderId: number): PastDecision => ({
  loadAt: new Date(1_772_622_000_000 + orderId * 1000),
  ...{ orderId, number: `N${orderId}` },
  facts: {
    ...{ at: new Date(1_772_622_000_000 + orderId * 1000), places, destination: { country: 'DE', point: null } },
    lines: [{ id: orderId, sku: 'CUP', units: 1, method: 'ship', collectAt: null, worth: 10 }],
    supply: places.map(one => ({ lineId: orderId, placeId: one.id, units: 1_000_000, ageDays: 0 })),
  },
  was: [
    {
      ...{ placeId: 1, method: 'ship', collectAt: null, workOn: '2026-03-04', readyBy: null, deliverBy: null, isKept: null },
      lines: [{ lineId: orderId, quantity: 1 }],
    },
  ],
})
const onlyB = { ...PLAIN_RULES, rules: [{ ...(PLAIN_RULES.rules[0] as RoutingRule), locations: ['b'] }] }

test('a comparison of many orders that all go elsewhere holds sums and what may still be asked, not the orders', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const redecide = makeRedecide(onlyB)
  const comparison = makeComparison((PLAIN_RULES.rules[0] as RoutingRule).worth, 200)
  const heapAfter = (from: number, until: number): number => {
    for (let n = from; n < until; n++) {
      const one = past(n)
      comparison.take(one, redecide(one))
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  const early = heapAfter(1, 22_000)
  const late = heapAfter(22_000, 62_000)
  // 40,000 orders more: nothing is kept of them; as objects they would be some 40 MB.
  expect((late - early) / 1_048_576).toBeLessThan(8)
  expect(comparison.answer()).toMatchObject({
    decisions: 61_999,
    elsewhere: 61_999,
    places: [{ place: 'a', was: { orders: 61_999 } }, { place: 'b' }],
  })
  expect(comparison.answer().orders).toHaveLength(200)
})
