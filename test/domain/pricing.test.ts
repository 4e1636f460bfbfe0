import { describe, expect, test } from 'vitest'
import { priceDocument } from '../../src/domain/pricing/document.ts'
import type { PriceEntry, PriceFacts, PriceLimit, PriceList } from '../../src/domain/pricing/facts.ts'
import { Decimal, type Rounding, rounded, ruled } from '../../src/domain/pricing/numbers.ts'
import { resolvePrice } from '../../src/domain/pricing/resolve.ts'

const NOW = new Date('2026-06-01T12:00:00Z')
const hours = (n: number): Date => new Date(NOW.getTime() + n * 3_600_000)

/** When a row was set, and by whom: told, never judged by. */
const SET = { since: new Date('2026-01-01T00:00:00Z'), actor: 'test' }

const fixed = (value: string, minQuantity = 1): PriceEntry => ({
  ...{ id: 1, scope: 'variant', minQuantity, rule: 'fixed', over: null, baseList: null, value, ...SET },
})
const percent = (value: string, over: 'plain' | 'cost' = 'plain'): PriceEntry => ({
  ...{ id: 2, scope: 'all', minQuantity: 1, rule: 'percent', over, baseList: null, value, ...SET },
})

const list = (id: number, entries: readonly PriceEntry[], more: Partial<PriceList> = {}): PriceList => ({
  ...{
    id,
    code: `list-${id}`,
    title: '',
    kind: 'price',
    currency: 'EUR',
    audience: 'everyone',
    audienceId: null,
    audienceCode: null,
    priority: 0,
  },
  ...{ taxIncluded: null, startsAt: null, endsAt: null, since: SET.since, entries, ...more },
})

const plain = (amount: string, channel: number | null = null, startsAt: Date | null = null, endsAt: Date | null = null) => ({
  ...{ id: 9, channel, currency: 'EUR', amount, startsAt, endsAt, ...SET },
})

const floor = (more: Partial<PriceLimit>): PriceLimit => ({
  ...{ id: 1, kind: 'floor', basis: 'manual', amount: null, currency: null, percent: null, ...SET, ...more },
})

/** A shop in euros with tax, a mug that cost 8 euros, and what the test says. */
function facts(more: Partial<Omit<PriceFacts, 'channel'>> & { readonly channel?: Partial<PriceFacts['channel']> } = {}): PriceFacts {
  const channel = {
    id: 1,
    currency: 'EUR',
    digits: 2,
    taxInclusive: true,
    region: 1,
    groups: [5],
    rounding: { kind: 'digits' } as Rounding,
    exchangeMargin: '0',
    takesReference: false,
  }
  const variant = { product: 1, category: 'Kitchen', taxCategory: 'standard', cost: { amount: '8', currency: 'EUR' } }
  const base = { partner: null, variant, plain: [plain('20')], lists: [], exchangeRates: [], taxRates: [], limits: [] }
  return { ...base, ...more, channel: { ...channel, ...more.channel } }
}

const priceOf = (one: PriceFacts, quantity = 1): string | undefined => resolvePrice(one, 'regular', quantity, NOW)?.amount?.toFixed()

describe('a reckoned price ends as the channel wants', () => {
  const ending = (step: string, end: string, direction: 'nearest' | 'up' | 'down' = 'nearest'): Rounding => ({
    kind: 'ending',
    step,
    ending: end,
    direction,
  })
  test.each([
    ['12.31', ending('1', '0.99'), '11.99'],
    ['12.49', ending('1', '0.99'), '12.99'],
    ['0.20', ending('1', '0.99', 'down'), '0.99'],
    ['12.37', ending('0.05', '0'), '12.35'],
    ['12.375', ending('0.05', '0'), '12.4'],
    ['1234.5', ending('1', '0'), '1235'],
    ['104', ending('10', '9.90', 'up'), '109.9'],
    ['12.3456789', { kind: 'none' } as Rounding, '12.345679'],
    ['0.001', { kind: 'digits' } as Rounding, '0.01'],
  ])('%s becomes %#', (x, how, wanted) => {
    expect(rounded(new Decimal(x), how, 2).toFixed()).toBe(wanted)
  })
})

test('a rule is over its base: more or less by percent or amount, and a margin is of the price', () => {
  expect(ruled('percent', new Decimal('-15'), new Decimal('20'))?.toFixed()).toBe('17')
  expect(ruled('amount', new Decimal('-0.5'), new Decimal('20'))?.toFixed()).toBe('19.5')
  expect(ruled('margin', new Decimal('40'), new Decimal('9'))?.toFixed()).toBe('15')
  expect(ruled('percent', new Decimal('10'), null)).toBe(null)
})

