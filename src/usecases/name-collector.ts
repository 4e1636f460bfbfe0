import { keepCollector } from '../../db/people.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { sealPerson } from './seal-person.ts'

/**
 * Notes who else may collect an order, as the buyer said; null: nobody else. The name is kept like the buyer's own data and goes with it. Said again, it is the
 * same. Throws `not_found`.
 */
export async function nameCollector(context: Context, orderId: number, name: string | null): Promise<void> {
  const sealed = name === null ? null : await sealPerson(context, { name })
  // Where the channel told nothing of the buyer, an empty row stands for it: what is removed with that row must have one.
  const nobody = await sealPerson(context, {})
  if (!(await keepCollector(context.sql, orderId, sealed, nobody)))
    throw new Fault('not_found', `There is no order ${orderId}.`, { field: 'order', value: orderId })
}
