import { z } from 'zod'
import type { ChannelOrder, ChannelOrderLine, OrderEffect, OrderPerson } from '../../src/values/channel-order.ts'
import type { ChannelAccess, Unreadable } from '../contract.ts'
import { lacksAddress } from '../no-address.ts'
import { channelOf } from './access.ts'
import { fromMinor } from './amounts.ts'
import type { Facts } from './facts.ts'
import { orderAmountsOf } from './order-amounts.ts'
import { orderShape, type WireFulfilment, type WireLine, type WireOrder } from './wire.ts'

/** Vendure's order states. What was placed is ours to fill, also while somebody changes it; who ships and what is cancelled is told by units. */
export const ORDER_STATES: Readonly<Record<string, OrderEffect>> = {
  ...{ Created: 'ignore', Draft: 'ignore', AddingItems: 'ignore', ArrangingPayment: 'ignore' },
  ...{ PaymentAuthorized: 'reserve', PaymentSettled: 'reserve', Modifying: 'reserve', ArrangingAdditionalPayment: 'reserve' },
  ...{ PartiallyShipped: 'reserve', PartiallyDelivered: 'reserve', Shipped: 'settle', Delivered: 'settle', Cancelled: 'cancel' },
  // Of several sellers: each seller's part is an order of its own.
  Aggregate: 'ignore',
}

/** States in which a fulfilment has left. */
const LEFT: ReadonlySet<string> = new Set(['Shipped', 'Delivered'])

export const hasLeft = ({ state }: WireFulfilment): boolean => LEFT.has(state)

/** Units of a line in fulfilments that stand. */
export function fulfilledOf({ fulfillments }: WireOrder, lineId: string, which: (one: WireFulfilment) => boolean): number {
  return (fulfillments ?? [])
    .filter(which)
    .flatMap(one => one.lines)
    .reduce((sum, piece) => sum + (piece.orderLineId === lineId ? piece.quantity : 0), 0)
}

/** An order in our words, or why it cannot be. */
export function toChannelOrder(
  node: { readonly id: string },
  channels: readonly ChannelAccess[],
  facts: Pick<Facts, 'precision' | 'pricesIncludeTax'>,
  pickUpMethods: Readonly<Record<string, string>> = {},
): ChannelOrder | Unreadable {
  const read = orderShape.safeParse(node)
  if (!read.success) return { externalId: node.id, reason: z.prettifyError(read.error), raw: JSON.stringify(node) }
  const order = read.data
  const { precision } = facts
  const place = order.shippingLines.map(one => pickUpMethods[one.shippingMethod.code]).find(one => one !== undefined)
  const pickUp = place === undefined ? {} : { collectAt: place }
  const lines = order.lines.map(line => ({ ...lineOf(order, line, precision), ...pickUp }))
  const isWhole = lines.every(line => line.cancelled + line.returned === 0)
  const amounts = orderAmountsOf(order, isWhole, facts)
  const isAggregate = order.type === 'Aggregate'
  const person = personOf(order)
  return {
    ...{ externalId: order.id, number: order.code, currency: order.currencyCode },
    // An order in a currency that is no channel of the account is told under the currency, so that somebody learns of it.
    channelRef: channelOf(channels, order.currencyCode)?.ref ?? order.currencyCode,
    stamp: stampOf(order),
    placedAt: order.orderPlacedAt ?? order.updatedAt,
    effect: isAggregate ? 'ignore' : effectOf(order, lines),
    platformState: isAggregate ? 'Aggregate' : order.state,
    total: fromMinor(order.totalWithTax, precision, order.currencyCode),
    ...(amounts === null ? {} : { amounts }),
    // A placed order is paid or authorized, so there is nothing to flag; neither does Vendure tell of risk, nor of the language.
    noAddress: lacksAddress(lines, person),
    lines,
    person,
  }
}

/** Changes of state do not move an order's own stamp (it is written back with what it was), so the newest of all its parts counts. */
export function stampOf(order: WireOrder): string {
  const parts = [...order.lines, ...(order.fulfillments ?? []), ...(order.payments ?? [])].map(one => one.updatedAt)
  return [order.updatedAt, order.orderPlacedAt ?? '', ...parts].reduce((latest, one) => (one > latest ? one : latest))
}

/** Placed orders count by their units, so that a state of the shop's own making is understood, too. */
function effectOf({ state, orderPlacedAt }: WireOrder, lines: readonly ChannelOrderLine[]): OrderEffect {
  if (orderPlacedAt === null) return state === 'Cancelled' ? 'cancel' : 'ignore'
  if (lines.some(line => line.ordered - line.cancelled - line.shipped > 0)) return 'reserve'
  return lines.some(line => line.shipped > 0) ? 'settle' : 'cancel'
}

/**
 * The units of a line. What was ordered is what was placed and what was added since; `quantity` is what is left of it. Units that had left and are taken off the
 * line are back: Vendure puts them into its stock again.
 */
function lineOf(order: WireOrder, line: WireLine, precision: number): ChannelOrderLine {
  const added = order.modifications
    .flatMap(one => one.lines)
    .reduce((sum, piece) => sum + (piece.orderLineId === line.id ? Math.max(0, piece.quantity) : 0), 0)
  const shipped = fulfilledOf(order, line.id, hasLeft)
  const returned = Math.max(0, shipped - line.quantity)
  const ordered = Math.max(line.orderPlacedQuantity + added, line.quantity + returned)
  return {
    ...{ externalLineId: line.id, listingRef: line.productVariant.id, sku: line.productVariant.sku, title: line.productVariant.name },
    ...{ ordered, cancelled: ordered - line.quantity - returned, shipped, returned },
    unitPrice: fromMinor(line.proratedUnitPriceWithTax, precision, order.currencyCode),
  }
}

function personOf({ customer, shippingAddress: to }: WireOrder): OrderPerson | null {
  const name = to?.fullName || [customer?.firstName, customer?.lastName].filter(Boolean).join(' ')
  const phone = to?.phoneNumber || customer?.phoneNumber
  const address = Object.fromEntries(
    Object.entries({
      ...{ company: to?.company, address_1: to?.streetLine1, address_2: to?.streetLine2, postcode: to?.postalCode },
      ...{ city: to?.city, state: to?.province, country: to?.countryCode },
    }).flatMap(([key, value]) => (value ? [[key, value] as const] : [])),
  )
  if (!customer && !to) return null
  return {
    ...(name ? { name } : {}),
    ...(customer?.emailAddress ? { email: customer.emailAddress } : {}),
    ...(phone ? { phone } : {}),
    ...(Object.keys(address).length > 0 ? { address } : {}),
  }
}
