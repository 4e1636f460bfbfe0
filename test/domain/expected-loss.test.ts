import { describe, expect, test } from 'vitest'
import { expectedLoss, unitsBeyond } from '../../src/domain/sync/expected-loss.ts'
import { DANGER, inOrder, weighCall } from '../../src/domain/sync/push-order.ts'
import { stakesOf } from '../../src/domain/sync/stakes.ts'

const stakes = { mean: 2, shape: 1e9, margin: 4, cancellation: 96 }
const stock = (shown: number | null, target: number) => expectedLoss({ field: 'stock', shown, target }, stakes)
const price = (shown: number | null, target: number) => expectedLoss({ field: 'price', shown, target }, stakes)

describe('what is lost in an hour while a value waits', () => {
  test('a SKU that is sold out costs a cancellation for each unit that is expected to be sold: rate × time × cost', () => {
    expect(stock(1_000, 0)).toBeCloseTo(2 * 96, 3)
    expect(stock(null, 0)).toBeCloseTo(2 * 96, 3)
  })

  test('no more is cancelled than the platform offers too much', () => {
    // Poisson with mean 2: P(N ≥ 1) = 1 - e^-2.
    expect(stock(1, 0)).toBeCloseTo(96 * (1 - Math.exp(-2)), 3)
  })

  test('too much shown costs the less, the more is left to sell', () => {
    const left = [0, 1, 2, 5, 10].map(target => stock(target + 3, target))
    expect(left).toEqual(left.toSorted((a, b) => b - a))
    expect(left.at(-1)).toBeLessThan(0.01)
  })

  test('back in stock costs the margin of what is asked for and not sold', () => {
    expect(stock(0, 1_000)).toBeCloseTo(2 * 4, 3)
    expect(stock(50, 60)).toBeCloseTo(0, 3)
    expect(stock(7, 7)).toBe(0)
  })

  test('a price too low costs the difference with each sale, one too high the margin of those who stay away', () => {
    expect(price(8, 10)).toBeCloseTo(2 * 2, 9)
    expect(price(10, 10)).toBe(0)
    expect(price(11, 10)).toBeCloseTo(2 * 4 * (1.1 ** 3.63 - 1), 9)
    expect(price(1_000, 10)).toBe(2 * 4 * 10)
  })

  test('of the same mean, a rate that is hardly known is the riskier one', () => {
    expect(unitsBeyond(5, 2, 0.5)).toBeGreaterThan(unitsBeyond(5, 2, 1e9))
    expect(unitsBeyond(1_200, 1_000, 1e9)).toBe(0)
  })
})

describe('what is at stake with a SKU', () => {
  const known = { units: 672, days: 28, recent: 24, price: 10, cost: 6, terms: null }

  test('is its rate of sales, its margin, and twenty margins for a cancellation where nothing else is said', () => {
    expect(stakesOf(known)).toMatchObject({ margin: 4, cancellation: 80 })
    expect(stakesOf(known).mean).toBeCloseTo(1, 1)
    expect(stakesOf({ ...known, terms: { margin: 3, cancellation: 96 } })).toMatchObject({ margin: 3, cancellation: 96 })
    expect(stakesOf({ ...known, cost: null })).toMatchObject({ margin: 3 })
    expect(stakesOf({ ...known, cost: 12 })).toMatchObject({ margin: 0.5 })
  })

  test('rises with a day on which it sells more than usual', () => {
    expect(stakesOf({ ...known, recent: 96 }).mean).toBeGreaterThan(3 * stakesOf(known).mean)
  })
})

describe('the order of calls', () => {
  const call = (name: string, danger: 0 | 1 | 2, loss: number) => ({ name, danger, loss })

  test('is by falling loss, in which the least is lost until all is shown', () => {
    const calls = Array.from({ length: 6 }, (_, n) => call(String(n), DANGER.none, [3, 1, 4, 1.5, 9, 2.6][n] ?? 0))
    const cost = (order: readonly { readonly loss: number }[]) => order.reduce((sum, one, at) => sum + one.loss * (at + 1), 0)
    const permuted = (rest: readonly (typeof calls)[number][]): (typeof calls)[] =>
      rest.length === 0 ? [[]] : rest.flatMap((one, at) => permuted(rest.toSpliced(at, 1)).map(tail => [one, ...tail]))
    expect(cost(inOrder(calls))).toBe(Math.min(...permuted(calls).map(cost)))
  })

  test('puts a price below its floor first, then what is sold out, whatever the rest is worth', () => {
    const calls = [call('bulk', DANGER.none, 1e6), call('sold out', DANGER.soldOut, 0.01), call('below its floor', DANGER.belowFloor, 0)]
    expect(inOrder(calls).map(one => one.name)).toEqual(['below its floor', 'sold out', 'bulk'])
  })

  test('counts all that shares a call', () => {
    const fields = [call('a', DANGER.none, 2), call('b', DANGER.soldOut, 3)]
    expect(weighCall(fields)).toEqual({ danger: DANGER.soldOut, loss: 5 })
  })
})
