import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import { type Acting, refused } from './acting.ts'
import { cancel, isCancelled } from './cancel.ts'
import { orderById } from './operations.ts'
import { isRefunded, refund } from './refund.ts'
import { isSent, ship } from './ship.ts'
import { orderByIdShape, orderShape, type WireOrder } from './wire.ts'

/** Ships, cancels or refunds. Each looks before it writes, so that one whose answer was lost is found by reading, and goes on where it stopped. */
export async function act(acting: Acting, wanted: Act): Promise<ActOutcome> {
  try {
    const order = await orderOf(acting, wanted)
    if (!order) return refused('order_not_found', `Vendure shows no order ${wanted.externalOrderId} in this channel`)
    if (order === 'unreadable') return refused('order_unreadable', `order ${wanted.externalOrderId} at Vendure cannot be read`)
    if (wanted.kind === 'ship') return await ship(acting, order, wanted)
    if (wanted.kind === 'cancel') return await cancel(acting, order, wanted)
    if (wanted.kind === 'refund') return await refund(acting, order, wanted)
    return refused('not_offered', `order ${order.code}: Vendure knows no "${wanted.kind}"`)
  } catch (error) {
    if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether the order shows that the act took effect. */
export async function actHappened(acting: Acting, wanted: Act): Promise<boolean> {
  const order = await orderOf(acting, wanted)
  if (!order || order === 'unreadable') return false
  if (wanted.kind === 'ship') return isSent(order, wanted)
  if (wanted.kind === 'cancel') return isCancelled(acting, order, wanted)
  return wanted.kind === 'refund' && isRefunded(acting, order, wanted)
}

async function orderOf({ shop }: Acting, { externalOrderId }: Act): Promise<WireOrder | 'unreadable' | null> {
  const { order } = await shop.client.ask(orderById, { id: externalOrderId }, orderByIdShape)
  if (order === null) return null
  const read = orderShape.safeParse(order)
  return read.success ? read.data : 'unreadable'
}
