import type { ChannelOrder, ChannelOrderLine, OrderEffect, OrderFlag, OrderPerson } from '../../src/values/channel-order.ts'
import type { ChannelAccess } from '../contract.ts'
import { lacksAddress } from '../no-address.ts'
import { withAmounts } from '../order-parts.ts'
import { amountsOf } from './amounts.ts'
import type { WholeOrder } from './order-read.ts'
import type { OrderHead } from './wire-order.ts'

/**
 * Shopify's fulfilment states, with two of ours: `CANCELLED` for a cancelled order, `ELSEWHERE` for one that is sent from locations that are no channel of the
 * account. An unpaid order reserves: Shopify has taken its units off the stock.
 */
export const ORDER_STATES: Readonly<Record<string, OrderEffect>> = {
  UNFULFILLED: 'reserve',
  OPEN: 'reserve',
  IN_PROGRESS: 'reserve',
  ON_HOLD: 'reserve',
  SCHEDULED: 'reserve',
  PENDING_FULFILLMENT: 'reserve',
  REQUEST_DECLINED: 'reserve',
  PARTIALLY_FULFILLED: 'reserve',
  FULFILLED: 'settle',
  FULFILLMENT_NOT_REQUIRED: 'settle',
  RESTOCKED: 'cancel',
  CANCELLED: 'cancel',
  ELSEWHERE: 'foreign',
}

/** Units of a fulfilment order in these states are still to be sent. */
const OPEN_PLACES: ReadonlySet<string> = new Set(['OPEN', 'IN_PROGRESS', 'SCHEDULED', 'ON_HOLD', 'INCOMPLETE'])
/** A fulfilment in these states sent nothing. */
const VOID_PARCELS: ReadonlySet<string> = new Set(['CANCELLED', 'ERROR', 'FAILURE'])

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
  return channel && /^\d{1,19}$/.test(orderId) ? { orderId, channel } : null
}

/** Units of one line by location: still to be sent, and sent. */
type Units = { readonly open: ReadonlyMap<string, number>; readonly shipped: ReadonlyMap<string, number> }

/**
 * The order as each channel's location has to do with it. Units whose location Shopify has not chosen yet are the first channel's; those at locations that are no
 * channel count as cancelled, because somebody else sends them. A part without lines is told too: its units were moved to another location.
 */
export function toChannelOrders(order: WholeOrder, channels: readonly ChannelAccess[]): ChannelOrder[] {
  const { head } = order
  const units = new Map(order.lines.map(line => [line.id, unitsOf(order, line.id, line.unfulfilledQuantity, channels)]))
  const at = (found: ReadonlyMap<string, number> | undefined, ref: string): number => found?.get(ref) ?? 0
  const concerns = (channel: ChannelAccess): boolean =>
    [...units.values()].some(({ open, shipped }) => at(open, channel.ref) + at(shipped, channel.ref) > 0)
  const others = channels.slice(1)
  const isElsewhere = others.some(concerns)
  const person = personOf(head)
  const parts = channels.map((channel, n): ChannelOrder => {
    const isMain = n === 0
    const lines = order.lines.flatMap((line): ChannelOrderLine[] => {
      const { open, shipped } = units.get(line.id) ?? { open: new Map(), shipped: new Map() }
      const mine = { open: at(open, channel.ref), shipped: at(shipped, channel.ref) }
      const theirs = isMain ? others.reduce((sum, other) => sum + at(open, other.ref) + at(shipped, other.ref), 0) : 0
      // Units that were withdrawn are told where the order is told as a whole.
      const ordered = isMain ? Math.max(line.quantity - theirs, mine.open + mine.shipped) : mine.open + mine.shipped
      if (ordered === 0 || (isMain && isElsewhere && mine.open + mine.shipped === 0)) return []
      return [
        {
          ...{ externalLineId: line.id, listingRef: line.variant?.id ?? null, sku: line.sku ?? '', title: line.title, ordered },
          ...{ cancelled: ordered - mine.open - mine.shipped, shipped: mine.shipped },
          returned: Math.min(mine.shipped, backAt(order, line.id, channel, isMain, channels)),
          unitPrice: line.discountedUnitPriceAfterAllDiscountsSet.shopMoney.amount,
          ...(isPickedUp(order, line.id, channel, isMain) ? { collectAt: channel.ref } : {}),
        },
      ]
    })
    const effect = effectOf(order, lines, isElsewhere)
    return {
      ...{ externalId: partId(head.id, channel, channels), number: head.name, channelRef: channel.ref },
      ...{ stamp: head.updatedAt, placedAt: head.processedAt, shipBy: shipByOf(order, channel, isMain), effect },
      platformState: effect === 'foreign' ? 'ELSEWHERE' : head.cancelledAt !== null ? 'CANCELLED' : head.displayFulfillmentStatus,
      ...{ currency: head.currencyCode, total: head.totalPriceSet.shopMoney.amount, lines, person },
      ...{ flags: flagsOf(head), noAddress: lacksAddress(lines, person) },
    }
  })
  return withAmounts(amountsOf(order), parts)
}

