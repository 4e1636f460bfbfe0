import type { JsonValue } from '../../db/connect.ts'
import { type ActedLine, actOnOrder, type OrderActAnswer } from '../../db/order-acts.ts'
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
  wish: { readonly lines?: OrderPart | undefined; readonly reason?: string | undefined },
): Promise<Acted> {
  return run(context, 'order_cancel_1', 'order.cancel', key, { orderId, ...stated(wish) })
}

// The function tells "absent" from "null": what was not stated is left out.
function stated(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

async function run(
  context: Context,
  name: 'order_ship_1' | 'order_cancel_1',
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
      return { actId: answer.act, lines: answer.lines, replayed: answer.replayed === true, token: answer.token }
    case 'unknown':
      throw new Fault('not_found', `There is no ${answer.field} ${String(answer.value)}.`)
    case 'nothing_open':
      throw new Fault('conflict', `Nothing of this order, or nothing of what was named, is open: it is ${answer.state}.`)
    case 'not_reserved':
      throw new Fault(
        'insufficient_stock',
        `Line ${answer.lineId} has ${answer.reserved} units promised; ${answer.asked} cannot be shipped.`,
        {
          missing: [{ lineId: answer.lineId, asked: answer.asked, available: answer.reserved }],
        },
      )
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
