import type { PriceFacts } from './facts.ts'
import type { Decimal } from './numbers.ts'
import { type Resolved, resolvePrice } from './resolve.ts'

/** From here on a source addresses a buyer, not a channel: a tier or a partner. */
const OWN_LEVEL = 5

export type Effective = {
  /** What the buyer pays; null where there is no regular price, or it is held for a person. */
  readonly amount: Decimal | null
  readonly regular: Resolved | null
  readonly sale: Resolved | null
  /** Whether it is the sale's price that is paid. */
  readonly isSale: boolean
}

/**
 * What a buyer pays of a quantity at an instant: the sale's price where it is lower. A sale that is not lower replaces the regular price, unless that is a
 * partner's or a tier's own and the sale is for others, or it is of a greater quantity. `price_effective_1` in SQL.
 */
export function effectivePrice(facts: PriceFacts, quantity: number, at: Date): Effective {
  const regular = resolvePrice(facts, 'regular', quantity, at)
  const sale = resolvePrice(facts, 'sale', quantity, at)
  if (regular === null || regular.amount === null) return { amount: null, regular, sale, isSale: false }
  const isSale =
    sale !== null &&
    sale.amount !== null &&
    (sale.amount.lessThan(regular.amount) || (!isTheirOwn(regular, sale) && !isOfQuantity(regular)))
  return { amount: isSale ? (sale.amount ?? null) : regular.amount, regular, sale, isSale }
}

function isTheirOwn(regular: Resolved, sale: Resolved): boolean {
  return regular.winner.source.level >= OWN_LEVEL && sale.winner.source.level < OWN_LEVEL
}

function isOfQuantity({ winner }: Resolved): boolean {
  return (winner.spoke?.entry.minQuantity ?? 1) > 1
}
