import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type FeedBacklog, feedOrCalls, learntProcessingMs } from '../../src/domain/sync/feed-or-calls.ts'

/** Amazon as published: 5 calls a second, 15 minutes for a feed. */
const amazon = (feedable: number, more: Partial<FeedBacklog> = {}): FeedBacklog => ({
  ...{ calls: feedable, feedable, itemsMin: 500, itemsMax: 10_000, left: 5, ratePerS: 5, latencyS: 0.25, inFlight: 5 },
  ...{ startInS: 0, processingS: 900, ...more },
})

describe('one feed or single calls', () => {
  test('ten thousand prices, half an hour of calls, go as a feed of a quarter of an hour', () => {
    const choice = feedOrCalls(amazon(10_000))
    expect(choice.way).toBe('feed')
    expect(choice.callsS).toBeCloseTo(1999.25)
    expect(choice.feedS).toBe(900)
  })

  test('a backlog that calls clear hardly later than a feed goes by calls', () => {
    expect(feedOrCalls(amazon(6_700)).way).toBe('calls')
    expect(feedOrCalls(amazon(6_800)).way).toBe('feed')
  })

  test('a small backlog never goes by feed, however slow the calls are', () => {
    expect(feedOrCalls(amazon(499, { ratePerS: 0.01, processingS: 1 })).way).toBe('calls')
  })

  test('what a feed leaves to calls counts: little is won where most of the backlog is stock', () => {
    expect(feedOrCalls(amazon(1_000, { calls: 30_000 })).way).toBe('calls')
  })

  test('a feed that may not be started yet is so much later', () => {
    expect(feedOrCalls(amazon(7_000, { startInS: 120 })).way).toBe('calls')
  })

  const backlogs = fc
    .record({
      feedable: fc.integer({ min: 0, max: 40_000 }),
      others: fc.integer({ min: 0, max: 40_000 }),
      ratePerS: fc.double({ min: 0.5, max: 200, noNaN: true }),
      left: fc.integer({ min: 0, max: 500 }),
      startInS: fc.double({ min: 0, max: 300, noNaN: true }),
      processingS: fc.double({ min: 0.1, max: 30_000, noNaN: true }),
    })
    .map(({ others, ...one }) => amazon(one.feedable, { ...one, calls: one.feedable + others }))

  test('whenever a feed is chosen it is large enough and clearly sooner, and never chosen less when it becomes quicker or the calls slower', () => {
    let feeds = 0
    fc.assert(
      fc.property(backlogs, fc.double({ min: 0.1, max: 1, noNaN: true }), (backlog, part) => {
        const { way, callsS, feedS } = feedOrCalls(backlog)
        if (way === 'calls') return
        feeds += 1
        expect(backlog.feedable).toBeGreaterThanOrEqual(backlog.itemsMin)
        expect(callsS).toBeGreaterThan(feedS * 1.5)
        expect(feedOrCalls({ ...backlog, processingS: backlog.processingS * part, startInS: backlog.startInS * part }).way).toBe('feed')
        // Fewer calls left now make the calls slower and what the feed leaves too; the feed's own time stays.
        if (backlog.calls === backlog.feedable && backlog.feedable <= backlog.itemsMax)
          expect(feedOrCalls({ ...backlog, ratePerS: backlog.ratePerS * part }).way).toBe('feed')
      }),
      { numRuns: 2_000 },
    )
    expect(feeds).toBeGreaterThan(100)
  })
})

describe('how long feeds take', () => {
  test('is the usual time until one was seen, and follows what is seen', () => {
    expect(learntProcessingMs(900_000, [])).toBe(900_000)
    expect(learntProcessingMs(900_000, [100_000])).toBe(500_000)
    expect(learntProcessingMs(900_000, [100_000, 100_000, 100_000, 8 * 3_600_000])).toBeGreaterThan(4 * 3_600_000)
  })
})
