import { type ReviewPart, type ReviewRow, type ReviewTotals, readCount, reviewLines, reviewTotals } from '../../db/counts.ts'
import { type Difference, differenceOf } from '../domain/inventory/count.ts'
import { Fault } from '../values/fault.ts'
import { amount } from '../values/money.ts'
import type { Context } from './context.ts'

export type ReviewLine = ReviewRow & { readonly difference: Difference }

export type CountReview = {
  /** All lines summed up; values in the digits of their currency. */
  readonly totals: ReviewTotals
  readonly lines: readonly ReviewLine[]
}

/**
 * A count beside the books, for whoever approves it: what was counted, what the books said at that instant, the difference in units and money.
 * `part`: all lines, those that differ, or those that nobody counted. Throws `conflict` while people still count: until then nobody is told.
 */
export async function reviewCount(context: Context, id: number, part: ReviewPart, after: number, limit: number): Promise<CountReview> {
  const count = await readCount(context.sql, id)
  if (count === null) throw new Fault('not_found', `There is no count ${id}.`, { field: 'count', value: id })
  if (count.submittedAt === null)
    throw new Fault('conflict', `Count ${id} was not handed in: what the books say is told afterwards.`, { state: count.state })
  const [totals, rows] = await Promise.all([reviewTotals(context.sql, id), reviewLines(context.sql, id, part, after, limit)])
  return {
    totals: { ...totals, values: totals.values.map(({ currency, value }) => ({ currency, value: amount(value, currency) })) },
    lines: rows.map(row => ({ ...row, difference: differenceOf(row) })),
  }
}
