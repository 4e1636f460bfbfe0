import type { ActCause } from '../../src/values/act-cause.ts'
import { AccountTrouble, type Act, type ActOutcome, type ChannelAccess } from '../contract.ts'
import { gid } from './access.ts'
import type { Client } from './client.ts'
import { cancelOrder, deliveries, fulfil, prepared } from './operations.ts'
import { partOf } from './order.ts'
import { readOrders, type WholeOrder } from './order-read.ts'
import { isPaidBack, refund, withdraw } from './refund.ts'
import { cancelShape, deliveriesShape, fulfilShape, preparedShape } from './wire.ts'

/** Fulfilment orders that may be sent from as they are; one on hold, or planned for later, is released by a person. */
const READY: ReadonlySet<string> = new Set(['OPEN', 'IN_PROGRESS', 'INCOMPLETE'])
const VOID: ReadonlySet<string> = new Set(['CANCELLED', 'ERROR', 'FAILURE'])
/** Shopify takes no longer list of one fulfilment order. */
const LINES_MAX = 512

export type Acting = { readonly client: Client; readonly channels: readonly ChannelAccess[]; readonly notifyBuyers: boolean }

/** Carries out an act. Each looks before it writes, and writes in one call, so that an act whose answer was lost can be told by reading. */
export async function act(acting: Acting, wanted: Act): Promise<ActOutcome> {
  const part = partOf(wanted.externalOrderId, acting.channels)
  const order = part && (await orderOf(acting.client, part.orderId))
  if (!part || !order)
    return refused('order_not_found', `Shopify shows no order ${wanted.externalOrderId} (orders of more than 60 days need read_all_orders)`)
  if ('reason' in order) return refused('order_unreadable', `order ${wanted.externalOrderId}: ${order.reason}`)
  try {
    if (wanted.kind === 'ship') return await ship(acting, order, part.channel.ref, wanted)
    if (wanted.kind === 'cancel') return await cancel(acting, order, part.channel.ref, wanted)
    if (wanted.kind === 'refund') return await refund(acting, order, wanted)
    if (wanted.kind === 'ready') return await ready(acting, order, part.channel.ref)
    return refused('not_offered', `order ${order.head.name}: Shopify knows no acknowledgement`)
  } catch (error) {
    if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/**
 * Whether the order shows that the act took effect. A cancelled order is cancelled, whoever did it. That it is ready to be picked up Shopify does not show; telling it
 * again is answered with what it was told before.
 */
export async function actHappened({ client, channels }: Acting, wanted: Act): Promise<boolean> {
  const part = partOf(wanted.externalOrderId, channels)
  const order = part && (await orderOf(client, part.orderId))
  if (!part || !order || 'reason' in order) return false
  if (wanted.kind === 'cancel') return order.head.cancelledAt !== null || (await isPaidBack(client, order, wanted))
  if (wanted.kind === 'refund') return isPaidBack(client, order, wanted)
  return wanted.kind === 'ship' && isSent(order, part.channel.ref, wanted)
}

async function orderOf(client: Client, id: string): Promise<Awaited<ReturnType<typeof readOrders>>[number] | null> {
  return (await readOrders(client, [id]))[0] ?? null
}

/** A parcel with this number and just these units. Of two alike without a number nobody can tell which is whose: then one counts for both. */
function isSent(order: WholeOrder, location: string, wanted: Act): boolean {
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  return order.parcels.some(parcel => {
    const numbers = parcel.trackingInfo.flatMap(one => one.number || [])
    const isNumber = wanted.tracking ? numbers.includes(wanted.tracking.number) : numbers.length === 0
    const isHere = (parcel.location?.id ?? location) === location
    if (VOID.has(parcel.status) || !isNumber || !isHere || parcel.lines.length !== units.size) return false
    return parcel.lines.every(line => units.get(line.lineItem.id) === line.quantity)
  })
}

/** Not the order is shipped but its fulfilment orders: those at the channel's own location, one parcel for all of them. */
async function ship({ client, notifyBuyers }: Acting, order: WholeOrder, location: string, wanted: Act): Promise<ActOutcome> {
  const { name, cancelledAt } = order.head
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${name} at Shopify: ${words}`)
  if (isSent(order, location, wanted)) return { status: 'confirmed' }
  if (cancelledAt !== null) return no('order_cancelled', 'it is cancelled and cannot be shipped')
  const taken = new Map<string, { id: string; quantity: number }[]>()
  for (const { externalLineId, quantity } of wanted.lines) {
    if (!order.lines.some(line => line.id === externalLineId)) return no('unknown_line', `there is no line ${externalLineId}`)
    let missing = quantity
    for (const place of order.places.filter(one => READY.has(one.status) && one.assignedLocation.location?.id === location))
      for (const line of place.lines.filter(one => one.lineItem.id === externalLineId)) {
        const units = Math.min(missing, line.remainingQuantity)
        if (units === 0) continue
        missing -= units
        const list = taken.get(place.id)
        if (list) list.push({ id: line.id, quantity: units })
        else taken.set(place.id, [{ id: line.id, quantity: units }])
      }
    if (missing > 0)
      return no(
        'not_open',
        `${quantity} units of line ${externalLineId} are to be shipped, ${missing} of them are not open at location ${location}: ${whereFrom(order, externalLineId)}`,
      )
  }
  const lineItemsByFulfillmentOrder = [...taken].flatMap(([fulfillmentOrderId, items]) =>
    Array.from({ length: Math.ceil(items.length / LINES_MAX) }, (_, n) => ({
      ...{ fulfillmentOrderId, fulfillmentOrderLineItems: items.slice(n * LINES_MAX, (n + 1) * LINES_MAX) },
    })),
  )
  const { tracking } = wanted
  const trackingInfo = tracking
    ? { company: tracking.carrier, number: tracking.number, ...(tracking.url ? { url: tracking.url } : {}) }
    : null
  const fulfillment = { lineItemsByFulfillmentOrder, notifyCustomer: notifyBuyers, ...(trackingInfo ? { trackingInfo } : {}) }
  const { fulfillmentCreate: answer } = await client.ask(fulfil, { fulfillment }, fulfilShape)
  const [error] = answer.userErrors
  if (error) return no(error.code ?? 'refused', error.message)
  if (answer.fulfillment?.status === 'SUCCESS') return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${name} at Shopify: the answer shows no fulfilment` }
}

/** Where the units of a line are, for the person who has to act. */
function whereFrom(order: WholeOrder, lineId: string): string {
  const found = order.places.flatMap(place => {
    const units = place.lines.filter(one => one.lineItem.id === lineId).reduce((sum, one) => sum + one.remainingQuantity, 0)
    return units === 0 ? [] : [`${units} at location ${place.assignedLocation.location?.id ?? 'unknown'} (${place.status.toLowerCase()})`]
  })
  return found.length === 0 ? 'they were shipped or withdrawn' : found.join(', ')
}

/** Tells the buyer by the fulfilment orders that are picked up at the channel's own location. */
async function ready({ client }: Acting, order: WholeOrder, location: string): Promise<ActOutcome> {
  const { id, name } = order.head
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${name} at Shopify: ${words}`)
  const { order: found } = await client.ask(deliveries, { id: gid('Order', id) }, deliveriesShape)
  const here = (found?.fulfillmentOrders.nodes ?? []).filter(
    one => READY.has(one.status) && one.assignedLocation.location?.id === location && one.deliveryMethod?.methodType === 'PICK_UP',
  )
  if (here.length === 0) return no('not_picked_up', `nothing of it is open to be picked up at location ${location}`)
  const input = { lineItemsByFulfillmentOrder: here.map(one => ({ fulfillmentOrderId: one.id })) }
  const { fulfillmentOrderLineItemsPreparedForPickup: answer } = await client.ask(prepared, { input }, preparedShape)
  const [error] = answer.userErrors
  // Nothing is left to be told ready: it was told before.
  if (!error || error.code === 'NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER') return { status: 'confirmed' }
  return no(error.code ?? 'refused', error.message)
}

/** What is whole and of which nothing has left is cancelled, and what was paid goes back the way it came; of the rest, units are withdrawn. */
async function cancel({ client, notifyBuyers }: Acting, order: WholeOrder, location: string, wanted: Act): Promise<ActOutcome> {
  const { id, name, cancelledAt } = order.head
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${name} at Shopify: ${words}`)
  if (cancelledAt !== null) return { status: 'confirmed' }
  // Units that this very act has withdrawn are not open any more: without them the rest would look like the whole.
  if (order.head.refunds.length > 0 && (await isPaidBack(client, order, wanted))) return { status: 'confirmed' }
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  const isPart = order.lines.some(line => (units.get(line.id) ?? 0) < line.unfulfilledQuantity)
  if (isPart || order.parcels.some(parcel => !VOID.has(parcel.status))) return withdraw({ client, notifyBuyers }, order, location, wanted)
  const variables = {
    id: gid('Order', id),
    reason: wanted.cause ? CAUSES[wanted.cause] : 'OTHER',
    note: wanted.reason?.slice(0, 255) ?? null,
    notify: notifyBuyers,
  }
  const { orderCancel: answer } = await client.ask(cancelOrder, variables, cancelShape)
  const [error] = answer.orderCancelUserErrors
  if (error) return no(error.code ?? 'refused', error.message)
  // Shopify cancels in a job of its own.
  if (answer.job?.done) return { status: 'confirmed' }
  const after = await orderOf(client, id)
  if (after && !('reason' in after) && after.head.cancelledAt !== null) return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${name} at Shopify: the cancellation is under way` }
}

/** Shopify's six reasons; the words themselves go into the order's note for the staff. */
const CAUSES: Readonly<Record<ActCause, string>> = {
  customer: 'CUSTOMER',
  stock: 'INVENTORY',
  undeliverable: 'OTHER',
  price: 'STAFF',
  fraud: 'FRAUD',
  other: 'OTHER',
  returned: 'OTHER',
  lost: 'OTHER',
  faulty: 'INVENTORY',
}

const refused = (code: string, words: string): ActOutcome => ({ status: 'refused', code, words })