/** Units that are to be sent from, or were sent from, each location; what Shopify has not placed is the first channel's. */
function unitsOf(order: WholeOrder, lineId: string, unfulfilled: number, channels: readonly ChannelAccess[]): Units {
  const open = new Map<string, number>()
  const shipped = new Map<string, number>()
  const add = (to: Map<string, number>, ref: string, units: number): void => void to.set(ref, (to.get(ref) ?? 0) + units)
  const main = channels[0]?.ref ?? ''
  let placed = 0
  for (const place of order.places.filter(one => OPEN_PLACES.has(one.status)))
    for (const line of place.lines.filter(one => one.lineItem.id === lineId)) {
      placed += line.remainingQuantity
      add(open, place.assignedLocation.location?.id ?? main, line.remainingQuantity)
    }
  if (order.head.cancelledAt === null && order.places.length === 0 && unfulfilled > placed) add(open, main, unfulfilled - placed)
  for (const parcel of order.parcels.filter(one => !VOID_PARCELS.has(one.status)))
    for (const line of parcel.lines.filter(one => one.lineItem.id === lineId)) add(shipped, parcel.location?.id ?? main, line.quantity ?? 0)
  return { open, shipped }
}

/** Whether the buyer collects the line at the channel's location. */
function isPickedUp(order: WholeOrder, lineId: string, channel: ChannelAccess, isMain: boolean): boolean {
  return order.places.some(
    ({ deliveryMethod, assignedLocation, lines }) =>
      deliveryMethod?.methodType === 'PICK_UP' &&
      (assignedLocation.location === null ? isMain : assignedLocation.location.id === channel.ref) &&
      lines.some(one => one.lineItem.id === lineId),
  )
}

/** By when what is open at the channel's location is to be shipped: the first of its fulfilment orders. */
function shipByOf({ places }: WholeOrder, channel: ChannelAccess, isMain: boolean): string | null {
  const mine = places.filter(
    ({ status, assignedLocation: { location } }) => OPEN_PLACES.has(status) && (location === null ? isMain : location.id === channel.ref),
  )
  return mine.flatMap(place => place.fulfillBy ?? []).sort()[0] ?? null
}

/** Units that came back: each to the channel of the location that took them, or to the first where that is none of ours. */
function backAt(order: WholeOrder, lineId: string, channel: ChannelAccess, isMain: boolean, channels: readonly ChannelAccess[]): number {
  const isOurs = (ref: string | null): boolean => channels.some(one => one.ref === ref)
  return order.back
    .filter(one => one.lineId === lineId && (one.locationId === channel.ref || (isMain && !isOurs(one.locationId))))
    .reduce((sum, one) => sum + one.quantity, 0)
}

function effectOf(
  { head, lines: all, places, parcels }: WholeOrder,
  lines: readonly ChannelOrderLine[],
  isElsewhere: boolean,
): OrderEffect {
  const open = lines.reduce((sum, line) => sum + line.ordered - line.cancelled - line.shipped, 0)
  const shipped = lines.reduce((sum, line) => sum + line.shipped, 0)
  if (open > 0) return 'reserve'
  if (shipped > 0) return 'settle'
  if (lines.length === 0 && isElsewhere) return 'foreign'
  const isSentByOthers =
    places.some(one => OPEN_PLACES.has(one.status) && one.lines.some(line => line.remainingQuantity > 0)) ||
    parcels.some(one => !VOID_PARCELS.has(one.status))
  if (head.cancelledAt === null && isSentByOthers) return 'foreign'
  // Nothing in it was ever to be sent, such as a tip.
  return head.cancelledAt === null && all.length === 0 ? 'foreign' : 'cancel'
}

/** What Shopify's look at the risk advises. An order without payment is none: of invoices and cash on delivery nothing is paid before it leaves. */
function flagsOf({ risk }: OrderHead): readonly OrderFlag[] {
  const advice = risk?.recommendation ?? ''
  return ['CANCEL', 'INVESTIGATE'].includes(advice) ? [{ kind: 'fraud', reason: advice }] : []
}

function personOf({ email, phone, customerLocale, shippingAddress: to }: OrderHead): OrderPerson | null {
  const address = Object.fromEntries(
    Object.entries({
      ...{ company: to?.company, address_1: to?.address1, address_2: to?.address2, postcode: to?.zip },
      ...{ city: to?.city, state: to?.province, country: to?.countryCodeV2 },
      ...{ latitude: to?.latitude?.toString(), longitude: to?.longitude?.toString() },
    }).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== ''),
  )
  const reached = phone ?? to?.phone
  if (!to?.name && !email && Object.keys(address).length === 0) return null
  return {
    ...(to?.name ? { name: to.name } : {}),
    ...(email ? { email } : {}),
    ...(reached ? { phone: reached } : {}),
    ...(customerLocale ? { language: customerLocale } : {}),
    ...(Object.keys(address).length > 0 ? { address } : {}),
  }
}
