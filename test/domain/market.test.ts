import { describe, expect, test } from 'vitest'
import { judgeMarket } from '../../src/domain/pricing/market.ts'
import type { MarketFacts, MarketOffer, MarketRule, MarketStep } from '../../src/domain/pricing/market-facts.ts'
import { marketWords, withInstants } from '../../src/domain/pricing/market-words.ts'

const NOW = new Date('2026-11-22T12:00:00Z')
const ago = (minutes: number): Date => new Date(NOW.getTime() - minutes * 60_000)

const RULE: MarketRule = {
  ...{ code: 'follow', competitors: null, mode: 'amount', value: '0.05', most: null },
  ...{ maxAgeMinutes: 1_440, stepsPerDay: 4, warSteps: 2, warWindowMinutes: 120 },
}
const offer = (id: number, competitor: string, amount: string | null, more: Partial<MarketOffer> = {}): MarketOffer => ({
  ...{ id, competitor, channel: null, amount, before: null, stated: { amount: amount ?? '1', currency: 'EUR' }, seenAt: ago(10) },
  ...more,
})
const facts = (more: Partial<Omit<MarketFacts, 'rule'>> & { readonly rule?: Partial<MarketRule> } = {}): MarketFacts => ({
  ...{
    sku: 'MUG',
    currency: 'EUR',
    digits: 2,
    ours: '10',
    waiting: null,
    fourEyes: false,
    floor: null,
    ceiling: null,
    limitUnknown: false,
  },
  ...{ offers: [offer(1, 'acme', '9.50'), offer(2, 'bits', '9.80')], steps: [], last: null, stop: null, resumedAt: null },
  ...more,
  rule: { ...RULE, ...more.rule },
})
const step = (minutesAgo: number, more: Partial<MarketStep> = {}): MarketStep => ({
  ...{ at: ago(minutesAgo), from: '10', to: '9.9', competitor: 'acme', isAnswer: false },
  ...more,
})
/** What is decided, in short. */
const decided = (given: MarketFacts) => {
  const judged = judgeMarket(given, NOW)
  switch (judged.act) {
    case 'step':
      return [judged.aim.to, judged.aim.offer.competitor, judged.aim.clamp, judged.stepsLeft]
    case 'keep':
      return judged.reason
    case 'later':
      return judged.at.toISOString()
    default:
      return judged.act
  }
}

describe('the target', () => {
  test.each([
    ['five cents below the lowest', {}, '9.45'],
    ['two per cent below it, rounded down', { mode: 'percent', value: '2' }, '9.31'],
    ['the same', { mode: 'match', value: null }, '9.5'],
    ['within two per cent of it, from above', { mode: 'within', value: '2' }, '9.69'],
    ['of the one competitor that is watched', { competitors: ['bits'] }, '9.75'],
  ] as const)('is %s', (_, rule, to) => {
    expect((decided(facts({ rule })) as string[])[0]).toBe(to)
  })

  test('within some per cent is left alone, and is lifted where it is too far below', () => {
    expect(decided(facts({ ours: '9.40', rule: { mode: 'within', value: '2' } }))).toBe('there')
    expect(decided(facts({ ours: '9', rule: { mode: 'within', value: '2' } }))).toEqual(['9.31', 'acme', null, 3])
  })

  test('goes up again with the market, to the most at the most', () => {
    const alone = [offer(2, 'bits', '14')]
    expect(decided(facts({ offers: alone }))).toEqual(['13.95', 'bits', null, 3])
    expect(decided(facts({ offers: alone, rule: { most: '12' } }))).toEqual(['12', 'bits', 'most', 3])
    expect(decided(facts({ offers: alone, rule: { most: '12' }, ceiling: '11.009' }))).toEqual(['11', 'bits', 'ceiling', 3])
  })
})

describe('an offer', () => {
  test('does not count when it is too old, gone, or in a currency that cannot be converted', () => {
    const old = offer(1, 'acme', '9.50', { seenAt: ago(1_441) })
    expect(decided(facts({ offers: [old] }))).toBe('no_offer')
    expect(decided(facts({ offers: [{ ...old, seenAt: ago(1_440) }] }))).toEqual(['9.45', 'acme', null, 3])
    expect(decided(facts({ offers: [old, offer(2, 'bits', null), offer(3, 'cord', '9.90')] }))).toEqual(['9.85', 'cord', null, 3])
  })

  test('is looked at again when it grows too old', () => {
    expect(judgeMarket(facts(), NOW).again?.toISOString()).toBe('2026-11-23T11:50:00.001Z')
  })
})

