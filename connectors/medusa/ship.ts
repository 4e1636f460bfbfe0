import type { Act, ActOutcome } from '../contract.ts'
import { type Acting, nameOf, readAgain, refused } from './acting.ts'
import { dropAside, inParts, isAside, leftOf, type Moved, makeRoom, takeBack } from './aside.ts'
import { ORDER_FIELDS } from './orders.ts'
import { type Fulfillment, type Order, oneOrderShape } from './wire.ts'

/** What we write on a fulfilment, so that it is found again. */
const MARK = 'concord_act'
const CARRIER = 'concord_carrier'
/** A fulfilment of goods that wait to be picked up. */
const WAITS = 'concord_waits'
/** A label must have a text here; this is what Medusa's own admin writes. */
const NO_LINK = '#'

/** How Medusa says that more is reserved than lies there; that may pass with the next write of stock. */
export const SHORT = /not enough stock/i
const SHORT_MS = 10_000
const NEXT_STEP =
  '. Medusa packs a part of a line only where no more is reserved than lies there: put its stock right, or ship all units of the line together'

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

/** Whether it has left, or was handed over. */
export const isGone = (parcel: Fulfillment | undefined): boolean =>
  parcel !== undefined && (parcel.shipped_at != null || parcel.delivered_at != null)

/** Whether an act of ours made it. */
export const isOurs = ({ metadata }: Fulfillment): boolean => typeof metadata?.[MARK] === 'string'

/** Whether all of it has left, under its own key or as what had waited to be picked up. */
export function isSent(order: Order, wanted: Act): boolean {
  return parcelsOf(order, wanted).every(parcel => isGone(marked(order, parcel.key)) || waiting(order, parcel).some(isGone))
}

/** Whether it is packed to be picked up, and nothing is left to be put in order. */
export async function isReady({ client }: Acting, order: Order, wanted: Act): Promise<boolean> {
  return (
    parcelsOf(order, wanted).every(({ key }) => marked(order, key) !== undefined) && !(await isAside(client, inParts(order, wanted.lines)))
  )
}

/** Packs what the buyer will pick up, which tells him: Medusa writes to him of each fulfilment. The units leave Medusa's stock, and its reservations with them. */
export async function ready(acting: Acting, order: Order, location: string, wanted: Act): Promise<ActOutcome> {
  for (const parcel of parcelsOf(order, wanted)) {
    const before = marked(order, parcel.key)
    if (before) {
      const wait = await tidy(acting, order, parcel)
      if (wait) return wait
      continue
    }
    const packed = await pack(acting, order, location, parcel, { [MARK]: parcel.key, [WAITS]: 'yes' }, true)
    if ('status' in packed) return packed
  }
  return { status: 'confirmed' }
}

