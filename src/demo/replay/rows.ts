import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { Fault } from '../../values/fault.ts'

/** One line of the retailer's invoices, read but not judged. `price` is decimal text in `currency` of the retailer (GBP). */
export type SalesRow = {
  readonly invoice: string
  /** In capital letters: the retailer's clerks typed them either way. */
  readonly code: string
  readonly typedCode: string
  readonly description: string
  readonly quantity: number
  readonly at: string
  readonly price: string
  readonly customer: string | null
  readonly country: string
}

/** A line that is no sale record at all, and why. */
export type BadRow = { readonly file: string; readonly line: number; readonly reason: string }

export type SalesFiles = {
  readonly rows: readonly SalesRow[]
  readonly bad: readonly BadRow[]
  readonly files: number
  /** Files that were not UTF-8 and were read as Windows-1252. */
  readonly otherEncoding: readonly string[]
}

const COLUMNS = ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'] as const
type Fields = Readonly<Record<(typeof COLUMNS)[number], string>>

/**
 * Reads all CSV files of a folder, in the order of their names.
 * @throws Fault not_found without the folder or a CSV file in it, invalid where a file lacks columns.
 */
export async function readSales(folder: string): Promise<SalesFiles> {
  const names = await readdir(folder).catch(() => [])
  const files = names.filter(name => name.toLowerCase().endsWith('.csv')).sort()
  if (files.length === 0)
    throw new Fault(
      'not_found',
      `no CSV file in ${folder}: name the folder with the retailer's days, such as ../shared/data/online-retail`,
      {
        field: 'folder',
        value: folder,
      },
    )
  const read = await Promise.all(files.map(async name => parseSales(name, await readFile(join(folder, name)))))
  return {
    rows: read.flatMap(one => one.rows),
    bad: read.flatMap(one => one.bad),
    files: files.length,
    otherEncoding: files.filter((_, at) => read[at]?.isUtf8 === false),
  }
}

export type ParsedSales = { readonly rows: readonly SalesRow[]; readonly bad: readonly BadRow[]; readonly isUtf8: boolean }

/** Reads one file's bytes. Lines that cannot be read are told, never guessed. Fault: invalid, naming the columns that are missing. */
export function parseSales(file: string, bytes: Uint8Array): ParsedSales {
  const { text, isUtf8 } = decode(bytes)
  const records = parse(text, { bom: true, columns: true, skip_empty_lines: true, relax_column_count: true, info: true }) as {
    readonly record: Readonly<Record<string, string>>
    readonly info: { readonly lines: number }
  }[]
  const header = Object.keys(records[0]?.record ?? {})
  const missing = COLUMNS.filter(column => !header.includes(column))
  if (missing.length > 0)
    throw new Fault('invalid', `${file} lacks the column ${missing.join(', ')}`, {
      field: 'columns',
      value: header.join(', '),
      expected: COLUMNS.join(', '),
    })
  const rows: SalesRow[] = []
  const bad: BadRow[] = []
  for (const { record, info } of records) {
    const row = readRow(record as Fields)
    if (typeof row === 'string') bad.push({ file, line: info.lines, reason: row })
    else rows.push(row)
  }
  return { rows, bad, isUtf8 }
}

function decode(bytes: Uint8Array): { readonly text: string; readonly isUtf8: boolean } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), isUtf8: true }
  } catch {
    // The retailer's own system wrote Windows-1252, which has a letter for every byte.
    return { text: new TextDecoder('windows-1252').decode(bytes), isUtf8: false }
  }
}

/** The row, or why it is none. */
function readRow(fields: Fields): SalesRow | string {
  const field = (name: keyof Fields): string => (fields[name] ?? '').trim()
  const invoice = field('InvoiceNo').toUpperCase()
  if (!/^[A-Z]?\d+$/.test(invoice)) return `InvoiceNo "${invoice}" is no number`
  const typedCode = field('StockCode')
  if (typedCode === '') return 'StockCode is empty'
  if (!/^-?\d+$/.test(field('Quantity')) || Number(field('Quantity')) === 0)
    return `Quantity "${field('Quantity')}" is no whole number other than 0`
  if (!/^-?\d+(\.\d+)?$/.test(field('UnitPrice'))) return `UnitPrice "${field('UnitPrice')}" is no decimal number`
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d/.test(field('InvoiceDate'))) return `InvoiceDate "${field('InvoiceDate')}" is no date and time`
  return {
    invoice,
    code: typedCode.toUpperCase(),
    typedCode,
    description: field('Description').replace(/\s+/g, ' '),
    quantity: Number(field('Quantity')),
    at: field('InvoiceDate').replace(' ', 'T'),
    price: plainPrice(field('UnitPrice')),
    // The retailer's export writes ids as floating numbers.
    customer: field('CustomerID').replace(/\.0$/, '') || null,
    country: field('Country') || 'unknown',
  }
}

/** Decimal text without trailing zeros, so that equal prices are equal texts. */
function plainPrice(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}
