import { z } from 'zod'
import { type Charge, NO_CHARGE } from '../../../src/values/order-amounts.ts'
import { shipByOf, termsOf } from '../../sandbox-bill.ts'
import type { Args, Thing } from '../../sandbox-graphql.ts'
import { connection } from './execute.ts'
import { billOfOrder, moneyOf, paymentFields } from './payments.ts'
import {
  gidOf,
  type LineRow,
  type OrderRow,
  type ParcelRow,
  type PieceRow,
  type PlaceLineRow,
  type PlaceRow,
  type RefundLineRow,
  type RefundRow,
  type Shop,
} from './schema.ts'

export const personShape = z.object({ name: z.string(), email: z.string(), city: z.string(), country: z.string() })

export const linesOf = ({ store }: Shop, orderId: number): LineRow[] =>
  store.all<LineRow>('select * from order_line where order_id = ? order by id', orderId)
export const placesOf = ({ store }: Shop, orderId: number): PlaceRow[] =>
  store.all<PlaceRow>('select * from place where order_id = ? order by id', orderId)
export const placeLinesOf = ({ store }: Shop, placeId: number): PlaceLineRow[] =>
  store.all<PlaceLineRow>('select * from place_line where place_id = ? order by id', placeId)

/** Units of a line that are still to be sent, and those that were. */
export function unitsOf({ store }: Shop, lineId: number): { readonly open: number; readonly shipped: number } {
  const open = store.one<{ n: number }>('select coalesce(sum(remaining), 0) as n from place_line where line_id = ?', lineId)?.n ?? 0
  const shipped = store.one<{ n: number }>('select coalesce(sum(quantity), 0) as n from parcel_line where line_id = ?', lineId)?.n ?? 0
  return { open, shipped }
}

/** A line of an order as it is named by its own id. */
export function lineThing(shop: Shop, line: LineRow): Thing {
  const { open, shipped } = unitsOf(shop, line.id)
  const gone = shop.store.one<{ n: number }>(
    "select coalesce(sum(quantity), 0) as n from refund_line where line_id = ? and restock <> 'CANCEL'",
    line.id,
  )
  return {
    ...{
      __typename: 'LineItem',
      id: gidOf('LineItem', line.id),
      unfulfilledQuantity: open,
      refundableQuantity: open + shipped - (gone?.n ?? 0),
    },
  }
}

const lineRef = (lineId: number): Thing => ({ __typename: 'LineItem', id: gidOf('LineItem', lineId) })
const locationRef = (id: string): Thing => ({ __typename: 'Location', id: gidOf('Location', id) })
const idOf = (row: { readonly id: number }): string => String(row.id)

export function placeThing(shop: Shop, place: PlaceRow): Thing {
  return {
    ...{ __typename: 'FulfillmentOrder', id: gidOf('FulfillmentOrder', place.id), status: place.status },
    fulfillBy: () => fulfillByOf(shop, place.order_id),
    assignedLocation: { __typename: 'FulfillmentOrderAssignedLocation', location: locationRef(place.location_id) },
    deliveryMethod: { __typename: 'DeliveryMethod', methodType: place.method },
    lineItems: (args: Args) =>
      connection(placeLinesOf(shop, place.id), args, idOf, row => ({
        ...{ __typename: 'FulfillmentOrderLineItem', id: gidOf('FulfillmentOrderLineItem', row.id) },
        ...{ remainingQuantity: row.remaining, lineItem: lineRef(row.line_id) },
      })),
  }
}

/** Only where the shop promises something. */
function fulfillByOf({ store }: Shop, orderId: number): string | null {
  const order = store.one<OrderRow>('select * from shop_order where id = ?', orderId)
  if (order === undefined) return null
  // Shopify tells instants to the second.
  return shipByOf(termsOf(order.terms), new Date(order.created))?.replace(/\.\d+Z$/, 'Z') ?? null
}

export function parcelThing(shop: Shop, parcel: ParcelRow): Thing {
  const { company, number, url } = parcel
  return {
    ...{ __typename: 'Fulfillment', id: gidOf('Fulfillment', parcel.id), status: 'SUCCESS', location: locationRef(parcel.location_id) },
    trackingInfo: () => (number === null && company === null ? [] : [{ __typename: 'FulfillmentTrackingInfo', company, number, url }]),
    fulfillmentLineItems: (args: Args) => {
      const rows = shop.store.all<PieceRow>('select id, line_id, quantity from parcel_line where parcel_id = ? order by id', parcel.id)
      return connection(rows, args, idOf, row => ({
        ...{
          __typename: 'FulfillmentLineItem',
          id: gidOf('FulfillmentLineItem', row.id),
          quantity: row.quantity,
          lineItem: lineRef(row.line_id),
        },
      }))
    },
  }
}

export function refundThing(shop: Shop, id: number): Thing {
  const note = shop.store.one<RefundRow>('select * from refund where id = ?', id)?.note ?? null
  return {
    ...{ __typename: 'Refund', id: gidOf('Refund', id), note, return: null },
    refundLineItems: (args: Args) => {
      const rows = shop.store.all<RefundLineRow>('select * from refund_line where refund_id = ? order by id', id)
      return connection(rows, args, idOf, row => ({
        ...{ __typename: 'RefundLineItem', quantity: row.quantity, restockType: row.restock },
        ...{ location: row.location_id === '' ? null : locationRef(row.location_id), lineItem: lineRef(row.line_id) },
      }))
    },
  }
}

