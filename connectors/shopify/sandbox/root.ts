import type { Args, Thing } from '../../sandbox-graphql.ts'
import { variantById, variantList, variantThing } from './catalog.ts'
import { subscribe, subscriptionList } from './hooks.ts'
import { lineThing, orderList, orderThing, parcelThing, placeThing, refundThing } from './order-view.ts'
import { fulfil, orderById, orderCancel } from './orders.ts'
import { prepared, refundCreate } from './refunds.ts'
import { gidOf, type LineRow, locationsOf, numberOf, type ParcelRow, type PlaceRow, SCOPES, SERVICE, type Shop } from './schema.ts'
import { activate, setPrices, setQuantities } from './writes.ts'

/** What queries begin at. */
export function queryRoot(shop: Shop): Thing {
  const { store, options } = shop
  const order = (id: unknown): Thing | null => {
    const row = orderById(shop, numberOf('Order', id) ?? 0)
    return row ? orderThing(shop, row) : null
  }
  const node = (id: unknown): Thing | null => {
    const row = variantById(shop, numberOf('ProductVariant', id) ?? 0)
    const line = store.one<LineRow>('select * from order_line where id = ?', numberOf('LineItem', id) ?? 0)
    return row ? variantThing(shop, row) : line ? lineThing(shop, line) : order(id)
  }
  const row = <Row extends object>(table: 'place' | 'parcel' | 'refund', type: string, id: unknown): Row | undefined =>
    store.one<Row>(`select * from ${table} where id = ?`, numberOf(type, id) ?? 0)
  const shownOr = <Row>(found: Row | undefined, show: (row: Row) => Thing): Thing | null => (found === undefined ? null : show(found))
  return {
    __typename: 'QueryRoot',
    shop: { __typename: 'Shop', name: 'Sample shop', currencyCode: options.currency ?? 'EUR', ianaTimezone: 'Europe/Berlin' },
    currentAppInstallation: {
      __typename: 'AppInstallation',
      accessScopes: (options.scopes ?? SCOPES).map(handle => ({ __typename: 'AccessScope', handle })),
    },
    locations: () => ({
      __typename: 'LocationConnection',
      nodes: [...locationsOf(shop), SERVICE].map(({ id, name }) => ({
        ...{ __typename: 'Location', id: gidOf('Location', id), name, isActive: true },
        ...{ isFulfillmentService: id === SERVICE.id, fulfillsOnlineOrders: true },
      })),
      pageInfo: { __typename: 'PageInfo', hasNextPage: false, endCursor: null },
    }),
    productVariants: (args: Args) => variantList(shop, args),
    nodes: ({ ids }: Args) => (ids as unknown[]).map(node),
    orders: (args: Args) => orderList(shop, args),
    order: ({ id }: Args) => order(id),
    fulfillmentOrder: ({ id }: Args) => shownOr(row<PlaceRow>('place', 'FulfillmentOrder', id), place => placeThing(shop, place)),
    fulfillment: ({ id }: Args) => shownOr(row<ParcelRow>('parcel', 'Fulfillment', id), parcel => parcelThing(shop, parcel)),
    refund: ({ id }: Args) => shownOr(row<{ id: number }>('refund', 'Refund', id), found => refundThing(shop, found.id)),
    return: () => null,
    webhookSubscriptions: (args: Args) => subscriptionList(shop, args),
  }
}

/** What mutations begin at. */
export function mutationRoot(shop: Shop): Thing {
  return {
    __typename: 'Mutation',
    inventorySetQuantities: setQuantities(shop),
    inventoryActivate: activate(shop),
    productVariantsBulkUpdate: setPrices(shop),
    fulfillmentCreate: fulfil(shop),
    orderCancel: orderCancel(shop),
    refundCreate: refundCreate(shop),
    fulfillmentOrderLineItemsPreparedForPickup: prepared(shop),
    webhookSubscriptionCreate: subscribe(shop),
  }
}
