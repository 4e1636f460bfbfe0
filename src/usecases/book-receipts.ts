import { type Columns, cellsOf, readColumns } from '../domain/catalog/columns.ts'
import type { Cells } from '../domain/catalog/row.ts'
import { Fault } from '../values/fault.ts'
import { parseInstant } from '../values/instant.ts'
import { isSku } from '../values/sku.ts'
import { UNITS_MOST } from '../values/units.ts'
import { sellAtTill, type TillSale, tryAtTill } from './change-stock.ts'
import type { Context } from './context.ts'
import { csvRecords } from './import-records.ts'
import type { ByteSource, Encoding } from './import-text.ts'
import { type OwnStore, refuseOtherStore } from './own-store.ts'
import { RECEIPT_TEXT, type ReceiptCode } from './receipt-text.ts'

/** What is wrong with a row, or with a whole receipt (by its first row): the row as a spreadsheet shows it, and the column as the file calls it. */
export type ReceiptError = {
  readonly row: number
  readonly column: string
  readonly till: string
  readonly receipt: string
  /** Why, with what its words name; and in English. */
  readonly code: ReceiptCode
  readonly values: readonly string[]
  readonly words: string
}

export type ReceiptFile = {
  readonly source: ByteSource
  readonly encoding: Encoding
  readonly delimiter: string
  /** Reads and judges each receipt by itself, and books none. */
  readonly dryRun: boolean
  /** The store of whoever sends it: receipts of others are refused. */
  readonly own: OwnStore
}

export type ReceiptsBooked = {
  /** Of a dry run: that would be booked. */
  readonly booked: number
  /** Receipts that were booked before. */
  readonly known: number
  readonly refused: number
  /** The first thousand of what was refused. */
  readonly errors: readonly ReceiptError[]
}

const COLUMNS = {
  headings: {
    ...{ till: ['till'], receipt: ['receipt'], location: ['location'], sku: ['sku'], quantity: ['quantity', 'units'] },
    ...{ lot: ['lot'], soldAt: ['sold_at'] },
  },
  required: ['till', 'receipt', 'location', 'sku', 'quantity'],
  ignored: [],
  isClosed: true,
} as const

const ERRORS_MOST = 1_000
/** A till's day; a larger file is cut by whoever makes it. */
const RECEIPTS_MOST = 50_000
const ROWS_MOST = 500_000
/** As many as a sale has that comes by itself. */
const LINES_MOST = 500

type Wrong = { readonly row: number; readonly column: string; readonly code: ReceiptCode; readonly values: readonly string[] }
type Receipt = {
  /** The row of each line. */
  readonly rows: number[]
  readonly sale: Omit<TillSale, 'lines'> & { readonly lines: TillSale['lines'][number][] }
  wrong: Wrong | null
}
type ReceiptsRead = { readonly columns: Columns; readonly receipts: readonly Receipt[] }

/**
 * Books a file of receipts: a row for each line, units below 0 for goods that came back at the till. Each receipt is booked whole, once, by the till's own number of
 * it; one that cannot be is told and left out, the others are booked all the same. The same file twice changes nothing. Throws `invalid` for a file that cannot be
 * read or lacks a column: then nothing of it is booked.
 */
export async function bookReceipts(context: Context, file: ReceiptFile): Promise<ReceiptsBooked> {
  const { columns, receipts } = await readReceipts(file)
  const found = { booked: 0, known: 0, refused: 0 }
  const errors: ReceiptError[] = []
  const refuse = ({ sale: { till, receipt } }: Receipt, wrong: Wrong): void => {
    found.refused++
    if (errors.length < ERRORS_MOST) errors.push({ ...wrong, till, receipt, words: receiptText(wrong) })
  }
  for (const one of receipts) {
    if (one.wrong !== null) {
      refuse(one, one.wrong)
      continue
    }
    try {
      refuseOtherStore(file.own, one.sale.location)
      const { replayed } = await (file.dryRun ? tryAtTill : sellAtTill)(context, one.sale)
      if (replayed) found.known++
      else found.booked++
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      refuse(one, wrongOf(one, error, columns))
    }
  }
  return { ...found, errors }
}

const receiptText = ({ code, values: [value = '', more = ''] }: Pick<Wrong, 'code' | 'values'>): string =>
  code === 'other' ? value : RECEIPT_TEXT[code](value, more)

/** Which row and column of the file a refusal of a sale speaks of; of the whole receipt, its number. */
function wrongOf(one: Receipt, fault: Fault, { heading }: Columns): Wrong {
  const [, line, field = ''] = /^(?:lines\.(\d+)\.)?(\w+)$/.exec(fault.detail.field ?? '') ?? []
  const ours = field === 'occurredAt' ? 'soldAt' : field
  const place = { row: one.rows[Number(line ?? 0)] ?? 0, column: heading[ours] ?? heading.receipt ?? '' }
  const code = codeOf(fault, ours)
  if (code === 'other') return { ...place, code, values: [fault.message] }
  if (code === 'other_sale') return { ...place, code, values: [one.sale.receipt] }
  return { ...place, code, values: [String(fault.detail.value), ...(code === 'other_store' ? [String(fault.detail.expected)] : [])] }
}

