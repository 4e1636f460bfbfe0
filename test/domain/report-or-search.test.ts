import { describe, expect, test } from 'vitest'
import { type AccountToLookAt, reportOrSearch } from '../../src/domain/sync/report-or-search.ts'

/** Amazon as published: half of 5 calls a second, 20 goods a call, ten minutes for a report. */
const amazon = (goods: number, more: Partial<AccountToLookAt> = {}): AccountToLookAt => ({
  ...{ goods, searchMax: 20, byName: 0, readMax: 20, ratePerS: 2.5, latencyS: 0.25, startInS: 0, processingS: 600 },
  ...{ searchedAgoS: 86_400, searchEveryS: 7 * 86_400, ...more },
})

describe('a report or a search of everything', () => {
  test('100,000 goods, 5,000 calls and half an hour, go by reports and a hundred calls in a third of the time', () => {
    const choice = reportOrSearch(amazon(100_000, { byName: 2_000 }))
    expect(choice).toMatchObject({ way: 'report', searchCalls: 5_000, reportCalls: 100 })
    expect(choice.searchS).toBeCloseTo(2_000.25)
    expect(choice.reportS).toBeCloseTo(640.25)
  })

  test('an account that is searched hardly later than a report comes is searched', () => {
    expect(reportOrSearch(amazon(44_000)).way).toBe('search')
    expect(reportOrSearch(amazon(46_000)).way).toBe('report')
    expect(reportOrSearch(amazon(1_000)).way).toBe('search')
  })

  test('where another application eats the calls, a smaller account goes by report', () => {
    expect(reportOrSearch(amazon(20_000)).way).toBe('search')
    expect(reportOrSearch(amazon(20_000, { ratePerS: 1 })).way).toBe('report')
  })

  test('a report that leaves most to be looked at by name is not worth it', () => {
    expect(reportOrSearch(amazon(100_000, { byName: 80_000 })).way).toBe('search')
    expect(reportOrSearch(amazon(100_000, { byName: 120_000, processingS: 0 })).way).toBe('search')
  })

  test('reports that may not be asked for yet, or are known to be slow, are so much later', () => {
    expect(reportOrSearch(amazon(50_000, { startInS: 120 })).way).toBe('search')
    expect(reportOrSearch(amazon(100_000, { processingS: 3_600 })).way).toBe('search')
  })

  test('what no report tells is searched for once a week', () => {
    expect(reportOrSearch(amazon(100_000, { searchedAgoS: 6.9 * 86_400 })).way).toBe('report')
    expect(reportOrSearch(amazon(100_000, { searchedAgoS: 7 * 86_400 })).way).toBe('search')
    expect(reportOrSearch(amazon(100_000, { searchedAgoS: Number.POSITIVE_INFINITY })).way).toBe('search')
  })
})
