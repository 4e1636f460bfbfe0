import type { SandboxListing } from '../../../connectors/sandbox.ts'
import { putLocation, putProducts } from '../../usecases/change-catalog.ts'
import { changeStock } from '../../usecases/change-stock.ts'
import { setPrices } from '../../usecases/set-prices.ts'
import type { Plan, PlanItem } from './plan.ts'
import { CHANNEL_REF, CURRENCY, PLATFORMS, type Scene, WAREHOUSE } from './scene.ts'

/** Rows in one command: each holds its locks for some ten milliseconds. */
const CHUNK = 200
/** What the platforms ask for everything before the hub has told them the price. */
const FIRST_PRICE = '99.99'

/** Puts the plan's catalog, prices and opening stock into the hub, and its listings, without stock, into both platforms. */
export async function layIn(scene: Scene, plan: Plan): Promise<void> {
  const { context } = scene
  await putLocation(context, 'replay-location', 'create', { code: WAREHOUSE, name: 'Main warehouse', kind: 'warehouse', country: 'GB' })
  let done = 0
  for (const [n, items] of chunks(plan.items).entries()) {
    scene.signal.throwIfAborted()
    await putProducts(context, `replay-catalog-${n}`, 'put', items.map(productOf))
    await setPrices(
      context,
      `replay-prices-${n}`,
      items.flatMap(({ sku, price }) => (price === null ? [] : [{ sku, currency: CURRENCY, amount: price }])),
    )
    await changeStock(
      context,
      `replay-opening-${n}`,
      items.map(({ sku, opening }) => ({ kind: 'count' as const, sku, location: WAREHOUSE, quantity: opening, reason: 'opening stock' })),
    )
    for (const platform of PLATFORMS) await scene.platforms[platform].seed(items.map(item => listingOf(item, CHANNEL_REF[platform])))
    done += items.length
    scene.progress('laid in', done, plan.items.length)
  }
}

function productOf({ sku, title }: PlanItem): Parameters<typeof putProducts>[3][number] {
  return { handle: sku.toLowerCase().replace(/[^a-z0-9]+/g, '-'), title, variants: [{ sku, title: '' }] }
}

function listingOf({ sku, title }: PlanItem, channelRef: string): SandboxListing {
  return { sku, title, gtin: null, quantity: 0, prices: { [channelRef]: FIRST_PRICE }, parent: null }
}

function chunks(items: readonly PlanItem[]): PlanItem[][] {
  return Array.from({ length: Math.ceil(items.length / CHUNK) }, (_, n) => items.slice(n * CHUNK, (n + 1) * CHUNK))
}
