import { expect, test } from 'vitest'
import { restMs } from '../../jobs/rest.ts'

test('a look that takes long is made less often, so that it takes a tenth of the time at the most', () => {
  expect(restMs(10, 500)).toBe(500)
  expect(restMs(400, 1_000)).toBe(3_600)
})
