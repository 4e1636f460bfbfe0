import { describe, expect, test } from 'vitest'
import { acceptedRisk, riskBuffer, settledBuffer, tailAbove, unseenSales, upliftOf } from '../../src/domain/sync/risk-buffer.ts'

const certain = (mean: number) => ({ mean, variance: mean })
/** Terms that accept this risk: m / (m + k) with m = risk. */
const accepting = (risk: number) => ({ margin: risk, cancellation: 1 - risk })

describe('the buffer of a channel against sales that it cannot see', () => {
  // Quantiles of the Poisson distribution.
  test.each([
    [0.05, 0, 1, 2],
    [0.1, 1, 1, 2],
    [0.25, 1, 2, 3],
    [0.5, 2, 3, 4],
    [1, 3, 4, 5],
    [2, 5, 6, 8],
    [5, 9, 11, 13],
    [10, 15, 18, 21],
  ])('of %d units expected in the lag is %d, %d and %d units where 50, 10 and 1 in a thousand are accepted', (mean, five, one, tenth) => {
    expect([0.05, 0.01, 0.001].map(risk => riskBuffer(certain(mean), accepting(risk)).units)).toEqual([five, one, tenth])
  })

  test('says what risk is left, which is no more than the accepted one, and one unit less would leave more', () => {
    const sales = unseenSales([{ units: 300, days: 28, lagDays: 60 / 1440, uplift: 1 }])
    const terms = { margin: 4, cancellation: 36 }
    const { units, tail } = riskBuffer(sales, terms)
    expect(acceptedRisk(terms)).toBeCloseTo(0.1, 12)
    expect(tail).toBeLessThanOrEqual(0.1)
    expect(tailAbove(units, sales)).toBeCloseTo(tail, 12)
    expect(tailAbove(units - 1, sales)).toBeGreaterThan(0.1)
  })

  test('is nothing where nobody else sells, however dear a cancellation is', () => {
    expect(riskBuffer(unseenSales([]), { margin: 1, cancellation: 1_000_000 })).toEqual({ units: 0, tail: 0 })
  })

  test('is wider where little was seen than where the same rate was seen for long', () => {
    const short = unseenSales([{ units: 2, days: 1, lagDays: 1, uplift: 1 }])
    const long = unseenSales([{ units: 200, days: 100, lagDays: 1, uplift: 1 }])
    expect(short.variance / short.mean).toBeGreaterThan(long.variance / long.mean)
    expect(long.mean).toBeCloseTo(2, 1)
    expect(short.mean).toBeLessThan(2)
  })

  test('grows with a promotion and with an outage', () => {
    const usual = { units: 280, days: 28, lagDays: 15 / 1440, uplift: 1 }
    const at = (change: Partial<typeof usual>) => riskBuffer(unseenSales([{ ...usual, ...change }]), accepting(0.05)).units
    expect([at({}), at({ uplift: 8 }), at({ lagDays: 0.5 })]).toEqual([1, 3, 9])
  })

  test('adds up what several listings sell in lags of their own', () => {
    const one = { units: 100, days: 28, lagDays: 0.1, uplift: 1 }
    const two = { units: 50, days: 28, lagDays: 0.5, uplift: 1 }
    const [both, first, second] = [unseenSales([one, two]), unseenSales([one]), unseenSales([two])]
    expect(both.mean).toBeCloseTo(first.mean + second.mean, 12)
    expect(both.variance).toBeCloseTo(first.variance + second.variance, 12)
  })

  test('of a large mean is found without losing its small terms', () => {
    const { units } = riskBuffer(certain(2_000), accepting(0.05))
    // The normal quantile: 2000 + 1.645 × √2000 = 2073.6.
    expect(units).toBeGreaterThanOrEqual(2_073)
    expect(units).toBeLessThanOrEqual(2_075)
  })

  test('does not move while what is learnt leaves its risk near the accepted one', () => {
    const at = (mean: number, current: number | null) =>
      settledBuffer(current, [{ sales: certain(mean), perUnit: 1 }], accepting(0.05)).units
    // P(N > 2) at 0.8 is 4.7 %, at 0.85 is 5.5 % and at 0.95 is 7.1 %.
    expect(at(0.8, null)).toBe(2)
    expect(at(0.85, null)).toBe(3)
    expect(at(0.85, 2)).toBe(2)
    expect(at(0.95, 2)).toBe(3)
    // Back: P(N > 3) at 0.8 is 0.9 %, at 1.2 is 3.4 %.
    expect(at(1.2, 3)).toBe(3)
    expect(at(0.8, 3)).toBe(2)
  })

  test('of a bundle is what its part at most risk asks for, in whole bundles', () => {
    const draws = [
      { sales: certain(2), perUnit: 2 },
      { sales: certain(0.5), perUnit: 1 },
    ]
    // 5 of the one are 3 bundles, 2 of the other are 2.
    const { units, tail } = settledBuffer(null, draws, accepting(0.05))
    expect(units).toBe(3)
    expect(tail).toBeCloseTo(tailAbove(6, certain(2)), 12)
  })
})

describe('what a listing sells just now', () => {
  test('is its usual rate until the last day says otherwise', () => {
    expect(upliftOf({ units: 280, days: 28, recent: 10 })).toBe(1)
    expect(upliftOf({ units: 280, days: 28, recent: 3 })).toBe(1)
    expect(upliftOf({ units: 280, days: 28, recent: 49 })).toBe(4)
    // One sale of something that never sells is no promotion: (1 + 3) / (1/28 + 3).
    expect(upliftOf({ units: 1, days: 28, recent: 1 })).toBeCloseTo(1.32, 2)
    // All that is known is the last day.
    expect(upliftOf({ units: 12, days: 0.5, recent: 12 })).toBeGreaterThanOrEqual(1)
  })
})
