import type { Readable } from 'node:stream'
import { Decimal } from 'decimal.js'
import { readLocation } from '../../db/locations.ts'
import { ledgerClock } from '../../db/partitions.ts'
import { type CostBasis, valuedStock, valueTotals } from '../../db/valuation.ts'
import { amount } from '../values/money.ts'
import type { Context } from './context.ts'
import { csvOf } from './export.ts'
import { pastInstant, unknownLocation } from './past.ts'

/** Units and their worth in one currency; `value` is rounded to the currency's digits once, after everything was added up. */
export type Worth = { readonly currency: string; readonly units: number; readonly value: string }

export type StockValue = {
  /** The instant it is true for, by what was recorded then. */
  readonly at: string
  readonly totals: readonly Worth[]
  readonly locations: readonly (Worth & { readonly location: string; readonly basis: Exclude<CostBasis, 'none'> })[]
  /** The same for each location, whatever the cost is based on. */
  readonly locationTotals: readonly (Worth & { readonly location: string })[]
  readonly withoutCost: readonly {
    readonly location: string
    readonly units: number
    readonly skus: number
    readonly examples: readonly string[]
  }[]
}

export type ValueAsked = { readonly at?: string | undefined; readonly location?: string | undefined }

const COLUMNS = ['sku', 'title', 'location', 'units', 'unit_cost', 'currency', 'basis', 'value'] as const

/**
 * What stock on hand was worth at an instant (now when absent): units by what was recorded then, times the weighted average cost of then; where there
 * was none, the catalog's cost of today (basis `catalog`); where there is none either, units without cost.
 * @throws Fault invalid or not_found for an instant or a location that is none.
 */
export async function stockValue(context: Context, asked: ValueAsked): Promise<StockValue> {
  const filter = await filterOf(context, asked)
  const rows = await valueTotals(context.sql, filter)
  const priced = rows.flatMap(({ location, units, currency, basis, value }) =>
    currency === null || value === null || basis === 'none' ? [] : [{ location, units, currency, basis, exact: new Decimal(value) }],
  )
  return {
    at: filter.at ?? (await ledgerClock(context.sql)).now.toISOString(),
    totals: byCurrency(priced),
    locationTotals: [...Map.groupBy(priced, row => row.location)].flatMap(([location, of]) =>
      byCurrency(of).map(worth => ({ location, ...worth })),
    ),
    locations: priced.map(({ location, currency, basis, units, exact }) => ({
      location,
      currency,
      basis,
      units,
      value: amount(exact, currency),
    })),
    withoutCost: rows
      .filter(row => row.basis === 'none')
      .map(({ location, units, skus, examples }) => ({ location, units, skus, examples })),
  }
}

type Priced = { readonly units: number; readonly currency: string; readonly exact: Decimal }

const byCurrency = (rows: readonly Priced[]): Worth[] =>
  [...Map.groupBy(rows, row => row.currency)].map(([currency, of]) => ({
    currency,
    units: of.reduce((sum, row) => sum + row.units, 0),
    value: amount(
      of.reduce((sum, row) => sum.plus(row.exact), new Decimal(0)),
      currency,
    ),
  }))

/** The same SKU by SKU as CSV, streamed. @throws like `stockValue`. */
export async function stockValueCsv(context: Context, asked: ValueAsked): Promise<Readable> {
  const lines = valuedStock(context.sql, await filterOf(context, asked))
  return csvOf(COLUMNS, linesOf(lines))
}

async function* linesOf(rows: ReturnType<typeof valuedStock>) {
  for await (const { unitCost, ...row } of rows) yield { ...row, unit_cost: unitCost }
}

async function filterOf(context: Context, asked: ValueAsked) {
  const { at, location } = asked
  if (location !== undefined && (await readLocation(context.sql, location)) === null) throw unknownLocation(location)
  return { at: at === undefined ? null : await pastInstant(context.sql, at, 'at'), location: location ?? null }
}
