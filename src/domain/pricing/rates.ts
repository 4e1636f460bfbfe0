import { Decimal, divided } from './numbers.ts'

/** How many units of `to` one unit of `from` is, from an instant on. */
export type ExchangeRate = {
  readonly id: number
  readonly from: string
  readonly to: string
  readonly rate: string
  readonly startsAt: Date
}

/** Percent on the net price by region and category of goods, from an instant on. */
export type TaxRate = {
  readonly id: number
  readonly region: number
  readonly category: string
  readonly percent: string
  readonly startsAt: Date
}

/** The rate in force at an instant: the direct one, else the other way round; null where none is known. `exchange_rate_at` in SQL. */
export function exchangeRate(rates: readonly ExchangeRate[], from: string, to: string, at: Date): Decimal | null {
  if (from === to) return new Decimal(1)
  const direct = latest(
    rates.filter(one => one.from === from && one.to === to),
    at,
  )
  if (direct) return new Decimal(direct.rate)
  const other = latest(
    rates.filter(one => one.from === to && one.to === from),
    at,
  )
  return other ? divided(new Decimal(1), new Decimal(other.rate)) : null
}

/** The tax percent in force at an instant; null where none is known. `tax_percent_at` in SQL. */
export function taxPercent(rates: readonly TaxRate[], region: number | null, category: string, at: Date): Decimal | null {
  const found = latest(
    rates.filter(one => one.region === region && one.category === category),
    at,
  )
  return found ? new Decimal(found.percent) : null
}

function latest<T extends { readonly id: number; readonly startsAt: Date }>(rates: readonly T[], at: Date): T | undefined {
  return rates.filter(one => one.startsAt <= at).sort((a, b) => b.startsAt.getTime() - a.startsAt.getTime() || b.id - a.id)[0]
}