describe('the closest list wins', () => {
  const everyone = list(1, [fixed('18')])
  const group = list(2, [fixed('17')], { audience: 'group', audienceId: 5 })
  const channel = list(3, [fixed('16')], { audience: 'channel', audienceId: 1 })
  const partner = list(4, [fixed('15')], { audience: 'partner', audienceId: 7 })
  const all = [everyone, group, channel, partner]
  test('to whom it speaks more closely, whatever it asks', () => {
    expect(priceOf(facts())).toBe('20')
    expect(priceOf(facts({ lists: [everyone] }))).toBe('18')
    expect(priceOf(facts({ lists: [everyone, group] }))).toBe('17')
    expect(priceOf(facts({ lists: all }))).toBe('16')
    expect(priceOf(facts({ lists: all, partner: { id: 7, tier: null } }))).toBe('15')
    expect(priceOf(facts({ lists: [everyone], plain: [plain('20'), plain('21', 1)] }))).toBe('21')
  })
  test('of equals the higher priority, then what began later; and it is told what it beat', () => {
    const early = list(5, [fixed('14')], { startsAt: hours(-5), priority: 1 })
    const late = list(6, [fixed('13')], { startsAt: hours(-1), priority: 1 })
    const resolved = resolvePrice(facts({ lists: [everyone, early, late] }), 'regular', 1, NOW)
    expect(resolved?.amount?.toFixed()).toBe('13')
    expect(resolved?.beaten.map(one => one.asked.toFixed())).toEqual(['14', '18', '20'])
  })
  test('a quantity reaches its own price, and a list without a base is passed over with its reason', () => {
    expect(priceOf(facts({ lists: [list(1, [fixed('18'), { ...fixed('16', 10), id: 3 }])] }), 12)).toBe('16')
    const overCost = list(7, [percent('50', 'cost')], { priority: 9 })
    const unknown = facts({ lists: [overCost, everyone], variant: { ...facts().variant, cost: null } })
    const resolved = resolvePrice(unknown, 'regular', 1, NOW)
    expect([resolved?.amount?.toFixed(), resolved?.passedOver.map(one => one.because)]).toEqual(['18', ['no_cost']])
  })
})

test('a net list in another currency is converted with the margin, taxed, and rounded at the end', () => {
  const swiss = list(1, [fixed('10')], { currency: 'CHF', taxIncluded: false })
  const one = facts({
    ...{ lists: [swiss], channel: { exchangeMargin: '2' } },
    exchangeRates: [{ id: 1, from: 'CHF', to: 'EUR', rate: '1.05', startsAt: hours(-9) }],
    taxRates: [
      { id: 1, region: 1, category: 'standard', percent: '19', startsAt: hours(-9) },
      { id: 2, region: 1, category: 'standard', percent: '21', startsAt: hours(1) },
    ],
  })
  // 10 x 1.05 x 1.02 = 10.71; x 1.19 = 12.7449.
  expect(priceOf(one)).toBe('12.74')
})

describe('a floor holds against everything', () => {
  const taxed = { taxRates: [{ id: 1, region: 1, category: 'standard', percent: '19', startsAt: hours(-9) }] }
  test('a margin over cost, with the tax that is shown: 8 / 0.8 x 1.19 = 11.90', () => {
    const cheap = facts({ ...taxed, lists: [list(1, [percent('-90')])], limits: [floor({ basis: 'margin', percent: '20' })] })
    expect(priceOf(cheap)).toBe('11.9')
    expect(
      priceOf({ ...cheap, channel: { ...cheap.channel, rounding: { kind: 'ending', step: '1', ending: '0.99', direction: 'down' } } }),
    ).toBe('11.99')
  })
  test('a rate taken the other way round does not lift it by a cent', () => {
    const rates = [{ id: 1, from: 'EUR', to: 'CHF', rate: '0.96', startsAt: hours(-9) }]
    expect(priceOf(facts({ plain: [plain('1')], exchangeRates: rates, limits: [floor({ amount: '12', currency: 'CHF' })] }))).toBe('12.5')
  })
  test('above the ceiling, or without the rate of exchange or tax that it needs, the price is held for a person', () => {
    const ceiling = floor({ id: 2, kind: 'ceiling', amount: '15', currency: 'EUR' })
    const torn = resolvePrice(facts({ limits: [floor({ amount: '16', currency: 'EUR' }), ceiling] }), 'regular', 1, NOW)
    expect([torn?.amount, torn?.held]).toEqual([null, 'floor_above_ceiling'])
    const blind = resolvePrice(facts({ limits: [floor({ amount: '1', currency: 'JPY' })] }), 'regular', 1, NOW)
    expect([blind?.amount, blind?.held]).toEqual([null, 'limit_unknown'])
    const untaxed = resolvePrice(facts({ limits: [floor({ basis: 'margin', percent: '20' })] }), 'regular', 1, NOW)
    expect([untaxed?.amount, untaxed?.held]).toEqual([null, 'limit_unknown'])
    expect(priceOf(facts({ limits: [ceiling] }))).toBe('15')
  })
})

test('a sale is told with its dates before it begins, without its beginning while it lasts, and a dearer one replaces the price', () => {
  const sale = list(1, [percent('-25')], { kind: 'sale', startsAt: hours(2), endsAt: hours(5) })
  const one = facts({ lists: [sale] })
  expect(priceDocument(one, NOW).document).toEqual({ regular: '20', sale: { amount: '15', from: hours(2), to: hours(5) } })
  expect(priceDocument(one, hours(3)).document).toEqual({ regular: '20', sale: { amount: '15', from: null, to: hours(5) } })
  expect(priceDocument(one, hours(5)).document).toEqual({ regular: '20', sale: null })
  const dearer = facts({ plain: [plain('20'), { ...plain('22', null, hours(-1), hours(1)), id: 10 }] })
  expect(priceDocument(dearer, NOW).document).toEqual({ regular: '22', sale: null })
})
