import { expect, test } from 'vitest'
import type { Place, RouteFacts, RouteLine } from '../../../src/domain/fulfilment/facts.ts'
import { readiness } from '../../../src/domain/fulfilment/promise.ts'
import { readRules } from '../../../src/domain/fulfilment/read-rules.ts'
import { route } from '../../../src/domain/fulfilment/route.ts'
import { PLAIN_RULES, PLAIN_WORTH, type RoutingRule } from '../../../src/domain/fulfilment/rules.ts'

const weekdays = Object.fromEntries([1, 2, 3, 4, 5].map(day => [day, [['09:00', '18:00'] as const]]))
const plain: Omit<Place, 'id' | 'code'> = {
  ...{ kind: 'store', country: 'DE', point: null, active: true, position: 1, ships: true, collects: true, shipsTo: null },
  ...{ shipsHazards: null, handsOverHazards: null },
  ...{ parcelCost: null, unitCost: null, priority: 0, transitDays: 2, transitDaysAbroad: 5, excluded: null },
  ...{
    zone: 'Europe/Berlin',
    hours: weekdays,
    cutOff: '15:00',
    leadMinutes: 120,
    holidays: [],
    ordersPerDay: null,
    unitsPerDay: null,
    load: {},
  },
}
let ids = 0
const place = (code: string, more: Partial<Place> = {}): Place => ({ ...plain, id: ++ids, code, ...more })
const line = (id: number, units: number, more: Partial<RouteLine> = {}): RouteLine => ({
  ...{ id, sku: `S${id}`, units, method: 'ship', collectAt: null, worth: 10 * units },
  ...more,
})
// A Wednesday, 12:00 in Berlin.
const at = new Date('2026-03-04T11:00:00Z')
function facts(lines: RouteLine[], places: [Place, Record<number, number>][], more: Partial<RouteFacts> = {}): RouteFacts {
  const supply = places.flatMap(([one, has]) =>
    Object.entries(has).map(([lineId, units]) => ({ lineId: Number(lineId), placeId: one.id, units, ageDays: 0 })),
  )
  return { at, lines, places: places.map(([one]) => one), supply, destination: { country: 'DE', point: null }, ...more }
}
const why = (given: RouteFacts, rules = PLAIN_RULES) =>
  Object.fromEntries(
    route(given, rules).attempts.flatMap(one => one.candidates.map(c => [c.place, c.out ?? c.lost ?? (c.chosen ? 'chosen' : '?')])),
  )
const rule = (more: Partial<RoutingRule>): RoutingRule => ({ ...(PLAIN_RULES.rules[0] as RoutingRule), ...more })

test('every place that loses says why, by the first thing that speaks against it', () => {
  const given = facts(
    [line(1, 2)],
    [
      [place('near'), { 1: 2 }],
      [place('dear', { parcelCost: 9 }), { 1: 2 }],
      [place('other', { position: null }), { 1: 2 }],
      [place('gave-up', { excluded: 'closed early' }), { 1: 2 }],
      [place('shut', { active: false }), { 1: 2 }],
      [place('desk', { ships: false }), { 1: 2 }],
      [place('abroad', { shipsTo: ['FR'] }), { 1: 2 }],
      [place('empty'), {}],
      [place('full', { ordersPerDay: 0 }), { 1: 2 }],
    ],
  )
  expect(why(given)).toEqual({
    ...{ near: 'chosen', dear: 'dearer', other: 'serves', 'gave-up': 'excluded', shut: 'open', desk: 'method', abroad: 'ships_to' },
    ...{ empty: 'stock', full: 'capacity' },
  })
})

test('the first rule that places everything decides; where none does, the one that leaves least over', () => {
  const given = facts(
    [line(1, 2), line(2, 1)],
    [
      [place('store'), { 1: 2 }],
      [place('depot', { kind: 'warehouse', parcelCost: 20 }), { 1: 2, 2: 1 }],
    ],
  )
  const stores = rule({ name: 'Stores', kinds: ['store'] })
  const decided = route(given, { ...PLAIN_RULES, rules: [stores, rule({ name: 'One place', maxPlaces: 1 })] })
  expect(decided.attempts.map(one => [one.rule, one.unplaced, one.decided])).toEqual([
    ['Stores', 1, false],
    ['One place', 0, true],
  ])
  expect(decided.groups.map(one => [one.placeId, one.lines.length])).toEqual([[given.places[1]?.id, 2]])
  const alone = route(given, { ...PLAIN_RULES, rules: [stores] })
  expect(alone.unplaced).toEqual([{ lineId: 2, quantity: 1 }])
  expect(alone.groups).toHaveLength(1)
})

