import { Decimal } from 'decimal.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { misfit } from '../../src/domain/orders/amounts.ts'
import { inMinor, reckoned, roundedCharges, shareCharge, shareOf, together } from '../../src/values/order-amounts.ts'
import { amountsArb, chargeArb } from '../support/order-amounts.ts'
import { repetitions } from '../support/repetitions.ts'

const IDS = ['a', 'b', 'c']
const numRuns = repetitions('amounts of orders', 200, 20_000)
const sum = (parts: readonly number[]): number => parts.reduce((all, part) => all + part, 0)

test('amounts that add up are told as such, and whatever is off is told to the minor unit', () => {
  fc.assert(
    fc.property(
      amountsArb(IDS),
      fc.integer({ min: -1_000, max: 1_000 }),
      fc.integer({ min: -1_000, max: 1_000 }),
      (amounts, off, offLine) => {
        expect(misfit(amounts)).toBeNull()
        const line = amounts.lines.b ?? amounts.shipping
        const wrong = {
          ...amounts,
          lines: { ...amounts.lines, b: { ...line, total: line.total + offLine } },
          total: amounts.total + offLine + off,
        }
        const found = misfit(wrong)
        if (off === 0 && offLine === 0) expect(found).toBeNull()
        else {
          expect(found).toMatchObject({ total: off, charges: offLine === 0 ? {} : { b: offLine } })
          expect(Math.abs(found?.difference ?? 0)).toBe(Math.max(Math.abs(off), Math.abs(offLine)))
          expect(found?.isRounding).toBe(Math.abs(off) <= 5 && Math.abs(offLine) <= 1)
        }
      },
    ),
    { numRuns },
  )
})

test('a charge that is shared by units loses no minor unit of anything, and each part adds up as the whole does', () => {
  const units = fc.array(fc.nat(50), { minLength: 1, maxLength: 8 })
  const shared = fc.boolean().chain(taxIncluded => fc.tuple(chargeArb(taxIncluded), fc.constant(taxIncluded)))
  fc.assert(
    fc.property(shared, units, fc.integer({ min: -3, max: 3 }), ([whole, taxIncluded], weights, off) => {
      const charge = { ...whole, total: Math.max(0, whole.total + off) }
      const parts = shareCharge(charge, weights, taxIncluded)
      expect(together(parts)).toEqual(charge)
      for (const [n, part] of parts.entries()) {
        if (n > 0) expect(part.total).toBe(reckoned(part, taxIncluded))
        expect(part.total).toBeGreaterThanOrEqual(0)
        if (weights[n] === 0 && sum(weights) > 0) expect([part.discount, part.tax, part.total]).toEqual([0, 0, 0])
      }
    }),
    { numRuns },
  )
})

test('a whole number is shared to the last one, however large it is', () => {
  const weights = fc.array(fc.nat(1_000_000_000), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.maxSafeInteger(), weights, (total, all) => {
      const parts = shareOf(total, all)
      expect(parts.reduce((rest, part) => rest - BigInt(part), BigInt(total))).toBe(0n)
      for (const part of parts) expect(Math.sign(part) * Math.sign(total)).toBeGreaterThanOrEqual(0)
    }),
    { numRuns },
  )
})

test('decimal text becomes minor units, half up, in any currency', () => {
  expect([inMinor('12.345', 2), inMinor('-0.015', 2), inMinor('1200', 0), inMinor('1.2345', 3), inMinor('', 2), inMinor(null, 2)]).toEqual([
    ...[1235, -2, 1200, 1235, 0, 0],
  ])
})

test('what a platform does not round adds up once it is rounded, each total by less than a unit', () => {
  const cents = fc.bigInt({ min: 0n, max: 10n ** 11n }).map(n => new Decimal(n.toString()).div(1_000_000))
  const exact = fc.boolean().chain(taxIncluded =>
    fc.tuple(
      fc.constant(taxIncluded),
      fc.array(
        fc.tuple(cents, fc.nat(100), fc.nat(27)).map(([price, off, percent]) => {
          const discount = price.times(off).div(100)
          const paid = price.minus(discount)
          const tax = taxIncluded ? paid.times(percent).div(100 + percent) : paid.times(percent).div(100)
          return { price, discount, tax, total: taxIncluded ? paid : paid.plus(tax) }
        }),
        { minLength: 1, maxLength: 8 },
      ),
    ),
  )
  fc.assert(
    fc.property(exact, fc.constantFrom(0, 2, 3), ([taxIncluded, charges], digits) => {
      const text = charges.map(one => ({
        ...{ price: one.price.toFixed(), discount: one.discount.toFixed(), tax: one.tax.toFixed(), total: one.total.toFixed() },
      }))
      const rounded = roundedCharges(text, digits, taxIncluded)
      const whole = charges.reduce((all, one) => all.plus(one.total), new Decimal(0)).times(10 ** digits)
      expect(together(rounded).total).toBe(whole.toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber())
      for (const [n, one] of rounded.entries()) {
        expect(one.total).toBe(reckoned(one, taxIncluded))
        expect(Math.abs(one.total - (charges[n]?.total ?? new Decimal(0)).times(10 ** digits).toNumber())).toBeLessThan(1)
      }
    }),
    { numRuns },
  )
  // What is wrong within a charge by more than rounding stays.
  const [odd] = roundedCharges([{ price: '10', discount: '1', tax: '0', total: '12' }], 2, true)
  expect(odd).toEqual({ price: 1000, discount: 100, tax: 0, total: 1200 })
})
