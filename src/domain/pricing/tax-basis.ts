import type { PriceFacts, PriceList } from './facts.ts'
import { carried, type Decimal, divided } from './numbers.ts'
import { taxPercent } from './rates.ts'

/** Why nobody knows the tax between two bases: the channel has no region, or the region no rate for the goods. */
export type NoTax = 'no_region' | 'no_tax_rate'

/** An amount in another tax basis. `tax`: the percent between the two, null where they are one and the amount is as it stood. */
export type Restated = { readonly stands: Decimal; readonly tax: Decimal | null; readonly amount: Decimal }

/** Whether a list's amounts are with tax; where it does not say so, they are as the channel shows prices. */
export const isShownTaxed = ({ channel }: PriceFacts, { taxIncluded }: PriceList): boolean => taxIncluded ?? channel.taxInclusive

/** An amount with tax (`from`) or without it, stated with tax (`to`) or without it, by the rate of the variant's goods in the channel's region. */
export function restated(facts: PriceFacts, stands: Decimal, from: boolean, to: boolean, at: Date): Restated | NoTax {
  if (from === to) return { stands, tax: null, amount: stands }
  const { channel, variant, taxRates } = facts
  const tax = taxPercent(taxRates, channel.region, variant.taxCategory, at)
  if (tax === null) return channel.region === null ? 'no_region' : 'no_tax_rate'
  const amount = to ? carried(stands.times(tax.plus(100)).div(100)) : divided(stands.times(100), tax.plus(100))
  return { stands, tax, amount }
}
