import type { Act, ActOutcome } from '../contract.ts'
import { type Acting, refused, wordsOf } from './acting.ts'
import { locationOf } from './facts.ts'
import { cancellations, cancelOrder, stockBefore, updateVariants } from './operations.ts'
import { fulfilledOf } from './order.ts'
import { cancellationsShape, cancelShape, stockShape, updatedShape, type WireOrder } from './wire.ts'

/** Why, in words for the order's history. */
const CAUSES: Readonly<Record<NonNullable<Act['cause']>, string>> = {
  ...{
    customer: 'customer request',
    stock: 'not available',
    undeliverable: 'cannot be delivered',
    price: 'wrong price',
    fraud: 'fraud suspected',
  },
  ...{ other: 'other reason', returned: 'returned', lost: 'never received', faulty: 'not as promised' },
}

/** The cause, a person's words, and where asked for the key by which it is found again. */
export function reasonOf({ cause, reason, key }: Act, withKey: boolean): string {
  const words = [cause === undefined ? null : CAUSES[cause], reason?.slice(0, 200)].filter(Boolean).join(': ')
  return withKey ? `${words} [${key}]`.trim() : words
}

/** A cancelled order is cancelled, whoever did it; a part of one is ours when the order's history has our key. */
export async function isCancelled({ shop: { client } }: Acting, { id, state }: WireOrder, { key }: Act): Promise<boolean> {
  if (state === 'Cancelled') return true
  const { order } = await client.ask(cancellations, { id }, cancellationsShape)
  return order?.history.items.some(({ data }) => data.reason?.endsWith(`[${key}]`) === true) === true
}

/** Takes units off an order that have not left; what was paid for them is another act. */
export async function cancel(acting: Acting, order: WireOrder, wanted: Act): Promise<ActOutcome> {
  const no = (code: string, words: string): ActOutcome => refused(code, `order ${order.code} at Vendure: ${words}`)
  if (await isCancelled(acting, order, wanted)) return { status: 'confirmed' }
  if (order.orderPlacedAt === null) return no('order_not_placed', `it is in the state ${order.state}, and not placed`)
  for (const { externalLineId, quantity } of wanted.lines) {
    const line = order.lines.find(one => one.id === externalLineId)
    if (!line) return no('unknown_line', `there is no line ${externalLineId}`)
    const open = line.quantity - fulfilledOf(order, line.id, one => one.state !== 'Cancelled')
    if (quantity > open)
      return no(
        'order_shipped',
        `${quantity} units of line ${externalLineId} are to be cancelled, ${Math.max(0, open)} have not left; refund the others there`,
      )
  }
  return acting.stocks(() => cancelled(acting, order, wanted))
}

async function cancelled({ shop }: Acting, order: WireOrder, wanted: Act): Promise<ActOutcome> {
  const { client } = shop
  const touched = order.lines.filter(
    line => wanted.lines.some(one => one.externalLineId === line.id) && fulfilledOf(order, line.id, () => true) > 0,
  )
  const before = await onHandOf(shop, touched)
  const lines = wanted.lines.map(line => ({ orderLineId: line.externalLineId, quantity: line.quantity }))
  const input = { orderId: order.id, lines, reason: reasonOf(wanted, true), cancelShipping: isWhole(order, wanted) }
  const answer = await client.call(cancelOrder, { input }, cancelShape)
  if (answer.status === 'refused') return refused(answer.code, `order ${order.code} at Vendure: ${answer.words}`)
  const done = answer.data.cancelOrder
  if (done.errorCode) return refused(done.errorCode, `order ${order.code} at Vendure: ${wordsOf(done)}`)
  await takeOffPhantoms(shop, before, await onHandOf(shop, touched))
  return { status: 'confirmed' }
}

const isWhole = (order: WireOrder, wanted: Act): boolean =>
  order.lines.every(line => line.quantity === (wanted.lines.find(one => one.externalLineId === line.id)?.quantity ?? 0))

async function onHandOf({ client, settings, facts }: Acting['shop'], lines: WireOrder['lines']): Promise<ReadonlyMap<string, number>> {
  if (lines.length === 0) return new Map()
  const location = locationOf(settings, await facts())
  const ids = [...new Set(lines.map(line => line.productVariant.id))]
  const { productVariants } = await client.ask(stockBefore, { options: { take: ids.length, filter: { id: { in: ids } } } }, stockShape)
  return new Map(
    productVariants.items.flatMap(one => {
      const level = one.stockLevels.find(at => at.stockLocationId === location)
      return level ? [[one.id, level.stockOnHand] as const] : []
    }),
  )
}

/**
 * Of a line that was sent in part, Vendure 3.7 puts the cancelled units back on the shelf although they never left it, besides releasing them: units that are not there
 * would be sold. Whatever came onto the shelf by our cancellation is taken off again at once.
 */
async function takeOffPhantoms(
  shop: Acting['shop'],
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Promise<void> {
  const risen = [...after].filter(([id, onHand]) => onHand > (before.get(id) ?? onHand))
  if (risen.length === 0) return
  const stockLocationId = locationOf(shop.settings, await shop.facts())
  const input = risen.map(([id]) => ({ id, stockLevels: [{ stockLocationId, stockOnHand: before.get(id) ?? 0 }] }))
  await shop.client.ask(updateVariants, { input }, updatedShape, { first: true })
}
