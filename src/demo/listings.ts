import type { SandboxListing } from '../../connectors/sandbox.ts'
import { SAMPLES, type Sample } from './goods.ts'

/** The marketplaces of the sample seller, by Amazon's ids. */
export const GERMANY = { id: 'A1PA6795UKMFR9', currency: 'EUR', country: 'DE' }
export const SWEDEN = { id: 'A2NODRKZP88ZB9', currency: 'SEK', country: 'SE' }

/** What the shop showed before the hub came: older numbers, some older prices, and something that nobody sells any more. */
export const SHOP_LISTINGS: readonly SandboxListing[] = [
  ...SAMPLES.map((sample, n) => ({
    ...{ sku: sample.shopSku, title: sample.title, gtin: sample.gtin, parent: sample.product, quantity: older(sample, n) },
    prices: { shop: n % 6 === 1 ? (Number(sample.priceEuro) + 1).toFixed(2) : sample.priceEuro },
  })),
  { sku: 'CALENDAR-OLD', title: "Last year's calendar", gtin: null, quantity: 0, prices: { shop: '4.00' }, parent: null },
]

/** What Amazon showed before the hub came. */
export const AMAZON_LISTINGS: readonly SandboxListing[] = SAMPLES.filter(sample => sample.isOnAmazon).map((sample, n) => ({
  ...{ sku: sample.amazonSku, title: sample.title, gtin: sample.gtin, parent: null, quantity: older(sample, n + 3) },
  prices: { [GERMANY.id]: sample.priceEuro, [SWEDEN.id]: n % 5 === 2 ? `${Number(sample.priceKrona) - 10}` : sample.priceKrona },
}))

function older(sample: Sample, n: number): number {
  const now = Object.values(sample.stock).reduce((sum, units) => sum + units, 0)
  return Math.max(0, now + (n % 4) - 2)
}
