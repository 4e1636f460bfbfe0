/** What is known of a stock value that waits to be sent. Ages in ms; null: never. */
export type WaitingStock = {
  /** Our model of what the platform shows: the last value that it took less its own orders since. Null: never looked at. */
  readonly expected: number | null
  readonly target: number
  readonly readAgeMs: number | null
  /** Something made the model doubtful: an order may have been overwritten, or an answer was lost. */
  readonly doubtful: boolean
}

/** At or below this many units an unseen order is likely to be the one that oversells. */
export const SCARCE_UNITS = 5

/** A read this young still counts as "before the write". */
export const READ_FRESH_MS = 2_000

/**
 * Whether the platform's stock must be read before this value is written (DESIGN 3.3): an absolute write over an order that the hub has not
 * seen gives its units back. That can only sell too much where our number is not below what the platform should show (equal: a person wants it sent again), or where the SKU
 * is scarce.
 */
export function mustReadFirst(stock: WaitingStock): boolean {
  // Nothing gives a unit back, and what is sold out waits for no call but its own.
  if (stock.target === 0) return false
  if (stock.readAgeMs !== null && stock.readAgeMs <= READ_FRESH_MS && !stock.doubtful) return false
  return stock.doubtful || stock.expected === null || stock.target >= stock.expected || stock.target <= SCARCE_UNITS
}
