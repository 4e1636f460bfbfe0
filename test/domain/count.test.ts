import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differenceOf, postedOf } from '../../src/domain/inventory/count.ts'

test.each([
  ['fewer than the books', 7, 10, '2.5', 'EUR', { units: -3, value: '-7.50' }],
  ['more than the books', 12, 10, '0.333333', 'EUR', { units: 2, value: '0.67' }],
  ['as the books have it', 10, 10, '2.5', 'EUR', { units: 0, value: '0.00' }],
  ['of unknown cost', 12, 10, null, null, { units: 2, value: null }],
  ['in a currency without decimals', 9, 10, '120', 'JPY', { units: -1, value: '-120' }],
  ['not counted', null, 10, '2.5', 'EUR', { units: null, value: null }],
] as const)('a line %s differs by units and money', (_, counted, book, unitCost, currency, expected) => {
  expect(differenceOf({ counted, book, unitCost, currency })).toEqual(expected)
})

test.each([
  ['nothing happened since', 10, 8, 10, -2],
  ['three were sold since', 7, 8, 10, -2],
  ['all but one were sold since', 1, 8, 10, -1],
  ['more were received since', 30, 12, 10, 2],
])('approving when %s posts the difference of the instant of counting', (_, onHand, counted, book, posted) => {
  expect(postedOf(onHand, counted, book)).toBe(posted)
})

test('approving never leaves fewer than nothing, and otherwise posts exactly the difference', () => {
  fc.assert(
    fc.property(fc.nat(99), fc.nat(99), fc.nat(99), (onHand, counted, book) => {
      const posted = postedOf(onHand, counted, book)
      return onHand + posted >= 0 && (onHand + posted === 0 || posted === counted - book)
    }),
  )
})
