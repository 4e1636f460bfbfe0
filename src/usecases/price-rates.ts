import { Fault } from '../values/fault.ts'
import { isCurrency } from '../values/money.ts'
import type { Context } from './context.ts'
import { type PriceChanged, priceCommand, refuseNumber } from './price-command.ts'
import { refuseCategory } from './price-policies.ts'

/** Percent on the net price in a region from an instant on (ISO text; now where it is absent); null takes back the rate of just that instant. */
export type TaxRateStated = {
  readonly region: string
  readonly category: string
  readonly percent: string | null
  readonly from?: string | undefined
}

/** Sets or takes back tax rates, all or none. What they speak of is reckoned anew, now and when they begin. Faults: invalid, conflict of keys. */
export function setTaxRates(context: Context, key: string | null, rates: readonly TaxRateStated[], why?: string): Promise<PriceChanged> {
  for (const [at, { region, category, percent, from }] of rates.entries()) {
    refuseCategory(category, `rates.${at}.category`)
    if (percent === null) refuseNoInstant(from, `rates.${at}.from`)
    else
      refuseNumber(
        percent,
        { from: 0, below: 1000, decimals: 4 },
        `rates.${at}.percent`,
        `Rate ${at} (${region}, ${category}): a percentage of`,
      )
  }
  return priceCommand(context, 'tax_rates_set_1', 'price.tax_rates', key, { rates, why }, 'rates')
}

/** One unit of `from` is `rate` units of `to` since an instant (ISO text; now where it is absent); null takes back the rate of just that instant. */
export type ExchangeRateStated = {
  readonly from: string
  readonly to: string
  readonly rate: string | null
  readonly since?: string | undefined
}

/** Sets or takes back exchange rates, all or none. What is converted by them is reckoned anew, now and when they begin. Faults: invalid, conflict of keys. */
export function setExchangeRates(
  context: Context,
  key: string | null,
  rates: readonly ExchangeRateStated[],
  why?: string,
): Promise<PriceChanged> {
  for (const [at, { from, to, rate, since }] of rates.entries()) {
    for (const [field, currency] of [
      ['from', from],
      ['to', to],
    ] as const)
      if (!isCurrency(currency))
        throw new Fault('invalid', `Rate ${at}: ${currency} is no currency.`, {
          field: `rates.${at}.${field}`,
          value: currency,
          expected: 'a currency code of ISO 4217',
        })
    if (from === to)
      throw new Fault('invalid', `Rate ${at}: one ${from} is one ${to}.`, {
        field: `rates.${at}.to`,
        value: to,
        expected: 'another currency',
      })
    if (rate === null) refuseNoInstant(since, `rates.${at}.since`)
    else refuseNumber(rate, { above: 0, below: 1e12, decimals: 12 }, `rates.${at}.rate`, `Rate ${at} (${from} to ${to}):`)
  }
  return priceCommand(context, 'exchange_rates_set_1', 'price.exchange_rates', key, { rates, why }, 'rates')
}

/** What is taken back must be named by its instant. */
function refuseNoInstant(instant: string | undefined, field: string): void {
  if (instant === undefined)
    throw new Fault('invalid', 'A rate is taken back by the instant from which it holds.', {
      field,
      expected: 'the startsAt of the rate, as the list of rates tells it',
    })
}
