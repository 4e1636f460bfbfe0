import { AccountTrouble, type Act, type ActOutcome, type ChannelAccess } from '../contract.ts'
import type { Client } from './client.ts'
import { partOf, shippedOf } from './order.ts'
import { ORDER_FIELDS, rawOrder } from './orders.ts'
import type { Turns } from './turns.ts'
import { type Fulfillment, type Order, oneOrderShape, orderShape } from './wire.ts'

/** What we write on a fulfilment, so that it is found again. */
const MARK = 'concord_act'
const CARRIER = 'concord_carrier'
/** A label must have a text here; this is what Medusa's own admin writes. */
const NO_LINK = '#'

export type Acting = {
  readonly turns: Turns
  readonly client: Client
  readonly channels: readonly ChannelAccess[]
  readonly notifyBuyers: boolean
}

/**
 * Ships or cancels. Each step looks before it writes, and a fulfilment carries the act's key from its first call on; so an act that was cut short anywhere can be told
 * by reading, and asking for it again completes it rather than repeating it.
 */
export async function act(acting: Acting, wanted: Act): Promise<ActOutcome> {
  const part = partOf(wanted.externalOrderId, acting.channels)
  const read = part && (await rawOrder(acting.client, part.orderId))
  if (!read) return refused('order_not_found', `Medusa has no order ${wanted.externalOrderId}`)
  const { order } = read
  if (!order) return refused('order_unreadable', `order ${wanted.externalOrderId}: ${read.unreadable.reason}`)
  try {
    if (wanted.kind === 'ship') return await ship(acting, order, part.channel.ref, wanted)
    if (wanted.kind === 'cancel') return await cancel(acting, order, wanted)
    return refused('not_offered', `order ${nameOf(order)}: Medusa knows no acknowledgement`)
  } catch (error) {
    if (error instanceof AccountTrouble && error.maybeTookEffect) return { status: 'unknown', words: error.message }
    throw error
  }
}

/** Whether the order shows that the act took effect. A cancelled order is cancelled, whoever did it. */
export async function actHappened({ client, channels }: Acting, wanted: Act): Promise<boolean> {
  const part = partOf(wanted.externalOrderId, channels)
  const order = part && (await rawOrder(client, part.orderId))?.order
  if (!order) return false
  if (wanted.kind === 'cancel') return order.status === 'canceled'
  return wanted.kind === 'ship' && parcelsOf(order, wanted).every(({ key }) => isGone(marked(order, key)))
}

type Parcel = { readonly key: string; readonly lines: Act['lines'] }

/** Goods that travel and goods that do not cannot be in one fulfilment. */
function parcelsOf(order: Order, { key, lines }: Act): Parcel[] {
  const travels = (id: string): boolean => order.items.find(line => line.id === id)?.requires_shipping !== false
  return [
    { key, lines: lines.filter(line => travels(line.externalLineId)) },
    { key: `${key}/digital`, lines: lines.filter(line => !travels(line.externalLineId)) },
  ].filter(parcel => parcel.lines.length > 0)
}

const marked = (order: Order, key: string): Fulfillment | undefined =>
  order.fulfillments?.find(one => one !== null && !one.canceled_at && one.metadata?.[MARK] === key) ?? undefined

const isGone = (parcel: Fulfillment | undefined): boolean =>
  parcel !== undefined && (parcel.shipped_at != null || parcel.delivered_at != null)

async function ship(acting: Acting, order: Order, location: string, wanted: Act): Promise<ActOutcome> {
  let now = order
  for (const parcel of parcelsOf(order, wanted)) {
    const answer = await send(acting, now, location, wanted, parcel)
    if ('status' in answer && answer.status !== 'confirmed') return answer
    now = 'order' in answer ? answer.order : now
  }
  return { status: 'confirmed' }
}

type Sent = { readonly status: 'confirmed'; readonly order: Order } | Exclude<ActOutcome, { status: 'confirmed' }>

/** Two calls: the fulfilment takes the units off the stock, the shipment tells that they have left, and by whom. */
async function send({ client, notifyBuyers, turns }: Acting, order: Order, location: string, wanted: Act, parcel: Parcel): Promise<Sent> {
  const no = (code: string, words: string) => refused(code, `order ${nameOf(order)} at Medusa: ${words}`)
  const before = marked(order, parcel.key)
  if (isGone(before)) return { status: 'confirmed', order }
  if (order.status === 'canceled') return no('order_canceled', 'it is cancelled and cannot be shipped')
  const items = parcel.lines.map(({ externalLineId: id, quantity }) => ({ id, quantity }))
  const path = `/admin/orders/${order.id}/fulfillments`
  let packed = before
  if (!packed) {
    const objection = unpackable(order, parcel)
    if (objection) return no(...objection)
    const metadata = { [MARK]: parcel.key, ...(wanted.tracking ? { [CARRIER]: wanted.tracking.carrier } : {}) }
    const body = { items, location_id: location, no_notification: !notifyBuyers, metadata }
    const answer = await turns.packing(() => client.call('POST', path, oneOrderShape, { query: { fields: ORDER_FIELDS }, body }))
    if (answer.status === 'refused') return no(answer.code, answer.words)
    packed = marked(readAgain(answer.data.order) ?? order, parcel.key)
    if (!packed) return { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer shows no fulfilment` }
  }
  const { tracking } = wanted
  const labels = tracking ? [{ tracking_number: tracking.number, tracking_url: tracking.url ?? NO_LINK, label_url: NO_LINK }] : []
  const body = { items, labels, no_notification: !notifyBuyers, metadata: { [MARK]: parcel.key } }
  const answer = await client.call('POST', `${path}/${packed.id}/shipments`, oneOrderShape, { query: { fields: ORDER_FIELDS }, body })
  if (answer.status === 'refused') return no(answer.code, answer.words)
  const after = readAgain(answer.data.order)
  if (after && isGone(marked(after, parcel.key))) return { status: 'confirmed', order: after }
  return { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer shows no shipment` }
}

/** Why units cannot be packed: what Medusa would say in words that name no line. */
function unpackable(order: Order, { lines }: Parcel): readonly [code: string, words: string] | null {
  for (const { externalLineId, quantity } of lines) {
    const line = order.items.find(one => one.id === externalLineId)
    if (!line) return ['unknown_line', `there is no line ${externalLineId}`]
    const left = line.detail.quantity - line.detail.written_off_quantity - line.detail.fulfilled_quantity
    if (quantity > left)
      return [
        'not_open',
        `${quantity} units of line ${externalLineId} are to be shipped, ${left} are not packed yet: ship what is packed in Medusa, or cancel that fulfilment`,
      ]
  }
  return null
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

function readAgain(value: unknown): Order | null {
  const read = orderShape.safeParse(value)
  return read.success ? read.data : null
}

const nameOf = (order: Order): string => String(order.display_id ?? order.id)

const refused = (code: string, words: string) => ({ status: 'refused', code, words }) as const
