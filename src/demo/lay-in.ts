import { putLocation, putProducts } from '../usecases/change-catalog.ts'
import { changeStock } from '../usecases/change-stock.ts'
import type { Context } from '../usecases/context.ts'
import { serveLocation } from '../usecases/routing-settings.ts'
import { setPrices } from '../usecases/set-prices.ts'
import { Fault } from '../values/fault.ts'
import { LOCATIONS, SAMPLES, SERVICES } from './goods.ts'
import { FAMILIES, type Family } from './goods-table.ts'

/** Why the first units are there, as their movements say. */
export const OPENING = 'opening stock of the demo'

/** Puts in the sample catalog, its stock and its prices, through the same use cases as people do. Each step has a key: run again, it changes nothing. */
export async function layInGoods(context: Context): Promise<void> {
  for (const location of LOCATIONS) await ifNew(() => putLocation(context, `demo-location-${location.code}`, 'create', location))
  for (const [code, services] of Object.entries(SERVICES)) await serveLocation(context, `demo-services-${code}`, code, services)
  await putProducts(context, 'demo-catalog', 'put', FAMILIES.map(productOf))
  await setPrices(
    context,
    'demo-prices',
    SAMPLES.flatMap(({ sku, priceEuro, priceKrona }) => [
      { sku, currency: 'EUR', amount: priceEuro },
      { sku, currency: 'SEK', amount: priceKrona },
    ]),
  )
  await changeStock(
    context,
    'demo-stock',
    SAMPLES.flatMap(({ sku, stock }) =>
      Object.entries(stock)
        .filter(([, quantity]) => quantity > 0)
        .map(([location, quantity]) => ({ kind: 'receive' as const, sku, location, quantity, reason: OPENING })),
    ),
  )
}

function productOf({ handle, title, vendor, category }: Family): Parameters<typeof putProducts>[3][number] {
  const variants = SAMPLES.filter(sample => sample.product === handle)
  return {
    ...{ handle, title, vendor, category },
    variants: variants.map(({ sku, title, gtin, options, costEuro, weightGrams }) => ({
      ...{ sku, title, gtin, options, cost: costEuro, costCurrency: 'EUR', weightGrams },
    })),
  }
}

/** What is there already was put in by a start that was cut short, or by a person, whose word stands. */
async function ifNew(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'conflict')) throw error
  }
}
