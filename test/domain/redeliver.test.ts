import { expect, test } from 'vitest'
import { retryAfterTries } from '../../src/domain/sync/redeliver.ts'

const S = 1_000
const MIN = 60 * S
const H = 60 * MIN

test('a delivery is tried ten times over three days, with growing waits', () => {
  const waits = Array.from({ length: 10 }, (_, n) => retryAfterTries(n + 1, 0))
  expect(waits).toEqual([5 * S, 5 * MIN, 30 * MIN, 2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H, null])
  expect(waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)).toBeGreaterThan(3 * 24 * H)
})

test('chance adds a tenth at the most, so that what failed together does not come back together', () => {
  expect(retryAfterTries(2, 0.5)).toBe(5 * MIN + 15 * S)
  expect(retryAfterTries(2, 1)).toBe(5 * MIN + 30 * S)
})

test('a receiver that asks for a longer wait gets it, a shorter one changes nothing', () => {
  expect(retryAfterTries(1, 0, 10 * MIN)).toBe(10 * MIN)
  expect(retryAfterTries(3, 0, 10 * MIN)).toBe(30 * MIN)
  expect(retryAfterTries(1, 0, 100 * H)).toBe(24 * H)
})
