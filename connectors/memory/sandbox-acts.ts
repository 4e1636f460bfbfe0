import { z } from 'zod'
import type { WireOrder } from './wire.ts'

/** What the hub asks to be done with an order, as the platform reads it. */
export const acted = z.object({
  key: z.string(),
  kind: z.enum(['acknowledge', 'ready', 'ship', 'cancel', 'refund']),
  externalOrderId: z.string(),
  lines: z.array(z.object({ externalLineId: z.string(), quantity: z.int().min(0) })),
  tracking: z.looseObject({}).optional(),
  cause: z.string().optional(),
  refund: z.object({ amounts: z.record(z.string(), z.string()), shipping: z.string().nullable() }).optional(),
})
export type Acted = z.infer<typeof acted>

/** The order once that is done, or why it is refused. */
export function actedUpon(order: WireOrder, { key, kind, lines, refund }: Acted): WireOrder | string {
  const units = new Map(lines.map(line => [line.externalLineId, line.quantity]))
  const of = (line: WireOrder['lines'][number]): number => units.get(line.externalLineId) ?? 0
  const after = { ...order, acts: [...order.acts, key] }
  const amounts = [...Object.values(refund?.amounts ?? {}), refund?.shipping ?? '0']
  const refundedCents = amounts.reduce((sum, amount) => sum + cents(amount), order.refundedCents)
  if (kind === 'refund')
    return refundedCents > cents(order.total ?? '0') ? `order ${order.number} was not paid that much` : { ...after, refundedCents }
  if (order.platformState !== 'open') return `order ${order.number} is ${order.platformState}`
  if (kind === 'acknowledge' || kind === 'ready') return after
  if (order.lines.some(line => line.cancelled + line.shipped + of(line) > line.ordered))
    return `order ${order.number} has not so many open units`
  const name = kind === 'ship' ? 'shipped' : 'cancelled'
  const moved = order.lines.map(line => ({ ...line, [name]: line[name] + of(line) }))
  // What the act does not tell of is worth what was paid for it.
  const worth = order.lines.reduce((sum, line) => sum + cents(line.unitPrice ?? '0') * of(line), order.refundedCents)
  const back = kind === 'cancel' ? { refundedCents: refund ? refundedCents : worth } : {}
  if (moved.some(line => line.shipped + line.cancelled < line.ordered)) return { ...after, ...back, lines: moved }
  return moved.some(line => line.shipped > 0)
    ? { ...after, ...back, lines: moved, platformState: 'shipped', effect: 'settle' }
    : { ...after, refundedCents: cents(order.total ?? '0'), lines: moved, platformState: 'cancelled', effect: 'cancel' }
}

const cents = (amount: string): number => Math.round(100 * Number(amount))
