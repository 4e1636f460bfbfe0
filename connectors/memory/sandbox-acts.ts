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
  if (kind === 'refund') {
    const amounts = [...Object.values(refund?.amounts ?? {}), refund?.shipping ?? '0']
    const refundedCents = amounts.reduce((sum, amount) => sum + cents(amount), order.refundedCents)
    return refundedCents > cents(order.total ?? '0') ? `order ${order.number} was not paid that much` : { ...after, refundedCents }
  }
  if (order.platformState !== 'open') return `order ${order.number} is ${order.platformState}`
  if (kind === 'acknowledge' || kind === 'ready') return after
  if (order.lines.some(line => line.cancelled + line.shipped + of(line) > line.ordered))
    return `order ${order.number} has not so many open units`
  const name = kind === 'ship' ? 'shipped' : 'cancelled'
  const moved = order.lines.map(line => ({ ...line, [name]: line[name] + of(line) }))
  if (moved.some(line => line.shipped + line.cancelled < line.ordered)) return { ...after, lines: moved }
  return moved.some(line => line.shipped > 0)
    ? { ...after, lines: moved, platformState: 'shipped', effect: 'settle' }
    : { ...after, lines: moved, platformState: 'cancelled', effect: 'cancel' }
}

const cents = (amount: string): number => Math.round(100 * Number(amount))
