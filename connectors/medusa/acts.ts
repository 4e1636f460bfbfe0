import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import { type Acting, nameOf, refused } from './acting.ts'
import { cancel } from './cancel.ts'
import { partOf } from './order.ts'
import { rawOrder } from './orders.ts'
import { isRefunded, refund } from './refund.ts'
import { isReady, isSent, ready, ship } from './ship.ts'

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
