import { Decimal } from './numbers.ts'

/** A price as it goes to a platform: decimal text. */
type Shown = {
  readonly regular: string
  readonly sale?: { readonly amount: string; readonly from?: string | null } | null
}

/**
 * The part of a price that stands below its floor, with that floor; null: none does. What is shown now is held against the floor of now, a sale that
 * is sent ahead against the floor of its beginning. Decimal text throughout; null: there is no floor. `price_below_floor` in SQL.
 */
export function belowFloor(
  price: Shown,
  floor: string | null,
  floorAhead: string | null,
): { readonly amount: string; readonly floor: string } | null {
  const { sale } = price
  const parts: readonly (readonly [string, string | null])[] = [
    [price.regular, floor],
    ...(sale ? [[sale.amount, (sale.from ?? null) === null ? floor : floorAhead] as const] : []),
  ]
  for (const [amount, least] of parts) if (least !== null && new Decimal(amount).lessThan(least)) return { amount, floor: least }
  return null
}
