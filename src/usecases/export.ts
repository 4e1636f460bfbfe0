import { Readable } from 'node:stream'
import { stringify } from 'csv-stringify'
import type { Sql } from '../../db/connect.ts'
import { type ExportChoices, type ExportKind, type ExportLine, exportLines, isPriceList } from '../../db/exports.ts'
import { guarded } from '../domain/catalog/cells.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency } from '../values/money.ts'
import type { Context } from './context.ts'

/** Columns that hold numbers: a minus there is a number's, and no formula. */
const NUMBERS = new Set([
  'price',
  'cost',
  'amount',
  'unit_price',
  'on_hand',
  'reserved',
  'unavailable',
  'incoming',
  'quantity',
  'min_quantity',
  'units',
  'unit_cost',
  'value',
])

/** The columns of each export; the first line of its file, also where there is nothing to export. */
const COLUMNS: Readonly<Record<ExportKind, readonly string[]>> = {
  catalog: words(
    'sku handle title variant_title vendor category gtin options price currency cost cost_currency weight_grams status hazard',
  ),
  stock: words('sku location quantity reserved unavailable safety_stock available incoming'),
  prices: words('sku channel currency amount from to'),
  'list-prices': words('sku list min_quantity currency amount'),
  orders: words(
    'channel number external_id state platform_state placed_at booked_at currency line sku channel_sku title unit_price ordered reserved short shipped cancelled returned short_cause instead_of',
  ),
  movements: words('id recorded_at occurred_at sku location kind on_hand reserved unavailable incoming order reason actor'),
}

/** The lines of an export as data. @throws Fault invalid for a currency or an instant that is none. */
export async function* exportRows(
  context: Context,
  kind: ExportKind,
  choices: ExportChoices,
  onRows: (rows: number) => void = () => {},
): AsyncGenerator<ExportLine> {
  if (!isCurrency(choices.currency)) {
    throw new Fault('invalid', `${choices.currency} is no currency of ISO 4217`, { field: 'currency', value: choices.currency })
  }
  if (choices.since !== null && Number.isNaN(Date.parse(choices.since))) {
    throw new Fault('invalid', `${choices.since} is no instant`, { field: 'since', value: choices.since, expected: '2026-11-22T00:00:00Z' })
  }
  if (kind === 'list-prices') await refuseNoList(context.sql, choices.list ?? '')
  let rows = 0
  for await (const line of exportLines(context.sql, kind, choices)) {
    onRows(++rows)
    yield line
  }
}

/** @throws Fault not_found when there is no price list of this code. */
export async function refuseNoList(sql: Sql, code: string): Promise<void> {
  if (!(await isPriceList(sql, code))) throw new Fault('not_found', `There is no price list ${code}.`, { field: 'list', value: code })
}

/**
 * An export as CSV (UTF-8, a header, lines that end in \n), streamed. Text that a spreadsheet would run as a formula gets an apostrophe in
 * front, which our import takes off again.
 */
export function exportCsv(kind: ExportKind, lines: AsyncIterable<ExportLine>): Readable {
  return csvOf(COLUMNS[kind], lines)
}

/** The same for lines of any columns. Destroying it ends the reading of the lines too. */
export function csvOf(columns: readonly string[], lines: AsyncIterable<ExportLine>): Readable {
  const cells = Readable.from(cellsOf(lines, columns))
  const writer = stringify({ header: true, columns: [...columns] })
  cells.once('error', error => writer.destroy(error))
  // Who reads no further (a browser that closed) leaves no statement open behind.
  writer.once('close', () => cells.destroy())
  return cells.pipe(writer)
}

async function* cellsOf(lines: AsyncIterable<ExportLine>, columns: readonly string[]): AsyncGenerator<(string | number | null)[]> {
  for await (const line of lines) {
    yield columns.map(column => {
      const value = line[column] ?? null
      return typeof value === 'string' && !NUMBERS.has(column) ? guarded(value) : value
    })
  }
}

function words(text: string): readonly string[] {
  return text.split(' ')
}