/** Sends what is promised, in one parcel. */
export async function ship(acting: Acting, order: Order, location: string, wanted: Act): Promise<ActOutcome> {
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
async function send(acting: Acting, order: Order, location: string, wanted: Act, parcel: Parcel): Promise<Sent> {
  const no = (code: string, words: string) => refused(code, `order ${nameOf(order)} at Medusa: ${words}`)
  const before = marked(order, parcel.key) ?? waiting(order, parcel)[0]
  if (isGone(before)) return { status: 'confirmed', order }
  if (order.status === 'canceled') {
    await dropAside(acting.client, inParts(order, parcel.lines))
    return no('order_canceled', 'it is cancelled and cannot be shipped')
  }
  const wait = before && (await tidy(acting, order, parcel))
  if (wait) return wait
  const { tracking } = wanted
  const metadata = { [MARK]: parcel.key, ...(tracking ? { [CARRIER]: tracking.carrier } : {}) }
  const packed = before ? { parcel: before } : await pack(acting, order, location, parcel, metadata, acting.notifyBuyers)
  if ('status' in packed) return packed
  const labels = tracking ? [{ tracking_number: tracking.number, tracking_url: tracking.url ?? NO_LINK, label_url: NO_LINK }] : []
  const body = { items: itemsOf(parcel), labels, no_notification: !acting.notifyBuyers, metadata: { [MARK]: parcel.key } }
  const path = `/admin/orders/${order.id}/fulfillments/${packed.parcel.id}/shipments`
  const answer = await acting.client.call('POST', path, oneOrderShape, { query: { fields: ORDER_FIELDS }, body })
  if (answer.status === 'refused') return no(answer.code, answer.words)
  const after = readAgain(answer.data.order)
  if (after?.fulfillments?.some(one => one?.id === packed.parcel.id && isGone(one))) return { status: 'confirmed', order: after }
  return { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer shows no shipment` }
}

const itemsOf = ({ lines }: Parcel) => lines.map(({ externalLineId: id, quantity }) => ({ id, quantity }))

/** Makes a fulfilment, or says why there is none. */
async function pack(
  { client, turns }: Acting,
  order: Order,
  location: string,
  parcel: Parcel,
  metadata: Readonly<Record<string, string>>,
  tells: boolean,
): Promise<{ readonly parcel: Fulfillment } | Exclude<ActOutcome, { status: 'confirmed' }>> {
  const no = (code: string, words: string) => refused(code, `order ${nameOf(order)} at Medusa: ${words}`)
  if (order.status === 'canceled') return no('order_canceled', 'it is cancelled and cannot be packed')
  const objection = unpackable(order, parcel)
  if (objection) return no(...objection)
  const body = { items: itemsOf(parcel), location_id: location, no_notification: !tells, metadata }
  const path = `/admin/orders/${order.id}/fulfillments`
  return turns.packing(async () => {
    const room = await makeRoom(client, order, location, parcel.lines)
    if (room.refused !== undefined) return later(order, room.refused)
    const answer = await client.call('POST', path, oneOrderShape, { query: { fields: ORDER_FIELDS }, body })
    // After a refusal also what a former act, cut short and given up, had put aside.
    const back: Moved = room.moved || answer.status === 'refused' ? await takeBack(client, parcel.lines) : { moved: false }
    if (back.refused !== undefined) return later(order, back.refused)
    if (answer.status === 'refused')
      return (back.moved && !room.moved) || SHORT.test(answer.words) ? later(order, answer.words) : no(answer.code, answer.words)
    const packed = marked(readAgain(answer.data.order) ?? order, parcel.key)
    return packed ? { parcel: packed } : { status: 'unknown', words: `order ${nameOf(order)} at Medusa: the answer shows no fulfilment` }
  })
}

/** Puts in order what an act that was cut short after packing has left aside. */
async function tidy({ client, turns }: Acting, order: Order, { lines }: Parcel): Promise<Later | null> {
  const { refused: words } = await turns.packing(() => takeBack(client, inParts(order, lines)))
  return words === undefined ? null : later(order, words)
}

type Later = Extract<ActOutcome, { status: 'retry' }>

/** To be tried again: stock and reservations did not fit just then. */
export const later = (order: Order, words: string): Later => ({
  ...{ status: 'retry', afterMs: SHORT_MS },
  words: `order ${nameOf(order)} at Medusa: ${words}${SHORT.test(words) ? NEXT_STEP : ''}`,
})

/** What waits to be picked up, or was, and is just these units. */
function waiting(order: Order, { lines }: Parcel): Fulfillment[] {
  return (order.fulfillments ?? []).filter((one): one is Fulfillment => {
    if (one === null || one.canceled_at || one.metadata?.[WAITS] !== 'yes') return false
    const pieces = new Map((one.items ?? []).map(piece => [piece.line_item_id, piece.quantity]))
    return pieces.size === lines.length && lines.every(line => pieces.get(line.externalLineId) === line.quantity)
  })
}

/** Why units cannot be packed: what Medusa would say in words that name no line. */
function unpackable(order: Order, { lines }: Parcel): readonly [code: string, words: string] | null {
  for (const { externalLineId, quantity } of lines) {
    const line = order.items.find(one => one.id === externalLineId)
    if (!line) return ['unknown_line', `there is no line ${externalLineId}`]
    const left = leftOf(line)
    if (quantity > left)
      return [
        'not_open',
        `${quantity} units of line ${externalLineId} are to be shipped, ${left} are not packed yet: ship what is packed in Medusa, or cancel that fulfilment`,
      ]
  }
  return null
}
