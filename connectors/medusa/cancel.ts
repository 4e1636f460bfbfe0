import type { Act, ActOutcome } from '../contract.ts'
import { type Acting, nameOf, readAgain, refused } from './acting.ts'
import { takeBack } from './aside.ts'
import { shippedOf } from './order.ts'
import { ORDER_FIELDS } from './orders.ts'
import { isGone, isOurs, later, SHORT } from './ship.ts'
import { type Fulfillment, type Order, oneOrderShape } from './wire.ts'

/**
 * Whole orders only: a part is an order edit, which a person has to decide on (README.md says what it costs), or a return. Medusa cancels no order of which something is packed, so what waits here in a fulfilment of our own is unpacked
 * first: its units are reserved again, and go with the order. Each step is told by the order itself, so an act that was cut short between two calls goes on from there.
 */
export async function cancel(acting: Acting, order: Order, wanted: Act): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${nameOf(order)} at Medusa: ${words}`)
  if (order.status === 'canceled') return { status: 'confirmed' }
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  if (order.items.some(line => (units.get(line.id) ?? 0) < line.detail.quantity - line.detail.written_off_quantity - shippedOf(line)))
    return no(
      'partial_cancel',
      'single units are not cancelled from here: lower them there (Edit order), once the payment is captured, because Medusa gives up a payment that is only authorized; then refund the difference',
    )
  const packed = (order.fulfillments ?? []).filter((one): one is Fulfillment => one !== null && !one.canceled_at)
  // Looked at as a whole before anything is unpacked: an order that stays keeps its fulfilments.
  if (packed.some(one => isGone(one) || !isOurs(one)))
    return no(
      'order_packed',
      'some of it has left, or was packed there, so it cannot be cancelled: cancel its fulfilments there, or take a return',
    )
  // What was put aside while a part was packed would outlive the order, whose own reservations Medusa deletes.
  const back = order.fulfillments?.length ? await acting.turns.packing(() => takeBack(acting.client, wanted.lines)) : null
  if (back?.refused !== undefined) return later(order, back.refused)
  for (const one of packed) {
    const trouble = await unpack(acting, order, one.id)
    if (trouble) return trouble
  }
  const answer = await acting.client.call('POST', `/admin/orders/${order.id}/cancel`, oneOrderShape, {
    query: { fields: ORDER_FIELDS },
    body: {},
  })
  if (answer.status === 'refused') return no(answer.code, answer.words)
  if (readAgain(answer.data.order)?.status === 'canceled') return { status: 'confirmed' }
  return { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer does not show it cancelled` }
}

/** Cancels a fulfilment: its units lie there again, and are reserved for their lines in a step of its own, which has its turn among the writes of stock. Null: done. */
async function unpack({ client, turns, notifyBuyers }: Acting, order: Order, id: string): Promise<ActOutcome | null> {
  const path = `/admin/orders/${order.id}/fulfillments/${id}/cancel`
  const body = { no_notification: !notifyBuyers }
  const answer = await turns.packing(() => client.call('POST', path, oneOrderShape, { query: { fields: ORDER_FIELDS }, body }))
  if (answer.status === 'ok') return null
  // Somebody was quicker to buy what lay there for a moment: Medusa took all of it back, and it is tried again.
  if (SHORT.test(answer.words)) return later(order, answer.words)
  return refused(answer.code, `order ${nameOf(order)} at Medusa: what waits there cannot be unpacked: ${answer.words}`)
}
