import type { Keyed } from './keys.ts'
import { adopt, openLine, returnLine, shipLine } from './order-lines.ts'
import { expire, fill, openOf, reservedFor } from './promises.ts'
import { type Answer, type ChannelCode, type Line, type Order, partsOf, type State, sum } from './state.ts'

export type StatedLine = {
  readonly id: string
  readonly sku: string
  readonly ordered: number
  readonly cancelled: number
  readonly shipped: number
  readonly returned: number
}
/** An order as its channel states it. */
export type Stated = {
  readonly id: string
  readonly channel: ChannelCode
  readonly effect: 'reserve' | 'settle' | 'cancel' | 'ignore'
  readonly stamp: number
  readonly placedAt: number
  readonly hash: string
  readonly fresh: boolean
  readonly basket: string | null
  readonly lines: readonly StatedLine[]
}

const openUnits = (state: State, line: Line): number => reservedFor(state, line) + line.short
const skusOf = (line: Line): string[] => [line.sku, ...line.parts.map(part => part.sku)]

/** Books orders, each brought to the state that is stated. */
export function bookOrders(state: State, documents: readonly Stated[]): Answer[] {
  expire(
    state,
    documents.flatMap(document => concerned(state, document)),
  )
  const touched: string[] = []
  const booked = documents.map(document => bookOne(state, document, touched))
  fill(state, touched)
  return booked.map(({ order, ...answer }) =>
    order ? { ...answer, short: sum(order.lines.map(line => line.short)), unmatched: [] } : answer,
  )
}

/** Everything that booking may touch: the lines as they are known and as they are told, the hold, and what bundles among them are made of. */
function concerned(state: State, { id, lines, basket }: Stated): string[] {
  const known = state.orders.find(order => order.id === id)?.lines ?? []
  const held = state.promises.filter(one => one.basket === basket).flatMap(one => one.parts.map(part => part.sku))
  const skus = [...lines.map(line => line.sku), ...known.flatMap(skusOf), ...held]
  return skus.flatMap(sku => [sku, ...partsOf(state, sku).map(part => part.sku)])
}

function bookOne(state: State, stated: Stated, touched: string[]): Answer & { readonly order?: Order } {
  const { id: externalId, channel, placedAt, stamp, hash } = stated
  const known = state.orders.find(order => order.id === externalId)
  if (known && stamp < known.stamp) return { externalId, outcome: 'stale' }
  if (known && stamp === known.stamp && hash === known.hash) return { externalId, outcome: 'exists' }
  if (known && stamp === known.stamp && !stated.fresh) return { externalId, outcome: 'reread' }
  const order = known ?? { id: externalId, channel, placedAt, stamp, hash, state: 'received', cancelledByUs: false, lines: [] }
  if (!known) state.orders.push(order)
  for (const line of stated.lines) touched.push(...skusOf(bookLine(state, order, line, stated)))
  for (const line of order.lines.filter(
    one => !stated.lines.some(told => told.id === one.id) && one.ordered > one.shipped + one.cancelled,
  )) {
    openLine(state, line, 0)
    line.cancelled = line.ordered - line.shipped
    touched.push(...skusOf(line))
  }
  Object.assign(order, { stamp, hash, state: stated.effect === 'ignore' ? 'received' : stateOf(state, order) })
  return { externalId, outcome: known ? 'updated' : 'booked', order }
}

function stateOf(state: State, order: Order): string {
  const shipped = sum(order.lines.map(line => line.shipped))
  if (order.lines.some(line => openUnits(state, line) > 0)) return shipped > 0 ? 'in_fulfilment' : 'accepted'
  if (shipped === 0) return 'cancelled'
  return shipped === sum(order.lines.map(line => line.returned)) ? 'returned' : 'fulfilled'
}