test('a rule that would split more than it may gives way to the next one; only where none keeps its limit one goes beyond it', () => {
  const given = facts(
    [line(1, 1), line(2, 1)],
    [
      [place('a'), { 1: 1 }],
      [place('b'), { 2: 1 }],
      [place('depot', { kind: 'warehouse', parcelCost: 50 }), { 1: 1, 2: 1 }],
    ],
  )
  const stores = rule({ name: 'One store', kinds: ['store'], maxPlaces: 1 })
  const two = route(given, { ...PLAIN_RULES, rules: [stores, rule({ name: 'Anywhere', maxPlaces: 1 })] })
  expect(two.attempts.map(one => [one.rule, one.beyond, one.decided])).toEqual([
    ['One store', 1, false],
    ['Anywhere', 0, true],
  ])
  const alone = route(given, { ...PLAIN_RULES, rules: [stores] })
  expect([alone.unplaced, alone.groups.length, alone.attempts[0]?.beyond]).toEqual([[], 2, 1])
})

test('dangerous goods go by places that may ship them, are collected where they may be handed over, and the rest is not held up', () => {
  const shop = place('shop', { shipsHazards: [], handsOverHazards: ['3'] })
  const depot = place('depot', { kind: 'warehouse', shipsHazards: ['3', '9'], parcelCost: 30 })
  const lines = (more: Partial<RouteLine>) => [line(1, 1, { ...more, hazards: ['3'] }), line(2, 1, more)]
  const has: Record<number, number> = { 1: 1, 2: 1 }
  const sent = route(
    facts(lines({}), [
      [shop, has],
      [depot, has],
    ]),
    PLAIN_RULES,
  )
  expect(sent.groups.map(one => [one.placeId, one.lines.map(part => part.lineId)])).toEqual([[depot.id, [1, 2]]])
  expect(sent.attempts[0]?.candidates[0]).toMatchObject({ place: 'shop', barred: ['S1'], has: 1, lost: 'dearer' })
  const only = route(facts(lines({}), [[shop, has]]), PLAIN_RULES)
  expect([only.groups[0]?.lines, only.unplaced]).toEqual([[{ lineId: 2, quantity: 1 }], [{ lineId: 1, quantity: 1 }]])
  expect(why(facts([line(1, 1, { hazards: ['3', '9'] })], [[shop, has]]))).toEqual({ shop: 'hazard' })
  // Collected where it lies, nobody ships it.
  const fetched = { method: 'collect', collectAt: shop.id } as const
  expect(route(facts(lines(fetched), [[shop, has]]), PLAIN_RULES).unplaced).toEqual([])
  // Sent to a store that may not hand it over, it could not be given to the buyer.
  const acid = facts(
    [line(1, 1, { ...fetched, hazards: ['9'] })],
    [
      [shop, {}],
      [depot, has],
    ],
  )
  expect(why(acid)).toEqual({ shop: 'stock', depot: 'hazard' })
  expect(route(acid, PLAIN_RULES).attempts[0]?.candidates[1]).toEqual({ place: 'depot', out: 'hazard', detail: '9' })
})

test('a place of which nobody knows where it is counts as the farthest, and what is not known to be near enough is not', () => {
  const berlin = { latitude: 52.5, longitude: 13.4 }
  const given = (point: Partial<RouteFacts['destination']>) =>
    facts(
      [line(1, 1)],
      [
        [place('nowhere'), { 1: 1 }],
        [place('hamburg', { point: { latitude: 53.55, longitude: 10 } }), { 1: 1 }],
        [place('vienna', { country: 'AT', point: { latitude: 48.2, longitude: 16.4 } }), { 1: 1 }],
      ],
      { destination: { country: 'DE', point: berlin, ...point } },
    )
  const far = route(given({}), PLAIN_RULES).attempts[0]?.candidates ?? []
  expect(far.map(one => [one.place, one.km, one.score?.distance])).toEqual([
    ['nowhere', null, far[2]?.score?.distance],
    ['hamburg', 256, expect.closeTo(1.276, 2)],
    ['vienna', 523, expect.closeTo(2.617, 2)],
  ])
  const near = { ...PLAIN_RULES, rules: [rule({ maxKm: 300 })] }
  expect(why(given({ pointBy: 'postal_code' }), near)).toEqual({ nowhere: 'distance', hamburg: 'chosen', vienna: 'distance' })
  // Only the country is known: those in it are equally near, and nobody can say that they are within 300 km.
  expect(why(given({ pointBy: 'country' }))).toMatchObject({ hamburg: 'chosen', vienna: 'dearer' })
  expect(why(given({ pointBy: 'country' }), near)).toEqual({ nowhere: 'distance', hamburg: 'distance', vienna: 'distance' })
})

test('an order below the threshold is not split where one place has it, though a split would be cheaper', () => {
  const given = facts(
    [line(1, 1), line(2, 1)],
    [
      [place('a', { parcelCost: 1 }), { 1: 1 }],
      [place('b', { parcelCost: 1 }), { 2: 1 }],
      [place('c', { parcelCost: 30 }), { 1: 1, 2: 1 }],
    ],
  )
  const split = (noSplitBelow: number | null) =>
    route(given, { ...PLAIN_RULES, rules: [rule({ noSplitBelow, worth: { ...PLAIN_WORTH, split: 0 } })] }).groups.length
  expect([split(null), split(15), split(50)]).toEqual([2, 2, 1])
})

