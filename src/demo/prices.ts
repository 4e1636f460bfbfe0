import { readPriceList } from '../../db/price-lists.ts'
import { putAudience } from '../usecases/audiences.ts'
import type { Context } from '../usecases/context.ts'
import { setPriceEntries } from '../usecases/price-entries.ts'
import { setPriceLimits } from '../usecases/price-limits.ts'
import { approvePriceList, type PriceListStated, setPriceList } from '../usecases/price-lists.ts'
import { setPricePolicy } from '../usecases/price-policies.ts'
import { setExchangeRates, setTaxRates } from '../usecases/price-rates.ts'

const SALE_DAYS = 21

/**
 * Puts in how the sample company prices: taxes of two countries, an exchange rate, a least margin, a sale on mugs that runs in the own shop, and a distributor with
 * a contract. For channels that are there. Each step has a key, so that a start which was cut short goes on.
 */
export async function layInPrices(context: Context): Promise<void> {
  await putAudience(context, 'demo-region-de', 'region', 'de', { name: 'Germany' })
  await putAudience(context, 'demo-region-se', 'region', 'se', { name: 'Sweden' })
  await setTaxRates(context, 'demo-taxes', [
    { region: 'de', category: 'standard', percent: '19' },
    { region: 'se', category: 'standard', percent: '25' },
  ])
  for (const [channel, region] of [
    ['shop', 'de'],
    ['amazon-de', 'de'],
    ['amazon-se', 'se'],
  ] as const)
    await setPricePolicy(context, `demo-policy-${channel}`, channel, { region })
  // Costs are in EUR: what a margin over them is in Sweden is reckoned by it.
  await setExchangeRates(context, 'demo-exchange', [{ from: 'EUR', to: 'SEK', rate: '11.20' }])
  await setPriceLimits(
    context,
    'demo-floor',
    [{ kind: 'floor', basis: 'margin', percent: '10' }],
    'nothing is sold for less than a tenth over its cost',
  )

  await putAudience(context, 'demo-tier', 'tier', 'wholesale', { name: 'Wholesale' })
  await putAudience(context, 'demo-partner', 'partner', 'bergmann', { name: 'Bergmann Kontor', tier: 'wholesale' })
  await approved(
    context,
    'bergmann',
    { title: 'Bergmann Kontor, contract', currency: 'EUR', audience: { kind: 'partner', code: 'bergmann' } },
    [
      { all: true, rule: 'percent', over: 'plain', value: '-12' },
      { all: true, rule: 'percent', over: 'plain', value: '-18', minQuantity: 20 },
    ],
  )
  const ends = new Date((context.now?.() ?? new Date()).getTime() + SALE_DAYS * 86_400_000)
  const to = `${ends.toISOString().slice(0, 10)}T00:00:00.000Z`
  await approved(
    context,
    'mug-weeks',
    { title: 'Mug weeks', currency: 'EUR', kind: 'sale', audience: { kind: 'channel', code: 'shop' }, to },
    [{ product: 'harbour-mug', rule: 'percent', over: 'plain', value: '-15' }],
  )
}

/** A list that holds at once. One that is there already is as it was made, or as somebody changed it since. */
async function approved(
  context: Context,
  code: string,
  terms: PriceListStated,
  entries: Parameters<typeof setPriceEntries>[3],
): Promise<void> {
  if ((await readPriceList(context.sql, code))?.state === 'approved') return
  await setPriceList(context, `demo-list-${code}`, code, terms)
  const { version } = await setPriceEntries(context, `demo-entries-${code}`, code, entries)
  await approvePriceList(context, `demo-approved-${code}`, code, version, { acceptWindow: true })
}
