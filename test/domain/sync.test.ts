import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../src/domain/sync/backoff.ts'
import { syncLowerBoundS } from '../../src/domain/sync/bound.ts'
import { TURN_SHARE, turnWindow } from '../../src/domain/sync/forecast.ts'
import { mustReadFirst, type WaitingStock } from '../../src/domain/sync/read-first.ts'

const amazon = { ratePerS: 5, burst: 5 }

test.each([
  ['nothing to do', { calls: 0, bucket: amazon, latencyS: 0.1, inFlight: 1, processingS: 1 }, 0],
  ['one call', { calls: 1, bucket: amazon, latencyS: 0.1, inFlight: 1, processingS: 0.2 }, 0.3],
  ['within the burst, latency decides', { calls: 5, bucket: amazon, latencyS: 0.2, inFlight: 2, processingS: 0 }, 0.6],
  ['the quota decides', { calls: 105, bucket: amazon, latencyS: 0.1, inFlight: 10, processingS: 0 }, 20.1],
  ['no quota', { calls: 10, bucket: null, latencyS: 0.5, inFlight: 5, processingS: 0 }, 1],
] as const)('the lower bound of a run: %s', (_, run, seconds) => {
  expect(syncLowerBoundS(run)).toBeCloseTo(seconds, 9)
})

test('waiting doubles up to its maximum, is jittered by half, and never undercuts what the platform asked for', () => {
  const limits = { firstMs: 1_000, maxMs: 8_000 }
  expect([1, 2, 3, 4, 5, 50].map(attempt => backoffMs(attempt, 1, limits))).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000])
  expect(backoffMs(3, 0, limits)).toBe(2_000)
  expect(backoffMs(1, 0, { ...limits, floorMs: 30_000 })).toBe(30_000)
})

const calm: WaitingStock = { expected: 50, target: 40, readAgeMs: null, doubtful: false }
test.each([
  ['lowering an ample number needs no look', calm, false],
  ['raising does: an unseen order would be given back', { ...calm, target: 60 }, true],
  ['sending the same once more does, as well', { ...calm, target: 50 }, true],
  ['a scarce one does', { ...calm, target: 3 }, true],
  ['a number that was never looked at does', { ...calm, expected: null }, true],
  ['a doubtful one does, however lately it was read', { ...calm, doubtful: true, readAgeMs: 10 }, true],
  ['one that was just read does not', { ...calm, target: 60, readAgeMs: 500 }, false],
  ['one that was read a while ago does', { ...calm, target: 60, readAgeMs: 60_000 }, true],
] as const)('read before write: %s', (_, stock, expected) => {
  expect(mustReadFirst(stock)).toBe(expected)
})

describe('prices that are due at an instant', () => {
  const amazon = { perCall: 1, inFlight: 5, bucket: { ratePerS: 5, burst: 5 }, latencyS: 0.2, takesDates: true, showsWithinS: 600 }
  const shop = { ...amazon, perCall: 100, inFlight: 2, bucket: { ratePerS: 5, burst: 1 }, showsWithinS: 0 }

  test('within the burst they are there after one round of calls', () => {
    expect(turnWindow({ listings: 5, families: [5], scale: 1 }, amazon)).toEqual({
      calls: 5,
      firstS: expect.closeTo(0.3, 6),
      lastS: expect.closeTo(0.302, 6),
      isOnTime: true,
    })
  })

  test('beyond it at their share of the rate', () => {
    const { calls, lastS, isOnTime } = turnWindow({ listings: 20_000, families: [20_000], scale: 1 }, amazon)
    expect([calls, isOnTime]).toEqual([20_000, false])
    expect(lastS).toBeCloseTo((20_000 - 5) / (5 * TURN_SHARE) + 0.2 + 0.1 + 8, 6)
  })

  test('each family takes calls of its own', () => {
    expect(turnWindow({ listings: 203, families: [200, 1, 1, 1], scale: 1 }, shop).calls).toBe(5)
  })

  test('nothing takes nothing', () => {
    expect(turnWindow({ listings: 0, families: [], scale: 1 }, shop)).toEqual({ calls: 0, firstS: 0, lastS: 0, isOnTime: true })
  })
})
