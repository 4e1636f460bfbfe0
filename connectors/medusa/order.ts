import type { ChannelOrder, ChannelOrderLine, OrderEffect, OrderPerson } from '../../src/values/channel-order.ts'
import type { ChannelAccess } from '../contract.ts'
import { lacksAddress } from '../no-address.ts'
import { withAmounts } from '../order-parts.ts'
import { amountsOf } from './amounts.ts'
import type { Line, Order } from './wire.ts'

/**
 * Medusa's states of fulfilment, told by the units of the lines, with `canceled`, and two of ours: `elsewhere` for an order that is sent from locations that are no
 * channel of the account, `removed` for one whose lines were all taken away. An unpaid order reserves: Medusa has reserved its units.
 */
export const ORDER_STATES: Readonly<Record<string, OrderEffect>> = {
  not_fulfilled: 'reserve',
  partially_fulfilled: 'reserve',
  fulfilled: 'reserve',
  partially_shipped: 'reserve',
  shipped: 'settle',
  canceled: 'cancel',
  removed: 'cancel',
  elsewhere: 'foreign',
}

/** An order with where its open lines are reserved, by line; a line that is not there has no reservation. */
export type PlacedOrder = { readonly order: Order; readonly reservedAt: ReadonlyMap<string, string> }

/** An order's part at one location: the order's own id in the account's first channel, with the location in the others. */
export function partId(orderId: string, channel: ChannelAccess, channels: readonly ChannelAccess[]): string {
  return channel === channels[0] ? orderId : `${orderId}@${channel.ref}`
}

/** Whose part an id means; null where it is no id of ours. */
export function partOf(
  externalId: string,
  channels: readonly ChannelAccess[],
): { readonly orderId: string; readonly channel: ChannelAccess } | null {
  const [orderId = '', ref] = externalId.split('@')
  const channel = ref === undefined ? channels[0] : channels.find(one => one.ref === ref)
  return channel && /^[\w-]{1,100}$/.test(orderId) ? { orderId, channel } : null
}

/** Units that are gone for good: handed to the carrier, or to the buyer himself. What is packed only may still be taken back. */
export const shippedOf = ({ detail }: Line): number => Math.max(detail.shipped_quantity, detail.delivered_quantity)

/** Units of one line by location: still to be sent, and sent. */
type Units = { readonly open: ReadonlyMap<string, number>; readonly shipped: ReadonlyMap<string, number> }

/**
 * The order as each channel's location has to do with it. Where a line is reserved it will be sent from; what is packed or sent tells its location itself. Units
 * without either (stock that is not managed) are the first channel's; those at locations that are no channel are somebody else's. A part without lines is told too:
 * its units were moved to another location.
 */
export function toChannelOrders(
  { order, reservedAt }: PlacedOrder,
  channels: readonly ChannelAccess[],
  pickUpOptions: readonly string[] = [],
): ChannelOrder[] {
  const isPickUp = order.shipping_methods?.some(one => pickUpOptions.includes(one.shipping_option_id ?? '')) === true
  const units = new Map(order.items.map(line => [line.id, unitsOf(order, line, reservedAt, channels)]))
  const at = (found: ReadonlyMap<string, number> | undefined, ref: string): number => found?.get(ref) ?? 0
  const mine = (line: Line, ref: string) => ({ open: at(units.get(line.id)?.open, ref), shipped: at(units.get(line.id)?.shipped, ref) })
  const others = channels.slice(1)
  const person = personOf(order)
  const parts = channels.map((channel, n): ChannelOrder => {
    const isMain = n === 0
    const lines = order.items.flatMap((line): ChannelOrderLine[] => {
      const { open, shipped } = mine(line, channel.ref)
      const theirs = others.reduce((sum, other) => sum + mine(line, other.ref).open + mine(line, other.ref).shipped, 0)
      // Units that were withdrawn are told where the order is told as a whole.
      const ordered = isMain ? Math.max(line.detail.quantity - theirs, open + shipped) : open + shipped
      if (ordered === 0 || (isMain && theirs > 0 && open + shipped === 0)) return []
      return [
        {
          ...{ externalLineId: line.id, listingRef: line.variant_id ?? null, sku: line.variant_sku ?? '', title: titleOf(line), ordered },
          ...{ cancelled: ordered - open - shipped, shipped, unitPrice: line.unit_price },
          // Medusa puts what is received back where the return says, which is not told here: it is the part's that sent it.
          ...(isPickUp ? { collectAt: channel.ref } : {}),
          returned: Math.min(shipped, isMain || theirs === shipped ? line.detail.return_received_quantity : 0),
        },
      ]
    })
    const effect = effectOf(order, lines, units)
    return {
      ...{ externalId: partId(order.id, channel, channels), number: String(order.display_id ?? order.id), channelRef: channel.ref },
      ...{ stamp: order.updated_at, placedAt: order.created_at, effect, platformState: stateOf(order, lines, effect) },
      ...{ currency: order.currency_code.toUpperCase(), total: order.total ?? null, lines, person },
      // Of payments it tells, but many shops capture when they ship; of risk it knows nothing.
      noAddress: lacksAddress(lines, person),
    }
  })
  const amounts = amountsOf(order)
  return amounts === null ? parts : withAmounts(amounts, parts)
}

