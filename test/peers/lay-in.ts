import { putLocation, putProducts } from '../../src/usecases/change-catalog.ts'
import { changeStock } from '../../src/usecases/change-stock.ts'
import type { Context } from '../../src/usecases/context.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { type Article, CURRENCY, productsOf, WAREHOUSE } from './goods.ts'

/** Puts the articles, their stock and their prices into the hub's books. */
export async function layIn(context: Context, goods: readonly Article[]): Promise<void> {
  await putLocation(context, 'peers-location', 'create', { code: WAREHOUSE, name: 'Warehouse', kind: 'warehouse', country: 'DE' })
  await putProducts(
    context,
    'peers-catalog',
    'put',
    productsOf(goods).map((variants, n) => ({
      ...{ handle: `article-${n + 1}`, title: `Article ${n + 1}` },
      variants: variants.map(({ sku, variant }) => ({ sku, title: variant })),
    })),
  )
  await stateStock(
    context,
    'opening',
    goods.map(({ sku, opening }) => [sku, opening]),
  )
  await statePrices(
    context,
    'first',
    goods.map(({ sku, price }) => [sku, price]),
  )
}

/** States what lies in the warehouse. */
export async function stateStock(
  context: Context,
  name: string,
  rows: readonly (readonly [sku: string, quantity: number])[],
): Promise<void> {
  await changeStock(
    context,
    `peers-stock-${name}`,
    rows.map(([sku, quantity]) => ({ kind: 'count' as const, sku, location: WAREHOUSE, quantity })),
  )
}

/** Takes goods in. */
export async function receive(context: Context, name: string, rows: readonly (readonly [sku: string, quantity: number])[]): Promise<void> {
  await changeStock(
    context,
    `peers-receive-${name}`,
    rows.map(([sku, quantity]) => ({ kind: 'receive' as const, sku, location: WAREHOUSE, quantity })),
  )
}

export async function statePrices(
  context: Context,
  name: string,
  rows: readonly (readonly [sku: string, amount: string])[],
): Promise<void> {
  await setPrices(
    context,
    `peers-prices-${name}`,
    rows.map(([sku, amount]) => ({ sku, currency: CURRENCY, amount })),
  )
}
