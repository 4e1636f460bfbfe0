import { z } from 'zod'
import type { ChannelOrder, ChannelOrderLine, OrderPerson } from '../../src/values/channel-order.ts'
import { parseDecimal, unitPrice } from '../../src/values/money.ts'
import type { ChannelAccess, Unreadable } from '../contract.ts'
import { languageOfCountry } from '../marketplace-language.ts'
import { lacksAddress } from '../no-address.ts'
import { amountsOf } from './amounts.ts'
import { flagsOf, isOver, type OrderState, orderStates, stateOf } from './order-states.ts'
import { type Fulfillments, type Order, orderShape } from './wire.ts'

type Line = Order['lineItems'][number]

export type Parsed = { readonly order: Order } | { readonly unreadable: Unreadable }

/** The order of a JSON value, or why it cannot be read. */
export function parseOrder(raw: unknown): Parsed {
  const parsed = orderShape.safeParse(raw)
  if (parsed.success) return { order: parsed.data }
  const id = z.looseObject({ orderId: z.string() }).safeParse(raw).data?.orderId ?? null
  return {
    unreadable: {
      externalId: id,
      reason: `eBay order ${id ?? 'without id'}: ${z.prettifyError(parsed.error)}`,
      raw: JSON.stringify(raw) ?? '',
    },
  }
}

/** Whether the order's own text does not tell how many units have left: only its parcels do. */
export function needsParcels(order: Order): boolean {
  const isOpen = order.orderFulfillmentStatus !== 'FULFILLED'
  return isOpen && (order.orderFulfillmentStatus === 'IN_PROGRESS' || (order.fulfillmentHrefs ?? []).length > 0)
}

/** The order in our words, or why that cannot be done. `parcels`: its shipping fulfilments, where they are needed. */
export function toChannelOrder(order: Order, parcels: Fulfillments, channels: readonly ChannelAccess[]): ChannelOrder | Unreadable {
  const unreadable = (reason: string): Unreadable => ({ externalId: order.orderId, reason, raw: JSON.stringify(order) })
  const marketplace = order.lineItems[0]?.listingMarketplaceId
  const channel = channels.find(one => one.ref === marketplace)
  if (!channel)
    return unreadable(
      `eBay order ${order.orderId} was placed on ${marketplace ?? 'an unknown marketplace'}, for which this account has no channel: add that marketplace, then replay the order.`,
    )
  const nameless = order.lineItems.find(line => !line.sku)
  if (nameless)
    return unreadable(
      `eBay order ${order.orderId}: line ${nameless.lineItemId} has no SKU. Give its listing one at eBay, then replay the order.`,
    )
  const shipped = new Map(order.lineItems.map(line => [line.lineItemId, shippedOf(line, order, parcels)]))
  const state = stateOf(
    order,
    [...shipped.values()].some(units => units > 0),
  )
  const currency = order.pricingSummary?.total?.currency ?? channel.currency
  const lines = order.lineItems.map(line => lineOf(line, shipped.get(line.lineItemId) ?? 0, state, currency))
  const person = personOf(order)
  return {
    externalId: order.orderId,
    number: order.orderId,
    channelRef: channel.ref,
    stamp: new Date(order.lastModifiedDate).toISOString(),
    placedAt: new Date(order.creationDate).toISOString(),
    shipBy: shipByOf(order),
    effect: orderStates[state],
    platformState: state,
    currency,
    total: order.pricingSummary?.total?.value ?? null,
    ...amountsOf(order),
    flags: flagsOf(order),
    noAddress: lacksAddress(lines, person),
    lines,
    person,
  }
}

/** Of lines that are to be shipped at different times, the first of those that have not left. */
function shipByOf({ lineItems }: Order): string | null {
  const open = lineItems.filter(line => line.lineItemFulfillmentStatus !== 'FULFILLED')
  const all = open.flatMap(line => line.lineItemFulfillmentInstructions?.shipByDate ?? []).map(text => new Date(text).toISOString())
  return all.sort()[0] ?? null
}

function shippedOf(line: Line, order: Order, parcels: Fulfillments): number {
  if (order.orderFulfillmentStatus === 'FULFILLED' || line.lineItemFulfillmentStatus === 'FULFILLED') return line.quantity
  // A parcel without a number of units holds one, by eBay's default.
  const units = parcels.flatMap(parcel => parcel.lineItems.flatMap(one => (one.lineItemId === line.lineItemId ? [one.quantity ?? 1] : [])))
  return Math.min(
    line.quantity,
    units.reduce((sum, one) => sum + one, 0),
  )
}

function lineOf(line: Line, shipped: number, state: OrderState, currency: string): ChannelOrderLine {
  const cost = line.discountedLineItemCost ?? line.lineItemCost
  const each = cost ? parseDecimal(cost.value)?.div(line.quantity) : undefined
  return {
    externalLineId: line.lineItemId,
    // An order names eBay's item, not the offer: the SKU says which listing it was sold through.
    listingRef: null,
    sku: line.sku ?? '',
    title: line.title ?? line.sku ?? '',
    ordered: line.quantity,
    cancelled: isOver(state) ? line.quantity - shipped : 0,
    shipped,
    // eBay tells of money that went back, never of goods.
    returned: 0,
    unitPrice: each ? unitPrice(each, currency) : null,
  }
}

function personOf(order: Order): OrderPerson | null {
  const shipTo = order.fulfillmentStartInstructions?.find(one => one.shippingStep?.shipTo)?.shippingStep?.shipTo
  const address: Record<string, string> = {}
  for (const [field, value] of Object.entries(shipTo?.contactAddress ?? {})) if (typeof value === 'string' && value) address[field] = value
  const phone = shipTo?.primaryPhone?.phoneNumber
  const account = order.buyer?.username
  const person: OrderPerson = {
    ...(shipTo?.fullName ? { name: shipTo.fullName } : {}),
    ...(shipTo?.email ? { email: shipTo.email } : {}),
    ...(phone ? { phone } : {}),
    ...(Object.keys(address).length > 0 ? { address } : {}),
    ...(account ? { account } : {}),
  }
  // EBAY_DE is the marketplace of Germany; where the buyer bought may be another one than where it is listed.
  const [{ purchaseMarketplaceId, listingMarketplaceId } = {}] = order.lineItems
  const country = (purchaseMarketplaceId ?? listingMarketplaceId)?.match(/^EBAY_([A-Z]{2})/)?.[1]
  return Object.keys(person).length > 0 ? { ...person, ...languageOfCountry(country) } : null
}
