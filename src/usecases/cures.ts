import { shortLines } from '../../db/pages-exceptions.ts'
import { type Cure, cureFor } from '../domain/orders/cure.ts'
import type { Context } from './context.ts'

export type ProposedCure = { readonly orderId: number; readonly lineId: number; readonly short: number; readonly cure: Cure }

/** The best cure of each short line of these orders. What there is goes to the oldest first, so no unit is proposed to two. */
export async function proposeCures(context: Pick<Context, 'sql'>, orderIds: readonly number[]): Promise<ProposedCure[]> {
  const lines = await shortLines(context.sql, orderIds)
  return lines.map(({ orderId, lineId, ...facts }) => ({ orderId, lineId, short: facts.short, cure: cureFor({ ...facts, until: null }) }))
}