/** Units that are to be sent from, or were sent from, each location. */
function unitsOf(order: Order, line: Line, reservedAt: ReadonlyMap<string, string>, channels: readonly ChannelAccess[]): Units {
  const open = new Map<string, number>()
  const shipped = new Map<string, number>()
  const add = (to: Map<string, number>, ref: string, count: number): void => {
    if (count > 0) to.set(ref, (to.get(ref) ?? 0) + count)
  }
  const main = channels[0]?.ref ?? ''
  const sent = shippedOf(line)
  const wanted = order.status === 'canceled' ? sent : Math.max(line.detail.quantity - line.detail.written_off_quantity, sent)
  let unsent = sent
  let unpacked = wanted - sent
  for (const parcel of order.fulfillments ?? []) {
    if (!parcel || parcel.canceled_at) continue
    const isSent = parcel.shipped_at != null || parcel.delivered_at != null
    const ref = parcel.location_id ?? main
    for (const piece of parcel.items?.filter(one => one.line_item_id === line.id) ?? []) {
      // A line of several inventory items has a piece for each: no more than the line's own units are counted.
      const count = Math.min(piece.quantity, isSent ? unsent : unpacked)
      if (isSent) unsent -= count
      else unpacked -= count
      add(isSent ? shipped : open, ref, count)
    }
  }
  const rest = reservedAt.get(line.id) ?? main
  add(shipped, main, unsent)
  add(open, rest, unpacked)
  return { open, shipped }
}

function effectOf(order: Order, lines: readonly ChannelOrderLine[], units: ReadonlyMap<string, Units>): OrderEffect {
  if (lines.some(line => line.ordered - line.cancelled - line.shipped > 0)) return 'reserve'
  if (lines.some(line => line.shipped > 0)) return 'settle'
  const isSentByOthers = [...units.values()].some(({ open, shipped }) => open.size + shipped.size > 0)
  return order.status !== 'canceled' && isSentByOthers ? 'foreign' : 'cancel'
}

/** In Medusa's words, by the units of this part. */
function stateOf(order: Order, lines: readonly ChannelOrderLine[], effect: OrderEffect): string {
  if (effect === 'foreign') return 'elsewhere'
  if (effect === 'cancel') return order.status === 'canceled' ? 'canceled' : 'removed'
  if (effect === 'settle') return 'shipped'
  if (lines.some(line => line.shipped > 0)) return 'partially_shipped'
  const packed = order.items.filter(line => lines.some(one => one.externalLineId === line.id))
  if (packed.every(line => line.detail.fulfilled_quantity >= line.detail.quantity)) return 'fulfilled'
  return packed.some(line => line.detail.fulfilled_quantity > 0) ? 'partially_fulfilled' : 'not_fulfilled'
}

function titleOf(line: Line): string {
  const product = line.product_title ?? line.title ?? ''
  const { variant_title: variant } = line
  return variant && !/^default( variant)?$/i.test(variant) ? `${product} - ${variant}` : product
}

function personOf({ email, locale, shipping_address: to }: Order): OrderPerson | null {
  const address = Object.fromEntries(
    Object.entries({
      ...{ company: to?.company, address_1: to?.address_1, address_2: to?.address_2, postcode: to?.postal_code },
      ...{ city: to?.city, state: to?.province, country: to?.country_code?.toUpperCase() },
    }).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  )
  const name = [to?.first_name, to?.last_name].filter(Boolean).join(' ')
  const told = {
    ...(name ? { name } : {}),
    ...(email ? { email } : {}),
    ...(to?.phone ? { phone: to.phone } : {}),
    ...(Object.keys(address).length > 0 ? { address } : {}),
    ...(locale ? { language: locale } : {}),
  }
  return Object.keys(told).length > 0 ? told : null
}
