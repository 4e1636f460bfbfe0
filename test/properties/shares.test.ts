import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Decimal } from '../../src/domain/pricing/numbers.ts'
import { shareDiscount, shareOut, taxLines } from '../../src/domain/pricing/share.ts'
import { repetitions } from '../support/repetitions.ts'

/** Digits of yen, euro and dinar. */
const digits = fc.constantFrom(0, 2, 3)
const units = (most: number) => fc.bigInt({ min: 0n, max: BigInt(most) })
const amountOf = (count: bigint, digitsOfIt: number): Decimal => new Decimal(count.toString()).times(new Decimal(10).pow(-digitsOfIt))
const weight = fc.tuple(units(10 ** 15), fc.integer({ min: 0, max: 6 })).map(([count, decimals]) => amountOf(count, decimals))
const sum = (parts: readonly Decimal[]): Decimal => parts.reduce((all, part) => all.plus(part), new Decimal(0))

test('what is shared adds up to the last minor unit, and nobody gets a whole unit more or less than the exact share', () => {
  fc.assert(
    fc.property(
      digits,
      units(10 ** 15),
      fc.boolean(),
      fc.array(weight, { minLength: 1, maxLength: 40 }),
      (places, count, isTaken, weights) => {
        const total = amountOf(count, places).times(isTaken ? -1 : 1)
        const parts = shareOut(total, weights, places)
        expect(sum(parts).toFixed()).toBe(total.plus(0).toFixed())
        const all = sum(weights)
        const unit = new Decimal(10).pow(-places)
        for (const [n, part] of parts.entries()) {
          expect(part.decimalPlaces()).toBeLessThanOrEqual(places)
          const own = weights[n] ?? new Decimal(0)
          const exact = all.isZero() ? total.div(weights.length) : total.times(own).div(all)
          expect(part.minus(exact).abs().lessThan(unit)).toBe(true)
          if (own.isZero() && !all.isZero()) expect(part.isZero()).toBe(true)
          // Who weighs more never gets less.
          for (const [m, other] of parts.entries())
            if (own.greaterThan(weights[m] ?? 0)) expect(part.abs().greaterThanOrEqualTo(other.abs())).toBe(true)
        }
      },
    ),
    { numRuns: repetitions('amounts shared over lines', 200, 5_000) },
  )
}, 3_600_000)

test('a discount adds up, and lowers no line below nothing', () => {
  fc.assert(
    fc.property(digits, units(10 ** 12), fc.array(units(10 ** 9), { minLength: 1, maxLength: 40 }), (places, discount, counts) => {
      const amounts = counts.map(count => amountOf(count, places))
      const parts = shareDiscount(amountOf(discount, places), amounts, places)
      expect(sum(parts).toFixed()).toBe(Decimal.min(amountOf(discount, places), sum(amounts)).toFixed())
      for (const [n, part] of parts.entries())
        expect([part.isNegative() && !part.isZero(), part.greaterThan(amounts[n] ?? 0)]).toEqual([false, false])
    }),
    { numRuns: repetitions('discounts shared over lines', 200, 5_000) },
  )
}, 3_600_000)

test('taxes add up: net and tax of a line to its gross, the lines of a rate to the tax of the rate', () => {
  const line = fc.record({ count: units(10 ** 9), percent: fc.constantFrom('0', '2.6', '7', '8.1', '19', '19.0', '25.5') })
  fc.assert(
    fc.property(digits, fc.array(line, { maxLength: 30 }), fc.boolean(), (places, raw, isIncluded) => {
      const lines = raw.map(({ count, percent }) => ({ amount: amountOf(count, places), percent: new Decimal(percent) }))
      const taxed = taxLines(lines, isIncluded, places)
      for (const { net, tax, gross } of taxed) expect(net.plus(tax).toFixed()).toBe(gross.toFixed())
      for (const percent of ['0', '2.6', '7', '8.1', '19', '25.5']) {
        const own = lines.flatMap(({ amount, percent: rate }, n) =>
          rate.equals(percent) ? [{ amount, tax: taxed[n]?.tax ?? new Decimal(0) }] : [],
        )
        const all = sum(own.map(one => one.amount))
        const exact = isIncluded ? all.times(percent).div(new Decimal(percent).plus(100)) : all.times(percent).div(100)
        expect(sum(own.map(one => one.tax)).toFixed()).toBe(exact.toDecimalPlaces(places).toFixed())
      }
    }),
    { numRuns: repetitions('taxes shared over lines', 200, 5_000) },
  )
}, 3_600_000)
