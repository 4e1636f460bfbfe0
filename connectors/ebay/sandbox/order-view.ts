import { Decimal } from 'decimal.js'
import { z } from 'zod'
import { amount } from '../../../src/values/money.ts'
import { NO_CHARGE, shareCharge } from '../../../src/values/order-amounts.ts'
import { type Bill, billOf, shipByOf, termsOf } from '../../sandbox-bill.ts'
import { linesOf } from './shop.ts'
import type { LineRow, OrderRow, ParcelRow, RefundRow, World } from './world.ts'

const personShape = z.object({ name: z.string(), email: z.string(), city: z.string(), country: z.string() }).nullable()

/** What a seller has stated that he needs. */
const HANDLING_HOURS = 48

const instant = (ms: number): string => new Date(ms).toISOString()

/** An order as Sell Fulfillment shows it. */
export function orderView(world: World, order: OrderRow): object {
  const lines = linesOf(world, order.id)
  const { currency } = world.options.marketplace
  const money = (value: Decimal | string): object => ({ value: amount(value, currency), currency })
  const bill = billOfOrder(world, order)
  const { goods, shipping } = bill
  const minor = (value: number): object => ({ value: bill.text(value), currency })
  const refunded = lines.reduce((sum, line) => sum.plus(new Decimal(line.unit_price).times(line.refunded)), new Decimal(0))
  const parcels = parcelsOf(world, order.id)
  const issued = refundsOf(world, order.id).map(one => ({
    lineId: one.line_id,
    view: {
      refundId: one.id,
      amount: money(new Decimal(one.cents).dividedBy(100)),
      ...(one.done_ms === null ? {} : { refundDate: instant(one.done_ms) }),
      refundStatus: one.done_ms === null ? 'PENDING' : 'REFUNDED',
    },
  }))
  return {
    orderId: order.id,
    creationDate: instant(order.created_ms),
    lastModifiedDate: instant(order.updated_ms),
    orderFulfillmentStatus: shippingOf(lines),
    orderPaymentStatus: order.payment,
    sellerId: 'sandbox_seller',
    buyer: { username: buyerOf(order) },
    pricingSummary: {
      ...{ priceSubtotal: minor(goods.price), deliveryCost: minor(shipping.price), total: minor(bill.total) },
      ...(goods.discount === 0 ? {} : { priceDiscount: minor(-goods.discount) }),
      ...(shipping.discount === 0 ? {} : { deliveryDiscount: minor(-shipping.discount) }),
      // What is in the prices is not told.
      ...(bill.percent === 0 || bill.taxIncluded ? {} : { tax: minor(goods.tax + shipping.tax) }),
    },
    cancelStatus: {
      cancelState: order.cancel,
      cancelRequests: [],
      ...(order.cancelled_ms === null ? {} : { cancelledDate: instant(order.cancelled_ms) }),
    },
    paymentSummary: {
      totalDueSeller: minor(bill.total),
      payments: [],
      refunds: [
        ...(JSON.parse(order.refunds) as string[]).map(refundDate => ({ refundDate, amount: money(refunded), refundStatus: 'REFUNDED' })),
        ...issued.filter(one => one.lineId === '').map(one => one.view),
      ],
    },
    fulfillmentStartInstructions: [startOf(order)],
    fulfillmentHrefs: parcels.map(one => `https://api.ebay.com/sell/fulfillment/v1/order/${one.id.replace('/', '/shipping_fulfillment/')}`),
    lineItems: lines.map((line, n) => ({
      lineItemId: line.id,
      legacyItemId: line.listing_id,
      sku: line.sku,
      title: line.title,
      quantity: line.quantity,
      soldFormat: 'FIXED_PRICE',
      listingMarketplaceId: world.options.marketplace.id,
      purchaseMarketplaceId: world.options.marketplace.id,
      lineItemCost: money(new Decimal(line.unit_price).times(line.quantity)),
      ...discountedOf(bill, n, minor),
      lineItemFulfillmentStatus: shippingOf([line]),
      lineItemFulfillmentInstructions: {
        shipByDate: shipByOf(termsOf(order.terms), new Date(order.created_ms), HANDLING_HOURS),
        guaranteedDelivery: false,
      },
      refunds: [
        ...(line.refunded === 0
          ? []
          : [{ refundDate: instant(order.updated_ms), amount: money(new Decimal(line.unit_price).times(line.refunded)) }]),
        // A line's refund does not tell its state, only its date once it is done.
        ...issued.filter(one => one.lineId === line.id).map(({ view: { refundStatus: _state, ...view } }) => view),
      ],
      taxes: bill.percent === 0 || bill.taxIncluded ? [] : [{ amount: minor(bill.lines[n]?.tax ?? 0) }],
    })),
  }
}

/** What a line comes to with its share of the delivery, and what it costs after discounts, where there are any. */
function discountedOf({ lines, shipping, taxIncluded }: Bill, n: number, minor: (value: number) => object): object {
  const ways = shareCharge(
    shipping,
    lines.map(line => line.price),
    taxIncluded,
  )
  const line = lines[n] ?? NO_CHARGE
  return {
    total: minor(line.total + (ways[n]?.total ?? 0)),
    ...(line.discount === 0 ? {} : { discountedLineItemCost: minor(line.price - line.discount) }),
  }
}

/** What the order costs. */
export function billOfOrder(world: World, order: OrderRow): Bill {
  const lines = linesOf(world, order.id).map(line => ({ quantity: line.quantity, price: line.unit_price }))
  return billOf(termsOf(order.terms), lines, world.options.marketplace.currency)
}

/** Who bought, by eBay's name of him. */
export function buyerOf(order: OrderRow): string {
  const person = personShape.parse(JSON.parse(order.person))
  return person === null ? 'sandbox_buyer' : person.name.toLowerCase().replace(/\W+/g, '_')
}

function startOf(order: OrderRow): object {
  if (order.is_foreign === 1) return { fulfillmentInstructionsType: 'FULFILLED_BY_EBAY', shippingStep: {} }
  const person = personShape.parse(JSON.parse(order.person))
  const to = person && { fullName: person.name, email: person.email, contactAddress: { city: person.city, countryCode: person.country } }
  return { fulfillmentInstructionsType: 'SHIP_TO', shippingStep: { shippingCarrierCode: 'DHL', ...(to ? { shipTo: to } : {}) } }
}

function shippingOf(lines: readonly LineRow[]): 'NOT_STARTED' | 'IN_PROGRESS' | 'FULFILLED' {
  if (lines.every(line => line.shipped === line.quantity)) return 'FULFILLED'
  return lines.some(line => line.shipped > 0) ? 'IN_PROGRESS' : 'NOT_STARTED'
}

export function refundsOf({ store }: World, orderId: string): RefundRow[] {
  return store.all<RefundRow>('select * from refund where order_id = ? order by id', orderId)
}

export function parcelsOf({ store }: World, orderId: string): ParcelRow[] {
  return store.all<ParcelRow>('select * from parcel where order_id = ? order by id', orderId)
}

/** A parcel as Sell Fulfillment shows it. */
export function parcelView(row: ParcelRow): object {
  return {
    fulfillmentId: row.id.split('/').at(-1),
    ...(row.tracking === '' ? {} : { shipmentTrackingNumber: row.tracking, shippingCarrierCode: row.carrier }),
    shippedDate: row.shipped_at,
    lineItems: JSON.parse(row.items) as unknown,
  }
}
