import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import { type Acting, refused, wordsOf } from './acting.ts'
import { addFulfilment, shipFulfilment } from './operations.ts'
import { fulfilledOf, hasLeft } from './order.ts'
import { addFulfilmentShape, shipFulfilmentShape, type WireFulfilment, type WireOrder } from './wire.ts'

/** Vendure's own way to send something: a person did it. */
const HANDLER = 'manual-fulfillment'
/** Where no carrier was told. */
const NO_METHOD = 'Shipped'

const stands = ({ state }: WireFulfilment): boolean => state !== 'Cancelled'

/** A fulfilment with this tracking number and just these units. Of two alike without a number nobody can tell which is whose: then one counts for both. */
function oursOf(order: WireOrder, { tracking, lines }: Act): WireFulfilment | undefined {
  const units = new Map(lines.map(line => [line.externalLineId, line.quantity]))
  const alike = (order.fulfillments ?? []).filter(one => {
    if (!stands(one) || (one.trackingCode ?? '') !== (tracking?.number ?? '') || one.lines.length !== units.size) return false
    return one.lines.every(piece => units.get(piece.orderLineId) === piece.quantity)
  })
  return alike.find(hasLeft) ?? alike[0]
}

export function isSent(order: WireOrder, wanted: Act): boolean {
  const ours = oursOf(order, wanted)
  return ours !== undefined && hasLeft(ours)
}

/**
 * Makes a fulfilment and says that it left, which are two calls: what stopped between them is found by its tracking number and goes on. The first takes the units off
 * shelf and allocation, so it has its turn among the writes of stock.
 */
export async function ship({ shop: { client }, stocks }: Acting, order: WireOrder, wanted: Act): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${order.code} at Vendure: ${words}`)
  if (isSent(order, wanted)) return { status: 'confirmed' }
  if (order.state === 'Cancelled') return no('order_cancelled', 'it is cancelled and cannot be shipped')
  if (order.orderPlacedAt === null) return no('order_not_placed', `it is in the state ${order.state}, and not placed`)
  let fulfilmentId = oursOf(order, wanted)?.id
  if (fulfilmentId === undefined) {
    for (const { externalLineId, quantity } of wanted.lines) {
      const line = order.lines.find(one => one.id === externalLineId)
      if (!line) return no('unknown_line', `there is no line ${externalLineId}`)
      const open = line.quantity - fulfilledOf(order, line.id, stands)
      if (quantity > open)
        return no('not_open', `${quantity} units of line ${externalLineId} are to be shipped, ${Math.max(0, open)} of them are open`)
    }
    const { tracking } = wanted
    const given = [
      { name: 'method', value: tracking?.carrier ?? NO_METHOD },
      { name: 'trackingCode', value: tracking?.number ?? '' },
    ]
    const lines = wanted.lines.map(line => ({ orderLineId: line.externalLineId, quantity: line.quantity }))
    const input = { lines, handler: { code: HANDLER, arguments: given } }
    const answer = await stocks(() => client.call(addFulfilment, { input }, addFulfilmentShape))
    if (answer.status === 'refused') return no(answer.code, answer.words)
    const made = answer.data.addFulfillmentToOrder
    if (made.errorCode) return no(made.errorCode, wordsOf(made))
    if (made.id === undefined) return { status: 'unknown', words: `order ${order.code} at Vendure: the answer shows no fulfilment` }
    fulfilmentId = made.id
  }
  return leave(fulfilmentId)

  async function leave(id: string): Promise<ActOutcome> {
    const answer = await client.call(shipFulfilment, { id }, shipFulfilmentShape).catch((error: unknown) => {
      // The fulfilment is there, whatever became of this call.
      if (error instanceof AccountTrouble && error.kind !== 'throttled')
        throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
      throw error
    })
    if (answer.status === 'refused') return no(answer.code, answer.words)
    const moved = answer.data.transitionFulfillmentToState
    if (moved.errorCode) return no(moved.errorCode, wordsOf(moved))
    if (moved.state !== undefined && (moved.state === 'Shipped' || moved.state === 'Delivered')) return { status: 'confirmed' }
    return { status: 'unknown', words: `order ${order.code} at Vendure: the fulfilment is ${moved.state ?? 'in an unknown state'}` }
  }
}
