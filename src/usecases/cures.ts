import { shortLines } from '../../db/pages-exceptions.ts'
import { proposedSubstitutes } from '../../db/substitutes.ts'
import { type Cure, cureFor } from '../domain/orders/cure.ts'
import type { Context } from './context.ts'

export type ProposedCure = { readonly orderId: number; readonly lineId: number; readonly short: number; readonly cure: Cure }

/** The best cure of each short line of these orders. What there is goes to the oldest first, so no unit is proposed to two. */
export async function proposeCures(context: Pick<Context, 'sql'>, orderIds: readonly number[]): Promise<ProposedCure[]> {
  const [lines, proposed] = await Promise.all([shortLines(context.sql, orderIds), proposedSubstitutes(context.sql, orderIds)])
  const taken = new Map<string, number>()
  return lines.map(({ orderId, lineId, ...facts }) => {
    const substitutes = proposed.filter(one => one.lineId === lineId).map(({ sku, free }) => ({ sku, free: free - (taken.get(sku) ?? 0) }))
    const cure = cureFor({ ...facts, substitutes })
    if (cure.cure === 'substitute') taken.set(cure.sku, (taken.get(cure.sku) ?? 0) + cure.units)
    return { orderId, lineId, short: facts.short, cure }
  })
}
