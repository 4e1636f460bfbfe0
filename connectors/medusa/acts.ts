import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import { type Acting, nameOf, readAgain, refused } from './acting.ts'
import { partOf, shippedOf } from './order.ts'
import { ORDER_FIELDS, rawOrder } from './orders.ts'
import { isRefunded, refund } from './refund.ts'
import { isReady, isSent, ready, ship } from './ship.ts'
import { type Order, oneOrderShape } from './wire.ts'

/**
 * Does something with an order. Each step looks before it writes, and what it makes carries the act's key; so an act that was cut short anywhere can be told by reading,
 * and asking for it again completes it rather than repeating it.
 */
export async function act(acting: Acting, wanted: Act): Promise<ActOutcome> {
  const part = partOf(wanted.externalOrderId, acting.channels)
  const read = part && (await rawOrder(acting.client, part.orderId))
  if (!read) return refused('order_not_found', `Medusa has no order ${wanted.externalOrderId}`)
  const { order } = read
  if (!order) return refused('order_unreadable', `order ${wanted.externalOrderId}: ${read.unreadable.reason}`)
  try {
    if (wanted.kind === 'ready') return await ready(acting, order, part.channel.ref, wanted)
    if (wanted.kind === 'ship') return await ship(acting, order, part.channel.ref, wanted)
    if (wanted.kind === 'cancel') return await cancel(acting, order, wanted)
    if (wanted.kind === 'refund') return await refund(acting.client, order, wanted)
    return refused('not_offered', `order ${nameOf(order)}: Medusa knows no acknowledgement`)
  } catch (error) {
    if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether the order shows that the act took effect. A cancelled order is cancelled, whoever did it. */
export async function actHappened(acting: Acting, wanted: Act): Promise<boolean> {
  const { client, channels } = acting
  const part = partOf(wanted.externalOrderId, channels)
  const order = part && (await rawOrder(client, part.orderId))?.order
  if (!order) return false
  if (wanted.kind === 'cancel') return order.status === 'canceled'
  if (wanted.kind === 'ready') return isReady(acting, order, wanted)
  if (wanted.kind === 'refund') return isRefunded(client, order, wanted)
  return wanted.kind === 'ship' && isSent(order, wanted)
}

/** Whole orders only: a part is an order edit or a return, and what money goes back is a person's decision. */
async function cancel({ client }: Acting, order: Order, wanted: Act): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${nameOf(order)} at Medusa: ${words}`)
  if (order.status === 'canceled') return { status: 'confirmed' }
  if (order.fulfillments?.some(one => one !== null && !one.canceled_at))
    return no('order_packed', 'some of it is packed or has left, so it cannot be cancelled: cancel its fulfilments there, or take a return')
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  if (order.items.some(line => (units.get(line.id) ?? 0) < line.detail.quantity - line.detail.written_off_quantity - shippedOf(line)))
    return no('partial_cancel', 'single lines cannot be cancelled; edit the order there')
  const answer = await client.call('POST', `/admin/orders/${order.id}/cancel`, oneOrderShape, { query: { fields: ORDER_FIELDS }, body: {} })
  if (answer.status === 'refused') return no(answer.code, answer.words)
  if (readAgain(answer.data.order)?.status === 'canceled') return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer does not show it cancelled` }
}
