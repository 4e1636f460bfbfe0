import type { JsonValue } from '../../db/connect.ts'
import { type ActedLine, actOnOrder, type OrderActAnswer, type OrderActFunction } from '../../db/order-acts.ts'
import type { CancelCause } from '../values/act-cause.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'
import type { WriteToken } from './write-token.ts'

/** Units of order lines, by our id of the line; all open units where none are named. */
export type OrderPart = readonly { readonly lineId: number; readonly quantity: number }[]

export type Tracking = { readonly carrier: string; readonly number: string; readonly url?: string | undefined }

/** What was done, and the act that tells the platform: it goes out on its own, its state is shown with the order. */
export type Acted = {
  readonly actId: number
  readonly lines: readonly ActedLine[]
  readonly replayed: boolean
  readonly token: WriteToken | undefined
}

/** Hands over promised units of an order. Throws `not_found`, `insufficient_stock` (more than is promised), or `conflict` when nothing is open. */
export function shipOrder(
  context: Context,
  key: string | null,
  orderId: number,
  shipment: { readonly lines?: OrderPart | undefined; readonly tracking?: Tracking | undefined },
): Promise<Acted> {
  return run(context, 'order_ship_1', 'order.ship', key, { orderId, ...stated(shipment) })
}

/** Cancels open units of an order: promises are free again. Throws `not_found`, or `conflict` when nothing is open. */
export function cancelOrder(
  context: Context,
  key: string | null,
  orderId: number,
  wish: { readonly lines?: OrderPart | undefined; readonly cause?: CancelCause | undefined; readonly reason?: string | undefined },
): Promise<Acted> {
  return run(context, 'order_cancel_1', 'order.cancel', key, { orderId, ...stated(wish) })
}

/** Tells the platform that promised units may be collected; stock stays where it is. Throws as `shipOrder` does. */
export function readyOrder(
  context: Context,
  key: string | null,
  orderId: number,
  what: { readonly lines?: OrderPart | undefined },
): Promise<Acted> {
  return run(context, 'order_tell_1', 'order.ready', key, { orderId, act: 'ready', ...stated(what) })
}

/** Tells the platform that the order was accepted. Throws `not_found`, or `conflict` when nothing of it is open. */
export function acknowledgeOrder(context: Context, key: string | null, orderId: number): Promise<Acted> {
  return run(context, 'order_tell_1', 'order.acknowledge', key, { orderId, act: 'acknowledge' })
}

/** Asks the platform again for what it refused. Throws `not_found`, or `conflict` for an act that was not refused, or can be asked for anew. */
export function askAgain(context: Context, key: string | null, orderId: number, actId: number): Promise<Acted> {
  return run(context, 'order_ask_again_1', 'order.ask-again', key, { orderId, actId })
}

// The function tells "absent" from "null": what was not stated is left out.
export function stated(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

/** Carries one of these commands out. Throws what its answer refuses. */
export async function run(
  context: Context,
  name: OrderActFunction,
  kind: string,
  key: string | null,
  body: Readonly<Record<string, unknown>>,
): Promise<Acted> {
  const cmd = { ...body, ...command(context, kind, key, body) } as unknown as JsonValue
  return acted(await carryOut(key, () => actOnOrder(context.sql, name, cmd)))
}

function acted(answer: OrderActAnswer): Acted {
  switch (answer.outcome) {
    case 'shipped':
    case 'cancelled':
    case 'told':
    case 'refunded':
      return { actId: answer.act, lines: answer.lines, replayed: answer.replayed === true, token: answer.token }
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field} ${String(answer.value)}.`)
    case 'nothing_open':
      if (answer.state === 'held') throw new Fault('conflict', 'This order is held: let it go first.')
      throw new Fault('conflict', `Nothing of this order, or nothing of what was named, is open: it is ${answer.state}.`)
    case 'not_reserved':
      throw new Fault(
        'insufficient_stock',
        `${answer.sku} (line ${answer.lineId}) has ${answer.reserved} units promised; ${answer.asked} cannot be handed over.`,
        {
          missing: [{ lineId: answer.lineId, asked: answer.asked, available: answer.reserved }],
        },
      )
    case 'too_many':
      throw new Fault('invalid', `${answer.sku} (line ${answer.lineId}) has ${answer.ordered} units, not ${answer.asked}.`, {
        field: 'lines',
      })
    case 'total_unknown':
      throw new Fault('conflict', 'The channel has not said what was paid for this order: refund it there.')
    case 'too_much': {
      const { asked, paid, refunded, currency, lineId, sku, of, exchanged } = answer
      const what = lineId !== undefined ? ` for ${sku} (line ${lineId})` : of === 'shipping' ? ' for shipping and fees' : ''
      const before = refunded === '0' ? '' : `, and ${refunded} went back already`
      const why = exchanged === undefined ? `${paid} was paid` : `${exchanged} of its units were exchanged, ${paid} is left for the others`
      throw new Fault('invalid', `${asked} ${currency} cannot be refunded${what}: ${why}${before}.`, {
        field: of === 'shipping' ? 'shipping' : 'lines',
      })
    }
    case 'not_refused':
      throw new Fault(
        'conflict',
        answer.state === 'refused'
          ? `What was refused here is a "${answer.kind}": ask for it anew.`
          : `This act was not refused: it is ${answer.state}.`,
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
