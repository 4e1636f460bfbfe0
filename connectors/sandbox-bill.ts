import { z } from 'zod'
import { type Charge, chargeOf, fromMinorUnits, inMinor, minorDigits, NO_CHARGE, shareOf, together } from '../src/values/order-amounts.ts'

/** What an order is bought on besides the price of its goods; amounts as decimal text. */
export const termsShape = z.object({
  /** Percent of all that is paid for: in the prices, or on top of them. */
  tax: z.object({ percent: z.number(), included: z.boolean() }).optional(),
  /** Taken off the goods together. */
  discount: z.string().optional(),
  shipping: z.object({ price: z.string(), discount: z.string().optional() }).optional(),
  /** How long after it was placed the platform wants it shipped at the latest, where it says so. */
  shipWithinHours: z.number().optional(),
  /** The language that the buyer shops in, as a tag. */
  language: z.string().optional(),
  /** How risky the platform finds it. */
  risk: z.enum(['low', 'high']).optional(),
  /** The platform has taken it, and it is not to be filled before it is paid. */
  awaitsPayment: z.boolean().optional(),
})
export type SandboxTerms = z.infer<typeof termsShape>

/** An order's charges in minor units, as the sandbox reckons them; each platform states them its own way. */
export type Bill = {
  readonly taxIncluded: boolean
  readonly percent: number
  /** In the order of the lines. */
  readonly lines: readonly Charge[]
  readonly goods: Charge
  readonly shipping: Charge
  readonly total: number
  readonly text: (minor: number) => string
}

/** Terms as they are kept in a column; none where it is empty. */
export function termsOf(kept: string | null): SandboxTerms {
  return kept === null ? {} : termsShape.parse(JSON.parse(kept))
}

/** By when the platform wants it shipped: so many hours after it was placed; null where nothing is said. */
export function shipByOf({ shipWithinHours }: SandboxTerms, placedAt: Date, usualHours?: number): string | null {
  const hours = shipWithinHours ?? usualHours
  return hours === undefined ? null : new Date(placedAt.getTime() + hours * 3_600_000).toISOString()
}

/** The bill of an order: the discount is shared over the lines by what they cost, and each charge's tax is rounded by itself. */
export function billOf(
  terms: SandboxTerms,
  lines: readonly { readonly quantity: number; readonly price: string }[],
  currency: string,
  digits = minorDigits(currency),
): Bill {
  const { percent, included } = terms.tax ?? { percent: 0, included: false }
  const charge = (price: number, discount: number): Charge => {
    const paid = price - discount
    return chargeOf({ price, discount, tax: Math.round((paid * percent) / (included ? 100 + percent : 100)) }, included)
  }
  const prices = lines.map(line => line.quantity * inMinor(line.price, digits))
  const all = prices.reduce((sum, price) => sum + price, 0)
  const discounts = shareOf(Math.min(all, inMinor(terms.discount, digits)), lines.length === 0 ? [1] : prices)
  const charges = prices.map((price, n) => charge(price, discounts[n] ?? 0))
  const { shipping: way } = terms
  const shipping = way === undefined ? NO_CHARGE : charge(inMinor(way.price, digits), inMinor(way.discount, digits))
  const goods = together(charges)
  return {
    ...{ taxIncluded: included, percent, lines: charges, goods, shipping, total: goods.total + shipping.total },
    text: minor => fromMinorUnits(minor, digits),
  }
}
