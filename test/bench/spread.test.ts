import { expect, test } from 'vitest'
import { spread } from './spread.ts'

test('what is spread is told by nearest rank, also of more values than a call takes arguments', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ p50: 2, p95: 4, p99: 4, max: 4 })
  expect(spread(Array.from({ length: 300_000 }, (_, n) => 300_000 - n))).toEqual({ p50: 150_000, p95: 285_000, p99: 297_000, max: 300_000 })
})
