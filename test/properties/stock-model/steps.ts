import fc from 'fast-check'
import { PLACES, SKUS, TRACKED } from './state.ts'

// What may happen, before it is known to what: `which` picks among what there is by then. So every history can be cut anywhere, and shrinks.

const sku = fc.constantFrom(...SKUS, TRACKED, TRACKED)
const anySku = fc.oneof({ weight: 150, arbitrary: sku }, { weight: 1, arbitrary: fc.constant('NOPE') })
const place = fc.constantFrom(...PLACES, 'main')
const which = fc.nat(5)
const few = fc.integer({ min: 1, max: 5 })
const minutes = fc.integer({ min: 1, max: 40 })
const maybe = <T>(one: fc.Arbitrary<T>, freq = 4): fc.Arbitrary<T | null> => fc.option(one, { freq })
const seldom = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: one })
const rarely = fc.integer({ min: 0, max: 9 }).map(n => n === 9)

const lot = fc.record({ code: fc.constantFrom('L1', 'L2', 'L3'), expiresIn: maybe(fc.integer({ min: 1, max: 90 })) })
const arriving = fc.record({ which: fc.nat(15), quantity: fc.constantFrom(1, 1, 2, 3), lot: maybe(lot, 2), aside: rarely })

const change = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constantFrom('receive', 'return'), quantity: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('damage', 'restore', 'sale'), quantity: few }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('adjust'), quantity: fc.integer({ min: -6, max: 6 }).filter(n => n !== 0) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('count'), quantity: fc.nat(20) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('safety'), quantity: fc.nat(6) }) },
) as fc.Arbitrary<{ kind: 'receive' | 'return' | 'damage' | 'restore' | 'sale' | 'adjust' | 'count' | 'safety'; quantity: number }>
const changed = fc.record({ sku: anySku, place, change, lot: maybe(lot, 2), aside: rarely })

const request = fc.record({
  lines: fc.array(fc.record({ sku: anySku, quantity: few, place: maybe(place, 2) }), { minLength: 1, maxLength: 3 }),
  channel: maybe(fc.constantFrom('one', 'two', 'two', 'one', 'two', 'one', 'two', 'one', 'two', 'one', 'two', 'one', 'two', 'three'), 2),
  partial: fc.boolean(),
  prefer: maybe(fc.oneof(fc.constantFrom('channel' as const, 'most' as const), fc.array(place, { minLength: 1, maxLength: 2 })), 2),
  expiresIn: maybe(minutes, 2),
})

const told = fc.record({
  ordered: fc.nat(2),
  cancelled: fc.nat(2),
  shipped: fc.nat(3),
  returned: fc.nat(2),
})

