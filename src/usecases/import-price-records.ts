import { cellText, type DecimalMark } from '../domain/catalog/cells.ts'
import { readColumns } from '../domain/catalog/columns.ts'
import { type PriceReading, priceColumns, type RowZones, readPriceRow } from '../domain/catalog/price-rows.ts'
import { type PriceReader, priceReader } from '../domain/catalog/price-rows-plain.ts'
import type { CellError } from '../domain/catalog/row.ts'
import { Fault } from '../values/fault.ts'
import { csvBatches } from './import-csv-batches.ts'
import type { StockFormat } from './import-stock-records.ts'
import { type ByteSource, decode, type Encoding } from './import-text.ts'

export type PriceFile = {
  readonly source: ByteSource
  readonly format: StockFormat
  readonly encoding: Encoding
  readonly delimiter: string
  /** Of amounts in CSV; absent: a point. */
  readonly decimal?: DecimalMark | undefined
  readonly ignoreOtherColumns: boolean
  readonly zones: RowZones
}

/** A row with its number as a spreadsheet or an editor shows it, or null where it is empty. */
export type PriceRecord = { readonly rowNo: number; readonly reading: PriceReading | null }

/**
 * The next rows. `plain`: lines that say exactly what is written there (see PriceReader), each behind the number of its row and a separator; they are not among
 * the records.
 */
export type PriceBatch = { readonly records: readonly PriceRecord[]; readonly plain: string; readonly plainCount: number }

/** What the reading finds on its way. */
export type PriceFound = {
  heading: Readonly<Record<string, string>>
  readonly otherColumns: Set<string>
  /** What the cells of plain lines are, in their order. */
  plainColumns: readonly string[]
}

// A line without an end would otherwise fill the memory.
const LINE_MAX = 1_000_000

/** Reads a price file in batches of rows, in bounded memory; what cannot be read any further is a last row with its error. */
export async function* priceBatches(file: PriceFile, found: PriceFound): AsyncGenerator<PriceBatch> {
  if (file.format === 'csv') yield* fromCsv(file, found)
  else for await (const records of fromLines(file, found)) yield batchOf(records)
}

const batchOf = (records: readonly PriceRecord[]): PriceBatch => ({ records, plain: '', plainCount: 0 })

async function* fromCsv(file: PriceFile, found: PriceFound): AsyncGenerator<PriceBatch> {
  const { delimiter } = file
  let opened: { readonly reader: PriceReader; readonly count: number } | null = null
  for await (const read of csvBatches(file.source, file.encoding, delimiter)) {
    const isLines = 'lines' in read
    const length = isLines ? read.lines.length : read.length
    const records: PriceRecord[] = []
    let [plain, plainCount] = ['', 0]
    for (let at = 0; at < length; at++) {
      const line = isLines ? (read.lines[at] ?? '') : null
      if (line !== null && isLines && opened?.reader.isPlain(line)) {
        plain += `${read.before + at + 1}${delimiter}${line}\n`
        plainCount++
        continue
      }
      const record = isLines ? { row: read.before + at + 1, cells: (line ?? '').split(delimiter) } : read[at]
      if (record === undefined) continue
      if ('broken' in record) {
        yield {
          records: [...records, wrong(record.row, { column: 'file', value: record.value, expected: record.broken })],
          plain,
          plainCount,
        }
        return
      }
      const { cells, row } = record
      if (opened === null) {
        const columns = readColumns(cells, { ...priceColumns, isClosed: !file.ignoreOtherColumns })
        if ('errors' in columns) {
          yield batchOf([{ rowNo: row, reading: { errors: columns.errors } }])
          return
        }
        opened = { reader: priceReader(columns, file.zones, delimiter, file.decimal ?? '.'), count: columns.count }
        found.heading = columns.heading
        found.plainColumns = opened.reader.columns
        for (const name of columns.unknown) found.otherColumns.add(name)
      } else records.push(recordOf(row, cells, opened.count, opened.reader.read))
    }
    yield { records, plain, plainCount }
  }
  if (opened === null)
    yield batchOf([wrong(1, { column: 'file', value: '', expected: 'a first line with column names; the file is empty' })])
}

function recordOf(row: number, cells: readonly string[], count: number, read: (cells: readonly string[]) => PriceReading): PriceRecord {
  if (cells.every(cell => cell.trim() === '')) return { rowNo: row, reading: null }
  const surplus = cells.slice(count).find(cell => cell.trim() !== '')
  if (surplus === undefined) return { rowNo: row, reading: read(cells) }
  const expected = `${count} cells, as the header has; this row has ${cells.length}: text with a comma in it needs quotes`
  return wrong(row, { column: `cell ${count + 1}`, value: surplus, expected })
}

async function* fromLines(file: PriceFile, found: PriceFound): AsyncGenerator<PriceRecord[]> {
  let rest = ''
  let rowNo = 0
  const recordOf = (line: string): PriceRecord => ({ rowNo: ++rowNo, reading: line.trim() === '' ? null : readLine(line, file, found) })
  try {
    for await (const piece of decode(file.source, file.encoding)) {
      const lines = (rest + piece).split('\n')
      rest = lines.pop() ?? ''
      yield lines.map(recordOf)
      if (rest.length > LINE_MAX) {
        yield [wrong(rowNo + 1, { column: 'file', value: rest.slice(0, 40), expected: 'a line of at most a million characters' })]
        return
      }
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    yield [wrong(rowNo + 1, { column: 'file', value: String(error.detail.value ?? ''), expected: error.message })]
    return
  }
  if (rest !== '') yield [recordOf(rest)]
  if (rowNo === 0) yield [wrong(1, { column: 'file', value: '', expected: 'a JSON object in each line; the file is empty' })]
}

const OURS: ReadonlyMap<string, string> = new Map(
  Object.entries(priceColumns.headings).flatMap(([name, headings]) => headings.map(heading => [heading, name] as const)),
)

/** Reads a line of JSON. Its members are called as our columns; numbers and texts mean the same as in a cell, null as an empty one. */
function readLine(line: string, { ignoreOtherColumns, zones }: PriceFile, found: PriceFound): PriceReading {
  const parsed = parseObject(line)
  if (parsed === null) {
    const expected = 'a JSON object such as {"sku":"TEA","currency":"EUR","amount":"12.50"}'
    return { errors: [{ column: 'line', value: line.trim().slice(0, 80), expected }] }
  }
  const cells = new Map<string, string>()
  const errors: CellError[] = []
  const shown = (value: unknown): string => JSON.stringify(value).slice(0, 80)
  for (const [name, value] of Object.entries(parsed)) {
    const ours = OURS.get(name)
    if (ours === undefined) {
      if (ignoreOtherColumns) found.otherColumns.add(name)
      else errors.push({ column: name, value: shown(value), expected: `one of ${[...OURS.keys()].join(', ')}` })
    } else if (typeof value === 'string') cells.set(ours, cellText(value))
    else if (typeof value === 'number') cells.set(ours, String(value))
    else if (value !== null) errors.push({ column: name, value: shown(value), expected: 'a text or a number' })
    else cells.set(ours, '')
  }
  // To forget a member is no way to end a price.
  if (!cells.has('amount')) errors.push({ column: 'amount', value: '', expected: 'an amount, or null to end the price' })
  const reading = readPriceRow(
    column => column,
    column => cells.get(column) ?? '',
    zones,
  )
  return errors.length === 0 ? reading : { errors: [...errors, ...('errors' in reading ? reading.errors : [])] }
}

function parseObject(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

const wrong = (rowNo: number, error: CellError): PriceRecord => ({ rowNo, reading: { errors: [error] } })
