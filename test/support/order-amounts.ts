import fc from 'fast-check'
import { type Charge, chargeOf, type OrderAmounts, together } from '../../src/values/order-amounts.ts'

/** A charge that adds up. */
export const chargeArb = (taxIncluded: boolean): fc.Arbitrary<Charge> =>
  fc.tuple(fc.integer({ min: 0, max: 2_000_000 }), fc.nat(100), fc.nat(2_700)).map(([price, off, tax]) => {
    const discount = Math.floor((price * off) / 100)
    return chargeOf({ price, discount, tax: Math.round(((price - discount) * tax) / 10_000) }, taxIncluded)
  })

/** The amounts of an order with so many lines, all of which add up. */
export const amountsArb = (lineIds: readonly string[]): fc.Arbitrary<OrderAmounts> =>
  fc.boolean().chain(taxIncluded =>
    fc
      .record({
        digits: fc.constantFrom(0, 2, 3),
        lines: fc.tuple(...lineIds.map(() => chargeArb(taxIncluded))),
        shipping: chargeArb(taxIncluded),
        fees: chargeArb(taxIncluded),
        off: fc.nat(10),
      })
      .map(({ digits, lines, shipping, fees, off }) => {
        const sum = together([...lines, shipping, fees]).total
        const discount = Math.floor((sum * off) / 100)
        const byLine = Object.fromEntries(lineIds.map((id, at): [string, Charge] => [id, lines[at] as Charge]))
        return { digits, taxIncluded, lines: byLine, shipping, fees, discount, total: sum - discount }
      }),
  )
