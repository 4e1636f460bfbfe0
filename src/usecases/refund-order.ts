import { readOrder } from '../../db/reads-orders.ts'
import type { ActCause } from '../values/act-cause.ts'
import { Fault } from '../values/fault.ts'
import { amount, currencyDigits, isCurrency, parseDecimal } from '../values/money.ts'
import { type Acted, run, stated } from './act-on-order.ts'
import type { Context } from './context.ts'

/** Money that goes back: decimal text, tax included, in the order's currency. */
export type RefundWish = {
  /** By our id of a line; the units that the money is for, which may be none. */
  readonly lines: readonly { readonly lineId: number; readonly quantity: number; readonly amount: string }[]
  readonly shipping?: string | undefined
  readonly cause: ActCause
  readonly reason?: string | undefined
}

/**
 * Gives money back through the platform; units stay where they are, because what comes back is booked as a return. Throws `not_found`, `invalid` (more than was paid, or no
 * amount), or `conflict` when the channel has not said what was paid.
 */
export async function refundOrder(context: Context, key: string | null, orderId: number, wish: RefundWish): Promise<Acted> {
  const order = await readOrder(context.sql, orderId)
  if (order === null) throw new Fault('not_found', `There is no order ${orderId}.`)
  const money = (text: string): string => exact(text, order.currency)
  if (wish.lines.length === 0 && wish.shipping === undefined)
    throw new Fault('invalid', 'Say what goes back: for a line, or of the shipping.', { field: 'lines' })
  if (new Set(wish.lines.map(line => line.lineId)).size < wish.lines.length)
    throw new Fault('invalid', 'A line is named twice.', { field: 'lines' })
  const lines = wish.lines.map(line => ({ ...line, amount: money(line.amount) }))
  const shipping = wish.shipping === undefined ? undefined : money(wish.shipping)
  return run(context, 'order_refund_1', 'order.refund', key, {
    orderId,
    lines,
    ...stated({ shipping, cause: wish.cause, reason: wish.reason }),
  })
}

/** The amount with its currency's digits; it is never rounded. */
function exact(text: string, currency: string): string {
  const value = parseDecimal(text)
  const digits = isCurrency(currency) ? currencyDigits(currency) : 2
  if (value === null || value.lessThanOrEqualTo(0) || value.decimalPlaces() > digits)
    throw new Fault('invalid', `${text} is no amount of ${currency} above 0 with at most ${digits} decimals.`, {
      field: 'amount',
      value: text,
    })
  return isCurrency(currency) ? amount(value, currency) : value.toFixed(digits)
}
