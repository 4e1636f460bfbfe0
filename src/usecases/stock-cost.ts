import { Decimal } from 'decimal.js'
import { type CostRow, costedPlaces, listCosts } from '../../db/costs.ts'
import { amount } from '../values/money.ts'
import type { Context } from './context.ts'
import { unknownSku } from './past.ts'

const HISTORY_MOST = 200

/** Units somewhere, and what they are worth at the average, rounded once to the digits of its currency; null while no receipt said what they cost. */
export type CostedUnits = { readonly units: number; readonly value: string | null }

export type StockCost = {
  readonly sku: string
  /** What a unit cost on average: decimal text with 6 decimals, in `currency`; null while no receipt said it. */
  readonly average: string | null
  readonly currency: string | null
  /** All that the average stands for: on hand in our own locations, and under way between them. */
  readonly units: number
  readonly value: string | null
  /** On hand where there is any, by the code of the location. */
  readonly locations: readonly (CostedUnits & { readonly location: string })[]
  readonly underWay: CostedUnits
  /** The newest first; at most 200. */
  readonly history: readonly CostRow[]
}

/** What a unit of a SKU cost on average, how that came to be, and where the units are that it stands for. Fault: not_found. */
export async function stockCost({ sql }: Pick<Context, 'sql'>, sku: string): Promise<StockCost> {
  const [places, history] = await Promise.all([costedPlaces(sql, sku), listCosts(sql, sku, HISTORY_MOST)])
  if (places === null) throw unknownSku(sku)
  const [now] = history
  const worth = (units: number): CostedUnits => ({
    units,
    value: now === undefined ? null : amount(new Decimal(now.average).times(units), now.currency),
  })
  return {
    ...{ sku, average: now?.average ?? null, currency: now?.currency ?? null },
    ...worth(places.reduce((sum, place) => sum + place.units, 0)),
    locations: places.flatMap(({ location, units }) => (location === null || units === 0 ? [] : [{ location, ...worth(units) }])),
    underWay: worth(places.find(place => place.location === null)?.units ?? 0),
    history,
  }
}
