import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { PriceFacts } from '../../src/domain/pricing/facts.ts'
import { passedOverSources, resolvePrice } from '../../src/domain/pricing/resolve.ts'
import { repetitions } from '../support/repetitions.ts'

const AT = new Date('2026-06-01T12:00:00Z')
const SINCE = new Date('2026-01-01T00:00:00Z')

type Said = { readonly plain: string; readonly cost: string; readonly percent: string; readonly tax: string; readonly shown: boolean }

/** A list of one rule over the plain price or cost, in a channel that shows prices with tax or without. */
function facts({ plain, cost, percent, tax, shown }: Said, taxIncluded: boolean | null, over: 'plain' | 'cost'): PriceFacts {
  const who = { since: SINCE, actor: 'user:ana' }
  return {
    channel: {
      ...{ id: 1, currency: 'EUR', digits: 2, taxInclusive: shown, region: 1, groups: [], exchangeMargin: '0', takesReference: false },
      rounding: { kind: 'ending', step: '0.05', ending: '0', direction: 'up' },
    },
    partner: null,
    variant: { product: 1, category: null, taxCategory: 'standard', cost: { amount: cost, currency: 'EUR' } },
    plain: [{ id: 1, channel: null, currency: 'EUR', amount: plain, startsAt: null, endsAt: null, ...who }],
    lists: [
      {
        ...{ id: 1, code: 'l', title: 'L', kind: 'price', currency: 'EUR', audience: 'everyone', audienceId: null, audienceCode: null },
        ...{ priority: 0, taxIncluded, startsAt: null, endsAt: null, since: SINCE },
        entries: [{ id: 1, scope: 'all', minQuantity: 1, rule: 'percent', over, baseList: null, value: percent, ...who }],
      },
    ],
    exchangeRates: [],
    taxRates: [{ id: 1, region: 1, category: 'standard', percent: tax, startsAt: SINCE }],
    limits: [],
  }
}

const decimal = (min: number, max: number): fc.Arbitrary<string> => fc.integer({ min, max }).map(n => (n / 100).toFixed(2))
const said = fc.record({
  ...{ plain: decimal(1, 30_000), cost: decimal(1, 30_000), percent: decimal(-9_000, 9_000), tax: decimal(0, 3_000), shown: fc.boolean() },
})

test('so much percent off is the same price whether the list is with tax or without, also where prices are rounded up', () => {
  fc.assert(
    fc.property(said, one => {
      const amounts = [null, true, false].map(basis => resolvePrice(facts(one, basis, 'plain'), 'regular', 1, AT)?.amount?.toFixed())
      expect(amounts[0]).toBeDefined()
      expect(new Set(amounts).size).toBe(1)
    }),
    { numRuns: repetitions('percents in either tax basis', 200, 5_000) },
  )
})

test('cost has no tax: a price over it is with tax exactly where the channel shows it so', () => {
  const one = { plain: '1', cost: '10.00', percent: '50', tax: '19' }
  const amount = (shown: boolean, basis: boolean | null) =>
    resolvePrice(facts({ ...one, shown }, basis, 'cost'), 'regular', 1, AT)?.amount?.toFixed()
  expect([null, true, false].map(basis => amount(true, basis))).toEqual(['17.85', '17.85', '17.85'])
  expect([null, true, false].map(basis => amount(false, basis))).toEqual(['15', '15', '15'])
})

test('in a channel without a region no tax is counted on cost, and in a region without a rate nobody knows the price', () => {
  const known = facts({ plain: '1', cost: '10.00', percent: '50', tax: '19', shown: true }, null, 'cost')
  const placeless = { ...known, channel: { ...known.channel, region: null } }
  expect(resolvePrice(placeless, 'regular', 1, AT)?.amount?.toFixed()).toBe('15')
  const rateless = { ...known, taxRates: [] }
  expect(passedOverSources(rateless, 'regular', 1, AT).map(({ because }) => because)).toEqual(['no_tax_rate'])
  expect(resolvePrice(rateless, 'regular', 1, AT)?.winner.source.kind).toBe('plain')
})