test('what is collected comes from its store, what that lacks is sent there, and the rest is sent to the buyer', () => {
  const shop = place('shop', { ships: false })
  const depot = place('depot', { kind: 'warehouse' })
  const given = facts(
    [line(1, 3, { method: 'collect', collectAt: shop.id }), line(2, 1)],
    [
      [shop, { 1: 1 }],
      [depot, { 1: 5, 2: 4 }],
    ],
  )
  expect(
    route(given, PLAIN_RULES).groups.map(({ placeId, method, collectAt, lines }) => ({
      placeId,
      method,
      collectAt,
      units: lines[0]?.quantity,
    })),
  ).toEqual([
    { placeId: shop.id, method: 'collect', collectAt: null, units: 1 },
    { placeId: depot.id, method: 'ship_to_store', collectAt: shop.id, units: 2 },
    { placeId: depot.id, method: 'ship', collectAt: null, units: 1 },
  ])
})

test('ready by hours, cut-off, lead time, holidays and capacity of the place, by its own clocks', () => {
  const ready = (more: Partial<Place>, now = at) => {
    const one = readiness(place('x', more), now)
    return one === null ? null : `${one.workOn} ${one.readyBy.toISOString()}`
  }
  expect(ready({})).toBe('2026-03-04 2026-03-04T13:00:00.000Z')
  // After the cut-off: two hours of the next morning.
  expect(ready({ cutOff: '11:00' })).toBe('2026-03-05 2026-03-05T10:00:00.000Z')
  // A lead time of eight hours ends on the next day.
  expect(ready({ leadMinutes: 480 })).toBe('2026-03-04 2026-03-05T10:00:00.000Z')
  expect(ready({ cutOff: '11:00', holidays: ['2026-03-05', '2026-03-06'] })).toBe('2026-03-09 2026-03-09T10:00:00.000Z')
  expect(ready({ ordersPerDay: 3, load: { '2026-03-04': { orders: 3, units: 9 } } })).toBe('2026-03-05 2026-03-05T10:00:00.000Z')
  // Over the night in which clocks go forward, in Berlin on a Sunday that is open.
  const hours = { ...weekdays, 7: [['00:00', '24:00'] as const] }
  expect(ready({ hours, leadMinutes: 180, cutOff: null }, new Date('2026-03-28T23:00:00Z'))).toBe('2026-03-29 2026-03-29T02:00:00.000Z')
  expect(ready({ hours: {} })).toBeNull()
})

test('a place takes no more units than its day has room for, over all ways of handing over', () => {
  const small = place('small', { unitsPerDay: 4, load: { '2026-03-04': { orders: 1, units: 2 } } })
  const given = facts(
    [line(1, 3)],
    [
      [small, { 1: 3 }],
      [place('far', { parcelCost: 40 }), { 1: 3 }],
    ],
  )
  const units = route(given, PLAIN_RULES).groups.map(one => [one.placeId, one.lines[0]?.quantity])
  // All at the far one: a second parcel from the small one would only cost more.
  expect(units).toEqual([[given.places[1]?.id, 3]])
  const without = facts([line(1, 3)], [[small, { 1: 3 }]])
  expect(route(without, PLAIN_RULES)).toMatchObject({ unplaced: [{ lineId: 1, quantity: 1 }] })
})

test('of equal places that is chosen which the channel lists first, and the other says that this alone decided', () => {
  const even = (codes: string[], more: Partial<Place> = {}) =>
    facts(
      [line(1, 2)],
      codes.map((code, n) => [place(code, n === 1 ? more : {}), { 1: 2 }]),
    )
  expect(why(even(['a', 'b', 'c']))).toEqual({ a: 'chosen', b: 'later', c: 'later' })
  expect(why(even(['c', 'a', 'b']))).toEqual({ c: 'chosen', a: 'later', b: 'later' })
  // Of two units: 4 and 2 × 0.2, or 3.4 and 2 × 0.5.
  expect(why(even(['a', 'b'], { parcelCost: 3.4, unitCost: 0.5 }))).toEqual({ a: 'parcel', b: 'chosen' })
  expect(why(even(['a', 'b'], { parcelCost: 4.1 }))).toEqual({ a: 'chosen', b: 'dearer' })
})

test('a rule names at most a thousand locations, each once', () => {
  const naming = (count: number) => ({ rules: [{ name: 'R', locations: Array.from({ length: count }, (_, n) => `L${n}`) }] })
  expect(readRules(naming(1000))).toMatchObject({ ok: true })
  expect(readRules(naming(1001))).toEqual({ ok: false, field: 'rules.0.locations', expected: '1 to 1000 codes of locations' })
  expect(readRules({ rules: [{ name: 'R', locations: ['x'.repeat(121)] }] })).toMatchObject({ ok: false, field: 'rules.0.locations' })
  const read = readRules({ rules: [{ name: 'R', locations: ['a', 'b', 'a'] }] })
  expect(read.ok && read.rules.rules[0]?.locations).toEqual(['a', 'b'])
})
