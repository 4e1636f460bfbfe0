import { Decimal } from 'decimal.js'
import { readAmounts, type StoredAmounts } from '../../db/reads-orders.ts'
import { type Charge, fromMinorUnits, together } from '../values/order-amounts.ts'
import type { Context } from './context.ts'

/** A charge as decimal text in the order's currency. */
export type ChargeShown = Readonly<Record<keyof Charge, string>>

/** What an order costs, for people and programs: decimal text in the order's currency. */
export type AmountsShown = {
  readonly taxIncluded: boolean
  readonly goods: ChargeShown
  readonly shipping: ChargeShown
  readonly fees: ChargeShown
  /** Taken off the order as a whole, besides the discounts of goods and shipping. */
  readonly discount: string
  /** All of its taxes. */
  readonly tax: string
  readonly total: string
  readonly giftCards: string | null
  readonly paid: string | null
  /** The most that any sum is missed by; null where all of it adds up. */
  readonly difference: string | null
  /** True where something does not add up by more than rounding may leave. */
  readonly isAmiss: boolean
  /** By `externalLineId`. */
  readonly lines: Readonly<Record<string, ChargeShown>>
}

/** What the order costs, as its channel states it; null where nobody told. */
export async function orderAmounts(context: Pick<Context, 'sql'>, orderId: number): Promise<AmountsShown | null> {
  const stored = await readAmounts(context.sql, orderId)
  return stored && amountsShown(stored)
}

/** What one unit of a line costs, with or without tax as all its order's prices are stated; decimal text, exact to six digits. */
export function pricePerUnit({ price }: Pick<ChargeShown, 'price'>, ordered: number): string {
  return new Decimal(price).dividedBy(ordered).toDecimalPlaces(6).toFixed()
}

function amountsShown({
  digits,
  taxIncluded,
  lines,
  shipping,
  fees,
  discount,
  total,
  giftCards,
  paid,
  misfit,
}: StoredAmounts): AmountsShown {
  const text = (minor: number): string => fromMinorUnits(minor, digits)
  const charge = ({ price, discount, tax, total }: Charge): ChargeShown => ({
    ...{ price: text(price), discount: text(discount), tax: text(tax), total: text(total) },
  })
  const goods = together(Object.values(lines))
  return {
    ...{ taxIncluded, goods: charge(goods), shipping: charge(shipping), fees: charge(fees), discount: text(discount) },
    ...{ tax: text(goods.tax + shipping.tax + fees.tax), total: text(total) },
    ...{ giftCards: giftCards === undefined ? null : text(giftCards), paid: paid === undefined ? null : text(paid) },
    ...{ difference: misfit === undefined ? null : text(misfit.difference), isAmiss: misfit?.isRounding === false },
    lines: Object.fromEntries(Object.entries(lines).map(([id, one]) => [id, charge(one)])),
  }
}
