import { type ListingRow, offersOf, priceNow, type World } from './world.ts'

/** Product type of all the sandbox's goods. */
const PRODUCT_TYPE = 'HOME'

/** A listing as Listings Items 2021-08-01 shows it, with the data sets and marketplaces that were asked for. */
export function itemView(world: World, row: ListingRow, marketplaceIds: readonly string[], included: readonly string[]): object {
  const now = world.options.now()
  const offers = offersOf(world, row.sku).filter(offer => marketplaceIds.includes(offer.marketplace))
  const currencyOf = (id: string) => world.options.marketplaces.find(one => one.id === id)?.currency ?? 'EUR'
  const views: Readonly<Record<string, () => unknown>> = {
    summaries: () =>
      offers.map(offer => ({
        marketplaceId: offer.marketplace,
        asin: row.asin,
        productType: PRODUCT_TYPE,
        conditionType: 'new_new',
        status: row.quantity > 0 ? ['BUYABLE', 'DISCOVERABLE'] : ['DISCOVERABLE'],
        itemName: row.title,
        createdDate: new Date(row.created_ms).toISOString(),
        lastUpdatedDate: new Date(row.updated_ms).toISOString(),
      })),
    attributes: () => ({
      item_name: offers.map(offer => ({ value: row.title, marketplace_id: offer.marketplace })),
      fulfillment_availability: [
        {
          fulfillment_channel_code: 'DEFAULT',
          quantity: row.quantity,
          ...(row.lead_days === null ? {} : { lead_time_to_ship_max_days: row.lead_days }),
        },
      ],
      purchasable_offer: offers.map(offer => ({
        marketplace_id: offer.marketplace,
        currency: currencyOf(offer.marketplace),
        audience: 'ALL',
        our_price: [{ schedule: [{ value_with_tax: Number(offer.regular) }] }],
        ...(offer.sale === null
          ? {}
          : {
              discounted_price: [{ schedule: [{ value_with_tax: Number(offer.sale), start_at: offer.sale_from, end_at: offer.sale_to }] }],
            }),
      })),
      ...(row.gtin === null ? {} : { externally_assigned_product_identifier: [{ type: 'ean', value: row.gtin }] }),
    }),
    offers: () =>
      offers.map(offer => ({
        marketplaceId: offer.marketplace,
        offerType: 'B2C',
        price: { currencyCode: currencyOf(offer.marketplace), amount: priceNow(offer, now) },
        audience: { value: 'ALL', displayName: 'Sell on Amazon' },
      })),
    fulfillmentAvailability: () => [{ fulfillmentChannelCode: 'DEFAULT', quantity: row.quantity }],
    issues: () => [],
    productTypes: () => offers.map(offer => ({ marketplaceId: offer.marketplace, productType: PRODUCT_TYPE })),
    relationships: () =>
      offers.map(offer => ({
        marketplaceId: offer.marketplace,
        relationships: row.parent === null ? [] : [{ type: 'VARIATION', parentSkus: [row.parent] }],
      })),
  }
  const shown = Object.entries(views).filter(([name]) => included.includes(name))
  return { sku: row.sku, ...Object.fromEntries(shown.map(([name, view]) => [name, view()])) }
}
