import { invariant } from '../../values/fault.ts'
import { shareWhole } from '../../values/shares.ts'
import { Decimal } from './numbers.ts'

/**
 * Shares an amount over lines by their weights, so that the parts add up to it to the last minor unit (`shareWhole`). `total` may be negative; it and the parts have
 * at most `digits` decimals (0 yen, 2 euro, 3 dinar). Weights are not negative.
 */
export function shareOut(total: Decimal, weights: readonly Decimal[], digits: number): Decimal[] {
  const unit = new Decimal(10).pow(-digits)
  const units = total.div(unit)
  invariant(units.isInteger(), 'a shared amount has no more decimals than its currency', { total: total.toFixed(), digits })
  return shareWhole(BigInt(units.toFixed()), inWholeNumbers(weights)).map(part => new Decimal(part.toString()).times(unit))
}

function inWholeNumbers(weights: readonly Decimal[]): bigint[] {
  const factor = new Decimal(10).pow(Math.max(0, ...weights.map(weight => weight.decimalPlaces())))
  return weights.map(weight => BigInt(weight.times(factor).toFixed()))
}

/**
 * A discount shared over lines by their amounts: what each line is lowered by. It is never more than the lines together, so that no line falls below
 * nothing. Amounts and discount have at most `digits` decimals.
 */
export function shareDiscount(discount: Decimal, amounts: readonly Decimal[], digits: number): Decimal[] {
  const sum = amounts.reduce((all, amount) => all.plus(amount), new Decimal(0))
  return shareOut(Decimal.min(discount, sum), amounts, digits)
}

export type TaxedLine = { readonly net: Decimal; readonly tax: Decimal; readonly gross: Decimal }

/**
 * The tax of lines. It is reckoned on what the lines of one rate come to together and rounded once, half up, as an invoice states it, then shared over
 * them: net and tax of each line add up to its gross, and the taxes of a rate to the tax of the rate. `isIncluded`: the amounts hold the tax.
 */
export function taxLines(
  lines: readonly { readonly amount: Decimal; readonly percent: Decimal }[],
  isIncluded: boolean,
  digits: number,
): TaxedLine[] {
  const taxes: Decimal[] = lines.map(() => new Decimal(0))
  const rates = new Set(lines.map(line => line.percent.toFixed()))
  for (const rate of rates) {
    const own = lines.flatMap((line, n) => (line.percent.equals(rate) ? [{ n, amount: line.amount }] : []))
    const sum = own.reduce((all, { amount }) => all.plus(amount), new Decimal(0))
    const tax = isIncluded ? sum.times(rate).div(new Decimal(rate).plus(100)) : sum.times(rate).div(100)
    const shares = shareOut(
      tax.toDecimalPlaces(digits),
      own.map(line => line.amount),
      digits,
    )
    for (const [at, { n }] of own.entries()) taxes[n] = shares[at] ?? new Decimal(0)
  }
  return lines.map(({ amount }, n) => {
    const tax = taxes[n] ?? new Decimal(0)
    return isIncluded ? { net: amount.minus(tax), tax, gross: amount } : { net: amount, tax, gross: amount.plus(tax) }
  })
}
