import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeMarket } from '../../src/domain/pricing/market.ts'
import type { MarketFacts, MarketOffer, MarketRule, MarketStep } from '../../src/domain/pricing/market-facts.ts'
import { Decimal } from '../../src/domain/pricing/numbers.ts'
import { repetitions } from '../support/repetitions.ts'

const numRuns = repetitions('a market rule decides', 200, 5_000)
const BEGIN = Date.parse('2026-11-01T00:00:00Z')
const DAY = 86_400_000

// Half of them close together, where a cent decides.
const cents = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 495, max: 505 })).map(n => new Decimal(n).div(100).toFixed())
const rule: fc.Arbitrary<MarketRule> = fc.record({
  code: fc.constant('follow'),
  competitors: fc.option(fc.uniqueArray(fc.constantFrom('acme', 'bits', 'cord'), { minLength: 1 })),
  mode: fc.constantFrom('amount', 'percent', 'within'),
  value: fc.oneof(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 3 })).map(n => new Decimal(n).div(100).toFixed()),
  most: fc.option(cents),
  maxAgeMinutes: fc.integer({ min: 10, max: 5_000 }),
  stepsPerDay: fc.integer({ min: 1, max: 6 }),
  warSteps: fc.integer({ min: 1, max: 4 }),
  warWindowMinutes: fc.integer({ min: 10, max: 4_000 }),
})

/** A place where one repricer works: what it knows, and what it did. */
type Desk = { facts: MarketFacts; steps: MarketStep[]; stopped: { competitor: string; at: Date } | null }

const desk = (of: MarketRule, floor: string | null, ceiling: string | null, ours: string | null): Desk => ({
  facts: {
    ...{
      rule: of,
      sku: 'MUG',
      currency: 'EUR',
      digits: 2,
      ours,
      waiting: null,
      fourEyes: false,
      floor,
      ceiling,
      limitUnknown: false,
      offers: [],
    },
    ...{ steps: [], last: null, stop: null, resumedAt: null },
  },
  steps: [],
  stopped: null,
})

type Moved = { readonly now: Date; readonly offers: readonly Omit<MarketOffer, 'before'>[]; readonly before: ReadonlyMap<string, string> }

/** Judges, and carries out what was decided as the books do. Answers the new price; null: it stays. */
function turn(place: Desk, { now, offers, before }: Moved): string | null {
  const facts: MarketFacts = {
    ...place.facts,
    offers: offers.map(offer => ({ ...offer, before: before.get(offer.competitor) ?? null })),
    steps: place.steps,
    last: place.steps.at(-1) ?? null,
    stop: place.stopped,
  }
  const judged = judgeMarket(facts, now)
  expect(judgeMarket({ ...facts, offers: [...facts.offers].reverse() }, now)).toEqual(judged)
  if (judged.act === 'war') place.stopped = { competitor: judged.competitor, at: now }
  if (judged.act !== 'step') return null
  const { to, offer } = judged.aim
  place.steps.push({ at: now, from: place.facts.ours, to, competitor: offer.competitor, isAnswer: judged.isAnswer })
  place.facts = { ...place.facts, ours: to }
  return to
}

const seen = (id: number, competitor: string, amount: string, at: Date): Omit<MarketOffer, 'before'> => ({
  ...{ id, competitor, channel: null, amount, stated: { amount, currency: 'EUR' }, seenAt: at },
})

const ticks = fc.array(
  fc.record({ minutes: fc.integer({ min: 1, max: 700 }), competitor: fc.constantFrom('acme', 'bits', 'cord'), amount: cents }),
  { minLength: 1, maxLength: 60 },
)

test('whatever the market does, no step goes below the floor or above ceiling and most, and none beyond those of a day', () => {
  fc.assert(
    fc.property(rule, fc.option(cents), fc.option(cents), fc.option(cents), ticks, (of, floor, ceiling, ours, moves) => {
      const place = desk(of, floor, ceiling, ours)
      const stand = new Map<string, Omit<MarketOffer, 'before'>>()
      let before = new Map<string, string>()
      let at = BEGIN
      moves.forEach(({ minutes, competitor, amount }, id) => {
        at += minutes * 60_000
        const now = new Date(at)
        stand.set(competitor, seen(id + 1, competitor, amount, now))
        if (turn(place, { now, offers: [...stand.values()], before }) !== null)
          before = new Map([...stand].map(([who, one]) => [who, one.amount ?? '']))
      })
      for (const [n, step] of place.steps.entries()) {
        if (floor !== null) expect(new Decimal(step.to).gte(floor)).toBe(true)
        if (ceiling !== null) expect(new Decimal(step.to).lte(ceiling)).toBe(true)
        if (of.most !== null) expect(new Decimal(step.to).lte(of.most)).toBe(true)
        expect(of.competitors?.includes(step.competitor) ?? true).toBe(true)
        // The window that ends with this step.
        const within = (ms: number) => place.steps.slice(0, n + 1).filter(one => one.at.getTime() > step.at.getTime() - ms)
        expect(within(DAY).length).toBeLessThanOrEqual(of.stepsPerDay)
        const answers = within(of.warWindowMinutes * 60_000).filter(one => one.isAnswer && one.competitor === step.competitor)
        expect(answers.length).toBeLessThanOrEqual(of.warSteps)
      }
    }),
    { numRuns },
  )
})

test('two of our own repricers against each other stop, after no more answers than the rules allow', () => {
  const undercut = (steps: number) =>
    fc.record({
      mode: fc.constantFrom('amount' as const, 'percent' as const),
      value: fc.constantFrom('0.01', '0.5', '2'),
      war: fc.integer({ min: 1, max: steps }),
    })
  fc.assert(
    fc.property(undercut(4), undercut(4), cents, cents, fc.integer({ min: 1, max: 20 }), (one, other, mine, theirs, minutes) => {
      const chasing = ({ mode, value, war }: { mode: 'amount' | 'percent'; value: string; war: number }): MarketRule => ({
        ...{
          code: 'chase',
          competitors: null,
          mode,
          value,
          most: null,
          maxAgeMinutes: 1_440,
          stepsPerDay: 1_000,
          warSteps: war,
          warWindowMinutes: 1_440,
        },
      })
      const desks = [desk(chasing(one), null, null, mine), desk(chasing(other), null, null, theirs)] as const
      /** What each saw of the other when it took its last step. */
      const lastSeen: [string | null, string | null] = [null, null]
      let id = 1
      let quiet = 0
      let turns = 0
      for (let at = BEGIN; quiet < 2; at += minutes * 60_000) {
        expect(++turns).toBeLessThan(40)
        const me = (turns % 2) as 0 | 1
        const ask = desks[me === 0 ? 1 : 0].facts.ours ?? ''
        const now = new Date(at)
        const before = new Map(lastSeen[me] === null ? [] : [['them', lastSeen[me]]])
        const to = turn(desks[me], { now, offers: [seen(id++, 'them', ask, now)], before })
        if (to !== null) lastSeen[me] = ask
        quiet = to === null ? quiet + 1 : 0
      }
      for (const { steps, facts } of desks) expect(steps.filter(step => step.isAnswer).length).toBeLessThanOrEqual(facts.rule.warSteps)
    }),
    { numRuns },
  )
})
