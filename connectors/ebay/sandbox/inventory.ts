import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { amount } from '../../../src/values/money.ts'
import { recordPrice } from '../../sandbox-prices.ts'
import { errorOf, type Gate, type Needs, refuse } from './gate.ts'
import { revised, USED_UP, updatePrices } from './revise.ts'
import { type ItemRow, itemOf, type OfferRow, offerOf, offersOf, type World } from './world.ts'

const BASE = '/sell/inventory/v1'
const NEEDS: Needs = { api: 'inventory', bearer: 'user', scope: 'sell.inventory' }
const BULK_MAX = 25

const bulkShape = z.object({ requests: z.array(z.object({ sku: z.string() })).min(1) })
/** What an offer must have to be replaced; all the rest is kept as it comes, and gone where it does not come. */
const replaceShape = z.looseObject({
  availableQuantity: z.int().min(0).optional(),
  pricingSummary: z.looseObject({ price: z.looseObject({ value: z.string(), currency: z.string() }) }),
})

/** Sell Inventory: items, offers, the bulk update of prices and quantities, and the offer that is replaced whole. */
export function addInventory(app: Hono, world: World, gate: Gate): void {
  app.get(
    `${BASE}/inventory_item`,
    gate('getInventoryItems', NEEDS, context => listItems(world, context)),
  )
  app.post(
    `${BASE}/bulk_get_inventory_item`,
    gate('bulkGetInventoryItem', NEEDS, async context => getItems(world, await context.req.json().catch(() => null))),
  )
  app.post(
    `${BASE}/bulk_update_price_quantity`,
    gate('bulkUpdatePriceQuantity', NEEDS, async context => updatePrices(world, await context.req.json().catch(() => null))),
  )
  app.get(
    `${BASE}/offer`,
    gate('getOffers', NEEDS, context => {
      const offers = offersOf(world, context.req.query('sku') ?? '').map(row => offerView(world, row))
      if (offers.length === 0) return refuse(404, 25713, 'This Offer is not available.')
      return Response.json({ href: context.req.path, total: offers.length, size: 1, limit: 100, offers })
    }),
  )
  app.get(
    `${BASE}/offer/:id`,
    gate('getOffer', NEEDS, context => {
      const row = offerOf(world, context.req.param('id') ?? '')
      return row ? Response.json(offerView(world, row)) : refuse(404, 25713, 'This Offer is not available.')
    }),
  )
  app.put(
    `${BASE}/offer/:id`,
    gate('updateOffer', NEEDS, async context => {
      if (!context.req.header('content-language')) return refuse(400, 25709, 'Invalid value for header Content-Language.')
      return replace(world, context.req.param('id') ?? '', await context.req.json().catch(() => null))
    }),
  )
}

function listItems(world: World, context: Context): Response {
  const limit = Number(context.req.query('limit') ?? 25)
  const page = Number(context.req.query('offset') ?? 0)
  if (!Number.isInteger(limit) || limit < 1 || limit > 200) return refuse(400, 25709, 'Invalid value for limit.')
  if (!Number.isInteger(page) || page < 0) return refuse(400, 25706, 'Invalid value for offset.')
  const total = world.store.one<{ n: number }>('select count(*) as n from item')?.n ?? 0
  const rows = world.store.all<ItemRow>('select * from item order by seq limit ? offset ?', limit, page * limit)
  const next = (page + 1) * limit < total ? { next: `${BASE}/inventory_item?limit=${limit}&offset=${page + 1}` } : {}
  return Response.json({
    ...{ href: `${BASE}/inventory_item?limit=${limit}&offset=${page}`, ...next, total, limit, size: Math.ceil(total / limit) },
    inventoryItems: rows.map(row => itemView(row, 'groupIds')),
  })
}

function getItems(world: World, body: unknown): Response {
  const asked = bulkShape.safeParse(body)
  if (!asked.success || asked.data.requests.length > BULK_MAX)
    return refuse(400, 25709, `Invalid value for requests. 1 to ${BULK_MAX} are allowed.`)
  const responses = asked.data.requests.map(({ sku }) => {
    const row = itemOf(world, sku)
    return row
      ? { statusCode: 200, sku, inventoryItem: itemView(row, 'inventoryItemGroupKeys') }
      : { statusCode: 404, sku, errors: [errorOf(25710, "We didn't find the resource/entity you are requesting.")] }
  })
  return Response.json({ responses }, { status: responses.every(one => one.statusCode === 200) ? 200 : 207 })
}

function itemView(row: ItemRow, groups: 'groupIds' | 'inventoryItemGroupKeys'): object {
  return {
    sku: row.sku,
    locale: 'en_US',
    condition: 'NEW',
    product: { title: row.title, imageUrls: [], ...(row.gtin === null ? {} : { ean: [row.gtin] }) },
    availability: { shipToLocationAvailability: { quantity: row.quantity, allocationByFormat: { fixedPrice: row.quantity, auction: 0 } } },
    ...(row.group_key === null ? {} : { [groups]: [row.group_key] }),
  }
}

function offerView(world: World, row: OfferRow): object {
  const { currency } = world.options.marketplace
  const more = JSON.parse(row.more) as Record<string, unknown>
  const pricing = (more.pricingSummary ?? {}) as Record<string, unknown>
  return {
    ...more,
    offerId: row.id,
    sku: row.sku,
    marketplaceId: row.marketplace,
    format: 'FIXED_PRICE',
    status: row.status,
    ...(row.available === null ? {} : { availableQuantity: row.available }),
    pricingSummary: { ...pricing, price: { value: row.price, currency } },
    ...(row.status === 'PUBLISHED' ? { listing: { listingId: row.listing_id, listingStatus: 'ACTIVE', soldQuantity: 0 } } : {}),
  }
}

/** eBay keeps of an offer just what the call has. */
function replace(world: World, id: string, body: unknown): Response {
  const row = offerOf(world, id)
  if (!row) return refuse(404, 25713, 'This Offer is not available.')
  const asked = replaceShape.safeParse(body)
  if (!asked.success) return refuse(400, 25709, `Invalid value for offer. ${z.prettifyError(asked.error)}`)
  const { availableQuantity, ...more } = asked.data
  const { price, ...pricing } = more.pricingSummary
  if (price.currency !== world.options.marketplace.currency || !(Number(price.value) > 0))
    return refuse(400, 25709, 'Invalid value for price.')
  if (row.status === 'PUBLISHED' && !revised(world, row.listing_id)) return refuse(400, 25002, USED_UP)
  const regular = amount(price.value, price.currency)
  const { store } = world
  store.change(() => {
    const kept = JSON.stringify({ ...more, pricingSummary: pricing })
    store.run('update offer set price = ?, available = ?, more = ? where id = ?', regular, availableQuantity ?? null, kept, id)
    if (regular !== row.price)
      recordPrice(
        store,
        { sku: row.sku, ref: id, data: { regular } },
        { channelRef: row.marketplace, regular, sale: null, from: null, to: null, lateMs: 0 },
      )
  })
  return Response.json({ warnings: [] })
}
