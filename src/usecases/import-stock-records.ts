import { cellText } from '../domain/catalog/cells.ts'
import { type Columns, cellsOf, readColumns } from '../domain/catalog/columns.ts'
import type { CellError } from '../domain/catalog/row.ts'
import { readStockRow, type StockDefaults, type StockRow, stockColumns } from '../domain/catalog/stock-rows.ts'
import { Fault } from '../values/fault.ts'
import { csvRecords } from './import-records.ts'
import { type ByteSource, decode, type Encoding } from './import-text.ts'

export type StockFormat = 'csv' | 'ndjson'

export type StockReading = {
  readonly source: ByteSource
  readonly format: StockFormat
  readonly encoding: Encoding
  readonly delimiter: string
  readonly defaults: StockDefaults
  readonly ignoreOtherColumns: boolean
}

/** A row with its number as a spreadsheet or an editor shows it, or null where it is empty. */
export type StockRecord = { readonly rowNo: number; readonly row: StockRow | null }

/** What the reading finds on its way. */
export type StockFound = { heading: Readonly<Record<string, string>>; readonly otherColumns: Set<string> }

// A line without an end would otherwise fill the memory.
const LINE_MAX = 1_000_000

/** Reads a stock file row by row in bounded memory; what cannot be read any further is a last row with its error. */
export function stockRecords(reading: StockReading, found: StockFound): AsyncGenerator<StockRecord> {
  return reading.format === 'csv' ? fromCsv(reading, found) : fromLines(reading, found)
}

async function* fromCsv(reading: StockReading, found: StockFound): AsyncGenerator<StockRecord> {
  let columns: Columns | null = null
  let heading = (column: string) => column
  for await (const record of csvRecords(reading.source, reading.encoding, reading.delimiter)) {
    if ('broken' in record) {
      yield { rowNo: record.row, row: wrong([{ column: 'file', value: record.value, expected: record.broken }]) }
      return
    }
    if (columns === null) {
      const opened = openColumns(record.cells, reading)
      if ('errors' in opened) {
        yield { rowNo: record.row, row: wrong(opened.errors) }
        return
      }
      columns = opened
      found.heading = opened.heading
      for (const name of opened.unknown) found.otherColumns.add(name)
      heading = column => opened.heading[column] ?? column
      continue
    }
    const { cells, row: rowNo } = record
    if (cells.every(cell => cell.trim() === '')) {
      yield { rowNo, row: null }
      continue
    }
    const surplus = cells.length > columns.count ? cells.slice(columns.count).find(cell => cell.trim() !== '') : undefined
    if (surplus === undefined) yield { rowNo, row: readStockRow(heading, reading.defaults, cellsOf(columns, cells)) }
    else {
      const expected = `${columns.count} cells, as the header has; this row has ${cells.length}: text with a comma in it needs quotes`
      yield { rowNo, row: wrong([{ column: `cell ${columns.count + 1}`, value: surplus, expected }]) }
    }
  }
  if (columns === null)
    yield { rowNo: 1, row: wrong([{ column: 'file', value: '', expected: 'a first line with column names; the file is empty' }]) }
}

/** The column location may be absent where the person who imports names one. */
function openColumns(header: readonly string[], { defaults, ignoreOtherColumns }: StockReading) {
  const required = stockColumns.required.filter(name => name !== 'location' || defaults.location === null)
  return readColumns(header, { ...stockColumns, required, isClosed: !ignoreOtherColumns })
}

async function* fromLines(reading: StockReading, found: StockFound): AsyncGenerator<StockRecord> {
  let rest = ''
  let rowNo = 0
  const rowOf = (line: string): StockRecord => ({ rowNo: ++rowNo, row: line.trim() === '' ? null : readLine(line, reading, found) })
  try {
    for await (const piece of decode(reading.source, reading.encoding)) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) yield rowOf(line)
      if (rest.length > LINE_MAX) {
        yield {
          rowNo: rowNo + 1,
          row: wrong([{ column: 'file', value: rest.slice(0, 40), expected: 'a line of at most a million characters' }]),
        }
        return
      }
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    yield { rowNo: rowNo + 1, row: wrong([{ column: 'file', value: String(error.detail.value ?? ''), expected: error.message }]) }
    return
  }
  if (rest !== '') yield rowOf(rest)
  if (rowNo === 0)
    yield { rowNo: 1, row: wrong([{ column: 'file', value: '', expected: 'a JSON object in each line; the file is empty' }]) }
}

const OURS: ReadonlyMap<string, string> = new Map(
  Object.entries(stockColumns.headings).flatMap(([name, headings]) => headings.map(heading => [heading, name] as const)),
)
const IGNORED: ReadonlySet<string> = new Set(stockColumns.ignored)

/** Reads a line of JSON. Its members are called as our columns; numbers and texts mean the same as in a cell. */
function readLine(line: string, { defaults, ignoreOtherColumns }: StockReading, found: StockFound): StockRow {
  const expected = 'a JSON object such as {"sku":"TEA","location":"MAIN","quantity":12}'
  const parsed = parseObject(line)
  if (parsed === null) return wrong([{ column: 'line', value: line.trim().slice(0, 80), expected }])
  const cells = new Map<string, string>()
  const errors: CellError[] = []
  for (const [name, value] of Object.entries(parsed)) {
    const ours = OURS.get(name)
    if (ours === undefined) {
      if (IGNORED.has(name)) continue
      if (ignoreOtherColumns) found.otherColumns.add(name)
      else errors.push({ column: name, value: shown(value), expected: `one of ${[...OURS.keys()].join(', ')}` })
    } else if (typeof value === 'string') cells.set(ours, cellText(value))
    else if (typeof value === 'number') cells.set(ours, String(value))
    else if (value !== null) errors.push({ column: name, value: shown(value), expected: 'a text or a number' })
  }
  const row = readStockRow(
    column => column,
    defaults,
    column => cells.get(column) ?? '',
  )
  return errors.length === 0 ? row : { ...row, quantity: null, errors: [...errors, ...(row.errors ?? [])] }
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80)

/** A row of which nothing could be read. */
function wrong(errors: readonly CellError[]): StockRow {
  const nothing = { sku: null, location: null, quantity: null, occurredAt: null, reason: null, lot: null, expiresAt: null }
  return { ...nothing, isDelta: false, isAvailable: false, errors }
}
