import fc from 'fast-check'
import { expect, test } from 'vitest'
import { availableToPromise, shown } from '../../src/domain/inventory/availability.ts'

const at = (onHand: number, reserved = 0, unavailable = 0, safetyStock = 0) => ({ onHand, reserved, unavailable, safetyStock })
const open = { buffer: 0, cap: null, stopSellingAt: 0 }

test.each([
  ['what is on hand', [at(12)], open, 12, []],
  ['less what is promised, unavailable and kept back', [at(12, 4, 1, 2)], open, 5, []],
  ['a location that owes more than it has gives nothing, and takes nothing from others', [at(1, 0, 0, 5), at(4)], open, 4, []],
  ['less the buffer', [at(5), at(5)], { ...open, buffer: 3 }, 7, ['buffer']],
  ['at most the cap', [at(50)], { ...open, buffer: 3, cap: 10 }, 10, ['buffer', 'cap']],
  ['nothing at or below "stop selling at"', [at(2)], { ...open, stopSellingAt: 2 }, 0, ['stop_selling']],
  ['a buffer larger than the stock shows nothing', [at(2)], { ...open, buffer: 9 }, 0, ['buffer']],
  ['an empty pool shows nothing', [], open, 0, []],
] as const)('a channel shows %s', (_, pool, policy, expected, because) => {
  expect(shown(pool, policy)).toMatchObject({ shown: expected, because })
})

test('a channel never shows more than there is to promise, nor less than nothing', () => {
  const bucket = fc.record({ onHand: fc.nat(99), reserved: fc.nat(99), unavailable: fc.nat(99), safetyStock: fc.nat(99) })
  const policy = fc.record({ buffer: fc.nat(50), cap: fc.option(fc.nat(50)), stopSellingAt: fc.nat(20) })
  fc.assert(
    fc.property(fc.array(bucket), policy, (pool, given) => {
      const result = shown(pool, given)
      const atp = pool.reduce((sum, one) => sum + availableToPromise(one), 0)
      return result.shown >= 0 && result.shown <= atp && (given.cap === null || result.shown <= given.cap)
    }),
  )
})
