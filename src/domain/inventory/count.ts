import { Decimal } from 'decimal.js'
import { amount } from '../../values/money.ts'

/** One line of a count, in base units. `book` is what the books say was on hand at the instant of counting, by what is known of it now. */
export type CountedLine = {
  /** Null: nobody counted it. */
  readonly counted: number | null
  readonly book: number
  /** What one unit costs, as decimal text; null where no cost is known. */
  readonly unitCost: string | null
  readonly currency: string | null
}

export type Difference = {
  /** Units more (+) or fewer (−) than the books say; null where nobody counted. */
  readonly units: number | null
  /** What these units cost, with their sign; null where no cost is known or nobody counted. */
  readonly value: string | null
}

/** How a count differs from the books, in units and in money. */
export function differenceOf(line: CountedLine): Difference {
  if (line.counted === null) return { units: null, value: null }
  const units = line.counted - line.book
  if (line.unitCost === null || line.currency === null) return { units, value: null }
  return { units, value: amount(new Decimal(line.unitCost).times(units), line.currency) }
}

/**
 * The units that approving a line posts, when `onHand` units are on the books by now: counted − book, both at the instant of counting, so that
 * what was sold or received since then stays sold and received. Never takes what is on hand below 0. The SQL function `count_post` repeats this rule; the
 * race `count-posted-during-sales` holds the two equal.
 */
export function postedOf(onHand: number, counted: number, book: number): number {
  return Math.max(0, onHand + counted - book) - onHand
}
