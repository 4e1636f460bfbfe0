import { type ExceptionKind, type OrderException, orderExceptions } from '../../db/pages-exceptions.ts'
import type { Context } from './context.ts'
import { type ProposedCure, proposeCures } from './cures.ts'

export type ProposedException = OrderException & {
  /** The next sensible step for each line that it is short of; none for other kinds. */
  readonly cures: readonly ProposedCure[]
}

/** Orders that do not go on by themselves, first what its platform wants shipped soon, then the oldest; of one kind alone where it is named. At most `limit` of each kind. */
export async function readExceptions(
  context: Pick<Context, 'sql' | 'now'>,
  limit: number,
  kind: ExceptionKind | null = null,
): Promise<ProposedException[]> {
  const rows = await orderExceptions(context.sql, context.now?.() ?? new Date(), limit, kind)
  const short = rows.filter(row => row.kind === 'short').map(row => row.orderId)
  const cures = short.length === 0 ? [] : await proposeCures(context, short)
  return rows.map(row => ({ ...row, cures: row.kind === 'short' ? cures.filter(one => one.orderId === row.orderId) : [] }))
}
