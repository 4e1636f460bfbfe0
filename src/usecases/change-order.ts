import type { JsonValue } from '../../db/connect.ts'
import { changeOrder, type HELD_BY_HAND, type HoldKind, type OrderChangeAnswer, type OrderChangeFunction } from '../../db/order-life.ts'
import { Fault, unreachable } from '../values/fault.ts'
import type { OrderPart } from './act-on-order.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import { stated } from './stated.ts'
import type { WriteToken } from './write-token.ts'

export type OrderChanged = {
  readonly state: string | null
  /** Our number of the return, where it is about one. */
  readonly returnId: number | null
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/** Units that came back, by what the look at them said. */
export type ReturnedLine = { readonly lineId: number; readonly toStock: number; readonly unavailable: number; readonly scrapped: number }

/** What the look at a unit may say: it is for sale again, put aside, or thrown away. */
export const LOOKED = ['stock', 'unavailable', 'scrap'] as const

/** Units of lines that all ended alike. */
export function lookedAt(lines: OrderPart, to: (typeof LOOKED)[number]): ReturnedLine[] {
  const units = (quantity: number, end: (typeof LOOKED)[number]): number => (to === end ? quantity : 0)
  return lines.map(({ lineId, quantity }) => ({
    lineId,
    toStock: units(quantity, 'stock'),
    unavailable: units(quantity, 'unavailable'),
    scrapped: units(quantity, 'scrap'),
  }))
}

/**
 * Holds an order: it is not routed and not told as accepted, and its stock stays promised. Throws `not_found`, or `conflict` when nothing of it is open
 * or it is held for that already.
 */
export function holdOrder(
  context: Context,
  key: string | null,
  orderId: number,
  why: { readonly kind: (typeof HELD_BY_HAND)[number]; readonly reason?: string | undefined },
): Promise<OrderChanged> {
  return change(context, 'order_hold_1', 'order.hold', key, { orderId, ...stated({ hold: why.kind, reason: why.reason }) })
}

/** Lets a held order go, of one kind of hold or of all. Throws `not_found`, or `conflict` when it is not held so. */
export function letGoOrder(
  context: Context,
  key: string | null,
  orderId: number,
  what: { readonly kind?: HoldKind | undefined; readonly reason?: string | undefined },
): Promise<OrderChanged> {
  return change(context, 'order_let_go_1', 'order.let_go', key, { orderId, ...stated({ hold: what.kind, reason: what.reason }) })
}

/** Notes that goods will come back. Throws `not_found`, or `invalid` for more units than are with the buyer. */
export function announceReturn(
  context: Context,
  key: string | null,
  orderId: number,
  what: { readonly location?: string | undefined; readonly lines: OrderPart; readonly reason?: string | undefined },
): Promise<OrderChanged> {
  return change(context, 'order_return_announce_1', 'order.return.announce', key, { orderId, ...stated(what) })
}

/**
 * Takes goods back that somebody has looked at, at whichever location they came to. Throws `not_found`, `invalid` for more units than are with the buyer, or
 * `conflict` when that return has ended.
 */
export function receiveReturn(
  context: Context,
  key: string | null,
  orderId: number,
  what: {
    readonly returnId?: number | undefined
    readonly location: string
    readonly lines: readonly ReturnedLine[]
    readonly reason?: string | undefined
  },
): Promise<OrderChanged> {
  return change(context, 'order_return_receive_1', 'order.return.receive', key, { orderId, ...stated(what) })
}

/** Notes that announced goods will not come. Throws `not_found`, or `conflict` when that return has ended. */
export function cancelReturn(context: Context, key: string | null, orderId: number, returnId: number): Promise<OrderChanged> {
  return change(context, 'order_return_cancel_1', 'order.return.cancel', key, { orderId, returnId })
}

async function change(
  context: Context,
  name: OrderChangeFunction,
  kind: string,
  key: string | null,
  body: Readonly<Record<string, unknown>>,
): Promise<OrderChanged> {
  const cmd = { ...body, ...command(context, kind, key, body) } as unknown as JsonValue
  const { answer, token } = await carryOut(key, () => changeOrder(context.sql, name, cmd))
  return { ...read(answer), token }
}

function read(answer: OrderChangeAnswer): Omit<OrderChanged, 'token'> {
  switch (answer.outcome) {
    case 'held':
    case 'let_go':
      return { state: answer.state, returnId: null, replayed: answer.replayed === true }
    case 'announced':
    case 'received':
    case 'cancelled':
      return { state: answer.state ?? null, returnId: answer.return, replayed: answer.replayed === true }
    case 'unknown':
      throw answer.field === 'location'
        ? new Fault('invalid', `There is no open location ${String(answer.value)}.`, { field: 'location', value: answer.value })
        : new Fault('not_found', `There is no ${answer.field} ${String(answer.value)}.`)
    case 'nothing_open':
      throw new Fault('conflict', `Nothing of this order is open: it is ${answer.state}.`)
    case 'not_held':
      throw new Fault('conflict', `This order is not held: it is ${answer.state}.`)
    case 'already_held':
      throw new Fault('conflict', `This order is held for that already (${answer.kind}).`)
    case 'ended':
      throw new Fault('conflict', `This return has ended already: it is ${answer.state}.`, { reason: 'ended' })
    case 'too_many':
      throw new Fault(
        'invalid',
        `${answer.sku} (line ${answer.lineId}) has ${answer.out} units that can come back, not ${answer.asked}: what is announced already comes by its own return.`,
        { field: 'lines', reason: 'too_many' },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