function codeOf({ code, detail }: Fault, column: string): ReceiptCode {
  if (code === 'forbidden') return detail.expected === undefined ? 'no_store' : 'other_store'
  if (code === 'conflict' && detail.field === 'idempotency-key') return 'other_sale'
  if (code !== 'invalid') return 'other'
  return ({ sku: 'unknown_sku', location: 'unknown_location', lot: 'no_lots', soldAt: 'future' } as const)[column] ?? 'other'
}

async function readReceipts(file: ReceiptFile): Promise<ReceiptsRead> {
  const receipts = new Map<string, Receipt>()
  let columns: Columns | null = null
  let rows = 0
  for await (const record of csvRecords(file.source, file.encoding, file.delimiter)) {
    if ('broken' in record) throw unreadable(`Row ${record.row} cannot be read: expected ${record.broken}.`)
    if (columns === null) {
      const read = readColumns(record.cells, COLUMNS)
      if ('errors' in read) {
        const [first] = read.errors
        throw unreadable(`Column ${first?.column ?? ''}: expected ${first?.expected ?? 'other columns'}.`)
      }
      columns = read
      continue
    }
    if (record.cells.every(cell => cell.trim() === '')) continue
    if (++rows > ROWS_MOST) throw unreadable(`A file has at most ${ROWS_MOST} rows.`)
    const cells = cellsOf(columns, record.cells)
    // What is too long to be a number of a receipt is kept no longer than it takes to tell of it.
    const [till, receipt] = [clipped(cells('till')), clipped(cells('receipt'))]
    const key = JSON.stringify([till, receipt])
    const soldAt = parseInstant(cells('soldAt'))
    const one: Receipt = receipts.get(key) ?? {
      rows: [],
      sale: { till, receipt, location: clipped(cells('location')), lines: [], ...(soldAt === null ? {} : { occurredAt: soldAt }) },
      wrong: null,
    }
    receipts.set(key, one)
    if (receipts.size > RECEIPTS_MOST) throw unreadable(`A file has at most ${RECEIPTS_MOST} receipts.`)
    const wrong = wrongCell(cells, one)
    if (wrong !== null)
      one.wrong ??= { row: record.row, column: columns.heading[wrong.name] ?? wrong.name, code: wrong.code, values: wrong.values }
    if (one.wrong !== null) continue
    const lot = cells('lot')
    one.rows.push(record.row)
    one.sale.lines.push({ sku: cells('sku'), quantity: Number(cells('quantity')), ...(lot === '' ? {} : { lot }) })
  }
  if (columns === null) throw unreadable('It is empty: the first row names the columns.')
  return { columns, receipts: [...receipts.values()] }
}

type WrongCell = { readonly name: string; readonly code: ReceiptCode; readonly values: readonly string[] }

/** What of a row cannot be booked whatever the books say, by our name of the column; null: nothing. */
function wrongCell(cells: Cells, { rows, sale }: Receipt): WrongCell | null {
  const wrong = (name: string, code: ReceiptCode, ...values: string[]): WrongCell => ({ name, code, values })
  for (const { name, code, most } of TEXTS) if (!isLine(cells(name), most)) return wrong(name, code, named(cells(name)), String(most))
  const [sku, quantity, lot, soldAt] = [cells('sku'), cells('quantity'), cells('lot'), cells('soldAt')]
  if (!isSku(sku) || sku.length > 64 || !sku.isWellFormed()) return wrong('sku', 'bad_sku', named(sku))
  if (!/^[+-]?\d{1,9}$/.test(quantity) || Number(quantity) === 0 || Math.abs(Number(quantity)) > UNITS_MOST)
    return wrong('quantity', 'bad_quantity', named(quantity))
  if (lot !== '' && !isLine(lot, 100)) return wrong('lot', 'bad_lot', named(lot))
  if (soldAt !== '' && parseInstant(soldAt) === null) return wrong('soldAt', 'bad_sold_at', named(soldAt))
  if (rows.length === LINES_MOST) return wrong('receipt', 'lines_most', String(LINES_MOST))
  return cells('location') === sale.location ? null : wrong('location', 'two_locations', sale.location)
}

const TEXTS = [
  { name: 'till', code: 'bad_till', most: 60 },
  { name: 'receipt', code: 'bad_receipt', most: 100 },
  { name: 'location', code: 'bad_location', most: 40 },
] as const

const isLine = (text: string, most: number): boolean => text !== '' && text.length <= most && /^[^\p{Cc}\p{Cs}]*$/u.test(text)
const clipped = (text: string): string => text.slice(0, 101)
/** A value as a message names it: cut, and without signs that nobody sees. */
const named = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text).slice(1, -1)
const unreadable = (words: string): Fault => new Fault('invalid', `${words} Nothing of the file was booked.`, { field: 'file' })