function bookLine(state: State, order: Order, told: StatedLine, { effect, basket }: Stated): Line {
  const line = order.lines.find(one => one.id === told.id) ?? newLine(state, order, told)
  // What the line is sold as is settled before anything of it is promised: what the hold was, or what the bundle is now.
  if (line.parts.length === 0 && openUnits(state, line) + line.shipped + line.cancelled === 0)
    line.parts =
      openOf(state, one => one.basket === basket && one.line === null && one.isPack && one.item === line.sku)[0]?.parts ??
      partsOf(state, line.sku)

  const shipped = Math.max(line.shipped, effect === 'ignore' ? 0 : effect === 'settle' ? told.ordered - told.cancelled : told.shipped)
  const stated = effect === 'cancel' ? Math.max(told.ordered - Math.max(shipped, told.shipped), 0) : told.cancelled
  const cancelled = order.cancelledByUs ? Math.max(line.cancelled, stated) : stated
  line.ordered = Math.max(told.ordered, shipped + cancelled)
  line.cancelled = Math.min(line.cancelled, cancelled)
  if (effect === 'ignore') {
    openLine(state, line, 0)
    line.cancelled = cancelled
    return line
  }
  const open = line.ordered - shipped - cancelled
  if (basket !== null) adopt(state, line, basket, open)
  if (shipped > line.shipped) {
    shipLine(state, line, Math.min(shipped - line.shipped, reservedFor(state, line)))
    openLine(state, line, open)
    shipLine(state, line, shipped - line.shipped)
  }
  openLine(state, line, open)
  line.cancelled = cancelled
  if (told.returned > line.returned) returnLine(state, line, Math.min(told.returned, shipped) - line.returned)
  return line
}

function newLine(state: State, order: Order, { id, sku, ordered }: StatedLine): Line {
  state.last += 1
  const line = {
    no: state.last,
    order,
    id,
    sku,
    ordered,
    short: 0,
    shipped: 0,
    cancelled: 0,
    returned: 0,
    parts: [],
    left: [],
    wholeOut: 0,
  }
  order.lines.push(line)
  return line
}

export type ActOnOrder = Keyed & {
  readonly order: string
  /** Everything that is open when absent. */
  readonly lines?: readonly { readonly id: string; readonly quantity: number }[]
}

/** The lines that an act names, each with the units that it asks for. */
function named(order: Order, { lines }: ActOnOrder): { line: Line; asked: number | null }[] {
  return order.lines
    .filter(line => !lines || lines.some(one => one.id === line.id))
    .map(line => ({ line, asked: lines?.find(one => one.id === line.id)?.quantity ?? null }))
}

/** We ship what is promised. */
export function shipOrder(state: State, cmd: ActOnOrder): Answer {
  const order = state.orders.find(one => one.id === cmd.order)
  if (!order) return { outcome: 'unknown', field: 'order' }
  expire(state, order.lines.flatMap(skusOf))
  const sent: { line: Line; quantity: number }[] = []
  for (const { line, asked } of named(order, cmd)) {
    const reserved = reservedFor(state, line)
    const quantity = asked ?? reserved
    if (quantity > reserved) return { outcome: 'not_reserved', sku: line.sku, asked: quantity, reserved }
    if (quantity > 0) sent.push({ line, quantity })
  }
  if (sent.length === 0) return { outcome: 'nothing_open', state: order.state }
  for (const { line, quantity } of sent) shipLine(state, line, quantity)
  order.state = stateOf(state, order)
  return { outcome: 'shipped', lines: sent.map(({ line, quantity }) => ({ externalLineId: line.id, quantity })) }
}

/** We cancel what is open; what becomes free goes to whoever is short. */
export function cancelOrder(state: State, cmd: ActOnOrder): Answer {
  const order = state.orders.find(one => one.id === cmd.order)
  if (!order) return { outcome: 'unknown', field: 'order' }
  expire(state, order.lines.flatMap(skusOf))
  const ended: Answer[] = []
  for (const { line, asked } of named(order, cmd)) {
    const quantity = Math.min(asked ?? openUnits(state, line), openUnits(state, line))
    if (quantity === 0) continue
    openLine(state, line, openUnits(state, line) - quantity)
    line.cancelled += quantity
    ended.push({ externalLineId: line.id, quantity })
  }
  if (ended.length === 0) return { outcome: 'nothing_open', state: order.state }
  order.cancelledByUs = true
  order.state = stateOf(state, order)
  fill(state, order.lines.flatMap(skusOf))
  return { outcome: 'cancelled', lines: ended }
}
