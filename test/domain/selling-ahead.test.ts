import { describe, expect, test } from 'vitest'
import { bundleToPromise, sellableAhead, shownOf } from '../../src/domain/inventory/availability.ts'
import { datedAtp } from '../../src/domain/inventory/dated.ts'

const open = { buffer: 0, cap: null, stopSellingAt: 0 }

test.each([
  ['what may be sold ahead', 2, open, 5, { buffer: 0, shown: 7, because: ['ahead'] }],
  ['it also where nothing is there', 0, open, 5, { buffer: 0, shown: 5, because: ['ahead'] }],
  ['a percentage less, rounded up', 10, { ...open, bufferPercent: 12.5 }, 0, { buffer: 2, shown: 8, because: ['buffer'] }],
  [
    'a percentage of what is there, not of what is ahead',
    10,
    { ...open, bufferPercent: 10 },
    90,
    { buffer: 1, shown: 99, because: ['ahead', 'buffer'] },
  ],
  ['no hundredth more than is right', 100, { ...open, bufferPercent: 0.07 }, 0, { buffer: 1, shown: 99, because: ['buffer'] }],
  [
    'nothing where both together are at "stop selling at"',
    1,
    { ...open, stopSellingAt: 3 },
    2,
    { buffer: 0, shown: 0, because: ['stop_selling'] },
  ],
  ['at most the cap', 3, { ...open, cap: 4 }, 5, { buffer: 0, shown: 4, because: ['ahead', 'cap'] }],
] as const)('a channel shows %s', (_, atp, policy, ahead, expected) => {
  expect(shownOf(atp, policy, ahead)).toEqual({ atp, ahead, ...expected })
})

describe('sold ahead', () => {
  const now = new Date('2026-06-01T12:00:00Z')
  const from = new Date('2026-06-10T00:00:00Z')
  test.each([
    ['is the limit less what orders are short of', { kind: 'backorder', limit: 20, availableFrom: null }, 3, true, now, 17],
    ['is never below nothing', { kind: 'backorder', limit: 2, availableFrom: null }, 3, true, now, 0],
    ['is nothing in a channel that does not sell ahead', { kind: 'backorder', limit: 20, availableFrom: null }, 0, false, now, 0],
    ['is nothing without terms', null, 0, true, now, 0],
    ['goes on for a backorder after its day', { kind: 'backorder', limit: 4, availableFrom: from }, 0, true, from, 4],
    ['ends for a pre-order on its day', { kind: 'preorder', limit: 4, availableFrom: from }, 0, true, from, 0],
    ['lasts for a pre-order until its day', { kind: 'preorder', limit: 4, availableFrom: from }, 0, true, now, 4],
  ] as const)('%s', (_, terms, short, sellsAhead, at, expected) => {
    expect(sellableAhead(terms, short, sellsAhead, at)).toBe(expected)
  })
})

test('a bundle is what lies there whole, and what its scarcest part makes', () => {
  const of = (onHand: number) => ({ onHand, reserved: 0, unavailable: 0, safetyStock: 0 })
  expect(
    bundleToPromise({
      own: of(1),
      parts: [
        { perUnit: 2, balance: of(7) },
        { perUnit: 1, balance: of(9) },
      ],
    }),
  ).toBe(4)
  expect(
    bundleToPromise({
      own: null,
      parts: [
        { perUnit: 2, balance: of(7) },
        { perUnit: 1, balance: null },
      ],
    }),
  ).toBe(0)
})

describe('on a date', () => {
  const day = (n: number) => new Date(Date.UTC(2026, 5, n))
  const supply = {
    free: { a: -2, b: 3 },
    expected: [
      { location: 'a', at: day(2), units: 5 },
      { location: 'b', at: day(4), units: 4 },
    ],
    short: 2,
  }
  test('what comes covers safety stock and what orders lack first, the earliest units before the later', () => {
    const atp = (n: number) => datedAtp(['a', 'b'], { own: supply, parts: [] }, day(n))
    expect([atp(1), atp(2), atp(3), atp(4)]).toEqual([3, 4, 4, 8])
  })

  test('only what comes to the pool counts', () => {
    expect(datedAtp(['b'], { own: supply, parts: [] }, day(4))).toBe(5)
  })

  test('a bundle is put together where all of its parts are', () => {
    const lid = { free: { a: 9, b: 0 }, expected: [], short: 0 }
    const none = { free: {}, expected: [], short: 0 }
    const parts = [
      { perUnit: 1, supply },
      { perUnit: 3, supply: lid },
    ]
    expect([1, 2].map(n => datedAtp(['a', 'b'], { own: none, parts }, day(n)))).toEqual([0, 1])
  })
})