describe('limits', () => {
  test('hold the step, and the reason says by what', () => {
    const given = facts({ floor: '9.601' })
    expect(decided(given)).toEqual(['9.61', 'acme', 'floor', 3])
    expect(marketWords(given, judgeMarket(given, NOW))).toBe(
      'acme asks 9.50 EUR (seen 2026-11-22T11:50:00.000Z); 0.05 EUR below it is 9.45 EUR, held at 9.61 by the floor, exactly 9.601',
    )
    expect(withInstants(marketWords(given, judgeMarket(given, NOW)), at => `day ${at.getUTCDate()}`)).toContain('(seen day 22)')
  })

  test('hold to the cent', () => {
    expect(decided(facts({ floor: '9.46' }))).toEqual(['9.46', 'acme', 'floor', 3])
    expect(decided(facts({ floor: '9.45', ceiling: '9.45' }))).toEqual(['9.45', 'acme', null, 3])
    expect(decided(facts({ ceiling: '9.44' }))).toEqual(['9.44', 'acme', 'ceiling', 3])
  })

  test('that contradict each other, or that nobody knows, leave the price to a person', () => {
    expect(decided(facts({ floor: '12', ceiling: '11' }))).toBe('floor_above_most')
    expect(decided(facts({ floor: '12', rule: { most: '11' } }))).toBe('floor_above_most')
    expect(decided(facts({ limitUnknown: true }))).toBe('limit_unknown')
    expect(decided(facts({ offers: [offer(1, 'acme', '0.04')] }))).toBe('nothing_left')
  })
})

describe('steps of a day', () => {
  test('are used up until the oldest of them is a day old', () => {
    const steps = [step(1_430), step(600), step(300), step(20)]
    expect(decided(facts({ steps, last: step(20) }))).toBe('2026-11-22T12:10:00.000Z')
    expect(decided(facts({ steps: [step(1_440), ...steps.slice(1)], last: step(20) }))).toEqual(['9.45', 'acme', null, 0])
  })
})

describe('a price war', () => {
  const answers = [step(100, { isAnswer: true }), step(50, { isAnswer: true })]
  const lower = [offer(1, 'acme', '9.50', { before: '9.60' })]

  test('stops the rule instead of one more answer to the same competitor', () => {
    const given = facts({ offers: lower, steps: answers, last: answers[1] ?? null })
    expect(decided(given)).toBe('war')
    expect(marketWords(given, judgeMarket(given, NOW))).toBe(
      '2 steps down within 120 minutes, each after acme went down after ours: the rule stops here instead of going to 9.45 EUR',
    )
  })

  test.each([
    ['the competitor had not gone down since our last step', { offers: [offer(1, 'acme', '9.50', { before: '9.50' })] }],
    ['it is another competitor', { offers: [offer(1, 'bits', '9.50', { before: '9.60' })] }],
    ['our price goes up', { ours: '9' }],
    ['the answers are out of the window', { steps: [step(130, { isAnswer: true }), step(50, { isAnswer: true })] }],
    ['a person has resumed it since', { resumedAt: ago(60) }],
  ])('is none where %s', (_, more) => {
    expect(decided(facts({ offers: lower, steps: answers, last: answers[1] ?? null, ...more }))).toEqual([
      '9.45',
      expect.any(String),
      null,
      1,
    ])
  })

  test('leaves the rule stopped', () => {
    expect(decided(facts({ stop: { competitor: 'acme', at: ago(5) } }))).toBe('stopped')
  })
})

describe('under four eyes', () => {
  test('what waits is not asked for twice, and what was turned down is not asked for again', () => {
    expect(decided(facts({ fourEyes: true, waiting: '9.45' }))).toBe('waits')
    expect(decided(facts({ fourEyes: true, last: step(60, { to: '9.45' }) }))).toBe('turned_down')
    expect(decided(facts({ fourEyes: true, last: step(60, { to: '9.47' }) }))).toEqual(['9.45', 'acme', null, 3])
  })
})
