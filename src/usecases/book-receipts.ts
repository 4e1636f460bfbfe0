import { type Columns, cellsOf, readColumns } from '../domain/catalog/columns.ts'
import { Fault } from '../values/fault.ts'
import { parseInstant } from '../values/instant.ts'
import { UNITS_MOST } from '../values/units.ts'
import { sellAtTill, type TillSale } from './change-stock.ts'
import type { Context } from './context.ts'
import { csvRecords } from './import-records.ts'
import type { ByteSource, Encoding } from './import-text.ts'

/** What is wrong with a row, and with a receipt (by its first row): the row as a spreadsheet shows it. */
export type ReceiptError = { readonly row: number; readonly till: string; readonly receipt: string; readonly words: string }

export type ReceiptsBooked = {
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

type Receipt = {
  row: number
  sale: { -readonly [Field in keyof TillSale]: TillSale[Field] } & { lines: TillSale['lines'][number][] }
  wrong: string | null
}

/**
 * Books a file of receipts: a row for each line, units below 0 for goods that came back at the till. Each receipt is booked whole, once, by the till's own number of
 * it; one that cannot be is told and left out, the others are booked all the same. The same file twice changes nothing. Throws `invalid` for a file that cannot be
 * read or lacks a column: then nothing of it is booked.
 */
export async function bookReceipts(
  context: Context,
  file: { readonly source: ByteSource; readonly encoding: Encoding; readonly delimiter: string },
): Promise<ReceiptsBooked> {
  const receipts = await readReceipts(file)
  const found = { booked: 0, known: 0, refused: 0 }
  const errors: ReceiptError[] = []
  const refuse = ({ row, sale: { till, receipt } }: Receipt, words: string): void => {
    found.refused++
    if (errors.length < ERRORS_MOST) errors.push({ row, till, receipt, words })
  }
  for (const one of receipts) {
    if (one.wrong !== null) {
      refuse(one, one.wrong)
      continue
    }
    try {
      const { replayed } = await sellAtTill(context, one.sale)
      if (replayed) found.known++
      else found.booked++
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      refuse(one, error.message)
    }
  }
  return { ...found, errors }
}

async function readReceipts(file: { source: ByteSource; encoding: Encoding; delimiter: string }): Promise<Receipt[]> {
  const receipts = new Map<string, Receipt>()
  let columns: Columns | null = null
  for await (const record of csvRecords(file.source, file.encoding, file.delimiter)) {
    if ('broken' in record)
      throw new Fault('invalid', `Row ${record.row} cannot be read: expected ${record.broken}. Nothing of the file was booked.`, {
        field: 'file',
      })
    if (columns === null) {
      const read = readColumns(record.cells, COLUMNS)
      if ('errors' in read) {
        const [first] = read.errors
        throw new Fault(
          'invalid',
          `Column ${first?.column ?? ''}: expected ${first?.expected ?? 'other columns'}. Nothing of the file was booked.`,
          { field: 'file' },
        )
      }
      columns = read
      continue
    }
    if (record.cells.every(cell => cell.trim() === '')) continue
    const cells = cellsOf(columns, record.cells)
    const [till, number, soldAt, lot, quantity] = [cells('till'), cells('receipt'), cells('soldAt'), cells('lot'), cells('quantity')]
    const key = JSON.stringify([till, number])
    const known = receipts.get(key)
    const one: Receipt = known ?? {
      row: record.row,
      sale: {
        till,
        receipt: number,
        location: cells('location'),
        lines: [],
        ...(soldAt === '' ? {} : { occurredAt: parseInstant(soldAt) ?? soldAt }),
      },
      wrong: till === '' || number === '' ? 'till and receipt must be named' : null,
    }
    if (!/^[+-]?\d{1,9}$/.test(quantity) || Number(quantity) === 0 || Math.abs(Number(quantity)) > UNITS_MOST)
      one.wrong ??= `"${quantity}" is no number of units (row ${record.row})`
    if (soldAt !== '' && parseInstant(soldAt) === null) one.wrong ??= `"${soldAt}" is no instant (row ${record.row})`
    one.sale.lines.push({ sku: cells('sku'), quantity: Number(quantity), ...(lot === '' ? {} : { lot }) })
    receipts.set(key, one)
    if (receipts.size > RECEIPTS_MOST)
      throw new Fault('invalid', `A file has at most ${RECEIPTS_MOST} receipts. Nothing of it was booked.`, { field: 'file' })
  }
  return [...receipts.values()]
}