/** One step of a history, and how often it comes. */
const STEPS = {
  change: [16, fc.record({ lines: fc.array(changed, { minLength: 1, maxLength: 3 }) })],
  reserve: [14, fc.record({ requests: fc.array(request, { minLength: 1, maxLength: 3 }), twin: maybe(fc.boolean(), 2) })],
  extend: [3, fc.record({ which, expiresIn: maybe(minutes) })],
  end: [
    5,
    fc.record({
      which,
      end: fc.constantFrom('release', 'settle'),
      part: maybe(fc.array(fc.record({ sku, quantity: few }), { minLength: 1, maxLength: 2 }), 2),
    }),
  ],
  move: [6, fc.record({ which, ofOrder: fc.boolean(), to: place, sku: seldom(sku), quantity: maybe(few, 2) })],
  order: [
    10,
    fc.record({
      channel: fc.constantFrom('one' as const, 'two' as const),
      lines: fc.array(fc.record({ sku, ordered: few }), { minLength: 1, maxLength: 3 }),
      placed: fc.nat(3),
      hold: maybe(which, 2),
      unpaid: rarely,
      // Another message in the same batch.
      also: seldom(which),
    }),
  ],
  restate: [
    9,
    fc.record({
      which,
      effect: fc.constantFrom('reserve' as const, 'reserve' as const, 'settle' as const, 'cancel' as const, 'ignore' as const),
      lines: fc.array(told, { minLength: 3, maxLength: 3 }),
      stamp: fc.constantFrom(-1, 0, 1, 1, 1, 2),
      fresh: fc.boolean(),
      hold: maybe(which, 2),
      lessOne: rarely,
    }),
  ],
  ship: [6, fc.record({ which, part: maybe(fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), 2) })],
  cancel: [4, fc.record({ which, part: maybe(fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }), 2) })],
  bundle: [
    4,
    fc.record({
      sku: fc.constantFrom('SET', 'SET', 'BOX', 'KIT'),
      parts: fc.array(
        fc.record({ sku: fc.constantFrom('MUG', 'LID', TRACKED, 'MUG', 'LID', 'SET', 'BOX'), quantity: fc.integer({ min: 1, max: 2 }) }),
        { maxLength: 3 },
      ),
    }),
  ],
  deliver: [
    3,
    fc.record({
      place,
      lines: fc.uniqueArray(fc.record({ sku, quantity: few }), { minLength: 1, maxLength: 3, selector: one => one.sku }),
      again: rarely,
    }),
  ],
  changeDelivery: [
    2,
    fc.record({
      which,
      lines: fc.uniqueArray(fc.record({ sku, quantity: few }), { minLength: 1, maxLength: 2, selector: one => one.sku }),
    }),
  ],
  lot: [3, fc.record({ place, code: fc.constantFrom('L1', 'L2', 'L3'), expiresIn: maybe(fc.integer({ min: -5, max: 60 })) })],
  receive: [5, fc.record({ which, parts: maybe(fc.array(arriving, { minLength: 1, maxLength: 3 }), 2), close: rarely })],
  endDelivery: [
    2,
    fc.record({
      which,
      act: fc.constantFrom('cancel' as const, 'close' as const),
      parts: maybe(fc.array(fc.record({ which, quantity: maybe(few, 2) }), { minLength: 1, maxLength: 2 }), 2),
    }),
  ],
  request: [
    4,
    fc.record({
      from: place,
      to: place,
      lines: fc.uniqueArray(fc.record({ sku, quantity: fc.integer({ min: 1, max: 9 }) }), {
        minLength: 1,
        maxLength: 2,
        selector: one => one.sku,
      }),
    }),
  ],
  travel: [
    13,
    fc.record({
      which: fc.nat(2),
      act: fc.constantFrom(
        'transfer_send_1',
        'transfer_send_1',
        'transfer_send_1',
        'transfer_receive_1',
        'transfer_receive_1',
        'transfer_receive_1',
        'transfer_resolve_1',
        'transfer_cancel_1',
      ),
      parts: maybe(fc.array(arriving, { minLength: 1, maxLength: 2 }), 2),
    }),
  ],
  again: [6, fc.record({ which: fc.nat(30), other: rarely })],
  pass: [8, fc.record({ minutes: fc.integer({ min: 0, max: 12 }), sweep: fc.boolean() })],
} as const

type Steps = { [Name in keyof typeof STEPS]: (typeof STEPS)[Name][1] extends fc.Arbitrary<infer T> ? T & { readonly do: Name } : never }
export type Step = Steps[keyof Steps]

export const step = fc.oneof(
  ...Object.entries(STEPS).map(([name, [weight, arbitrary]]) => ({
    weight,
    arbitrary: (arbitrary as fc.Arbitrary<object>).map(one => ({ do: name, ...one })),
  })),
) as fc.Arbitrary<Step>

/** So many steps; shrinking leaves steps out, and makes smaller what is left. */
export function history(length: number): fc.Arbitrary<readonly (Step | null)[]> {
  return fc.array(fc.option(step, { freq: 1000 }), { minLength: length, maxLength: length })
}