const riskOf = (level: 'low' | 'high' | undefined): Thing => ({
  ...{ __typename: 'OrderRiskSummary', recommendation: level === undefined ? 'NONE' : level === 'high' ? 'CANCEL' : 'ACCEPT' },
})

export function orderThing(shop: Shop, row: OrderRow): Thing {
  const { store, options } = shop
  const currency = options.currency ?? 'EUR'
  const lines = linesOf(shop, row.id)
  const person = personShape.parse(JSON.parse(row.person))
  const bill = billOfOrder(shop, row)
  const terms = termsOf(row.terms)
  const money = (minor: number): Thing => moneyOf(bill.text(minor), currency)
  const priced = ({ discount, tax }: Charge): Thing => ({
    discountAllocations: discount === 0 ? [] : [{ __typename: 'DiscountAllocation', allocatedAmountSet: money(discount) }],
    taxLines: bill.percent === 0 ? [] : [{ __typename: 'TaxLine', priceSet: money(tax) }],
  })
  const parcels = (first: unknown): ParcelRow[] =>
    store.all<ParcelRow>('select * from parcel where order_id = ? order by id', row.id).slice(0, Number(first ?? 250))
  const refunds = (first: unknown): { id: number }[] =>
    store.all<{ id: number }>('select id from refund where order_id = ? order by id', row.id).slice(0, Number(first ?? 250))
  return {
    ...{ __typename: 'Order', id: gidOf('Order', row.id), name: `#${row.number}`, processedAt: row.created, updatedAt: row.updated },
    ...{ cancelledAt: row.cancelled, displayFulfillmentStatus: stateOf(shop, lines), currencyCode: currency, returnStatus: 'NO_RETURN' },
    ...{ customerLocale: terms.language ?? null, risk: riskOf(terms.risk) },
    ...{ email: person.email, phone: null, taxesIncluded: bill.taxIncluded },
    ...{ totalPriceSet: money(bill.total), totalReceivedSet: money(row.paid === 0 ? 0 : bill.total), totalTipReceivedSet: money(0) },
    ...{ originalTotalDutiesSet: null, originalTotalAdditionalFeesSet: null },
    shippingLines: (args: Args) =>
      connection(bill.shipping.price === 0 ? [] : [bill.shipping], args, String, way => ({
        ...{ __typename: 'ShippingLine', originalPriceSet: money(way.price), ...priced(way) },
      })),
    shippingAddress: {
      ...{ __typename: 'MailingAddress', name: person.name, company: null, address1: '1 Sample Street', address2: null, zip: '10115' },
      ...{ city: person.city, province: null, countryCodeV2: person.country, phone: null, latitude: 52.53, longitude: 13.38 },
    },
    lineItems: (args: Args) =>
      connection(lines, args, idOf, line => ({
        ...{ __typename: 'LineItem', id: gidOf('LineItem', line.id), sku: line.sku, title: line.title, quantity: line.quantity },
        ...{ unfulfilledQuantity: unitsOf(shop, line.id).open },
        variant: { __typename: 'ProductVariant', id: gidOf('ProductVariant', line.variant_id) },
        ...chargeFields(line, bill.lines[lines.indexOf(line)] ?? NO_CHARGE, money, priced),
      })),
    fulfillmentOrders: (args: Args) => connection(placesOf(shop, row.id), args, idOf, place => placeThing(shop, place)),
    fulfillments: ({ first }: Args) => parcels(first).map(parcel => parcelThing(shop, parcel)),
    refunds: ({ first }: Args) => refunds(first).map(({ id }) => refundThing(shop, id)),
    ...paymentFields(shop, row),
    returns: (args: Args) => connection([], args, String, () => ({})),
  }
}

function chargeFields(line: LineRow, charge: Charge, money: (minor: number) => Thing, priced: (charge: Charge) => Thing): Thing {
  const each = Math.round((charge.price - charge.discount) / line.quantity)
  return { discountedUnitPriceAfterAllDiscountsSet: money(each), originalTotalSet: money(charge.price), ...priced(charge) }
}

function stateOf(shop: Shop, lines: readonly LineRow[]): string {
  const units = lines.map(line => unitsOf(shop, line.id))
  const open = units.reduce((sum, one) => sum + one.open, 0)
  const shipped = units.reduce((sum, one) => sum + one.shipped, 0)
  if (shipped > 0) return open > 0 ? 'PARTIALLY_FULFILLED' : 'FULFILLED'
  return open > 0 ? 'UNFULFILLED' : 'RESTOCKED'
}

/** `orders`, as far as the hub asks: from a stamp on, oldest change first. */
export function orderList(shop: Shop, args: Args): Thing {
  const since = /^updated_at:>='([^']+)'$/.exec(String(args.query ?? ''))?.[1]
  const all = shop.store.all<OrderRow>('select * from shop_order where updated >= ? order by updated, id', since ?? '')
  const keyOf = (row: OrderRow): string => Buffer.from(`${row.updated} ${row.id}`).toString('base64url')
  // The cursor is a key: what moved to the end meanwhile is not behind it any more, and what follows it is found all the same.
  const [updated, id] = typeof args.after === 'string' ? Buffer.from(args.after, 'base64url').toString().split(' ') : []
  const rest = updated === undefined ? all : all.filter(row => row.updated > updated || (row.updated === updated && row.id > Number(id)))
  return connection(rest, { first: args.first }, keyOf, row => orderThing(shop, row))
}
