import type { ImportKind } from '../../db/imports.ts'
import { cellText } from '../domain/catalog/cells.ts'
import { type Columns, cellsOf, readColumns } from '../domain/catalog/columns.ts'
import { catalogColumns, readCatalogRow } from '../domain/catalog/plain-rows.ts'
import type { CellError, RowReading } from '../domain/catalog/row.ts'
import { type ProductSoFar, readShopifyRow, shopifyColumns } from '../domain/catalog/shopify-rows.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency } from '../values/money.ts'

/** Files that are read by this module; stock files are read by import-stock-records.ts, price files by import-price-records.ts. */
export type FileKind = Extract<ImportKind, 'catalog'>

/** What the person who imports decides, because the file does not say it. */
export type ImportChoices = {
  /** Of prices and costs without a currency of their own. */
  readonly currency: string
  /** Where quantities of a catalog are counted; null: they are not taken. */
  readonly location: string | null
  readonly compareAt: 'ignore' | 'sale'
  readonly ignoreOtherColumns: boolean
}

export type RecordReader = (cells: readonly string[]) => RowReading<object>
export type FileFormat = { readonly format: 'concord' | 'shopify'; readonly columns: Columns; readonly read: RecordReader }

/** Chooses the format by a file's first record; a catalog file with a column Option1 Value is Shopify's. Or says what is wrong with that record. */
export function openFormat(header: readonly string[], choices: ImportChoices): FileFormat | { readonly errors: readonly CellError[] } {
  if (!isCurrency(choices.currency)) {
    throw new Fault('invalid', `${choices.currency} is no currency of ISO 4217: pass --currency EUR or another`, {
      field: 'currency',
      value: choices.currency,
    })
  }
  const isShopify = header.some(name => cellText(name).toLowerCase() === 'option1 value')
  const spec = isShopify ? shopifyColumns : catalogColumns
  const columns = readColumns(header, choices.ignoreOtherColumns ? { ...spec, isClosed: false } : spec)
  if ('errors' in columns) return columns
  const read = isShopify ? shopifyReader(columns, choices) : plainReader(columns, choices)
  return { format: isShopify ? 'shopify' : 'concord', columns, read: checked(columns, read) }
}

function shopifyReader(columns: Columns, choices: ImportChoices): RecordReader {
  let product: ProductSoFar | null = null
  return record => {
    const answer = readShopifyRow(columns, choices, product, cellsOf(columns, record))
    product = answer.product
    return answer.reading
  }
}

function plainReader(columns: Columns, choices: ImportChoices): RecordReader {
  return record => readCatalogRow(columns, choices, cellsOf(columns, record))
}

/** Empty rows are ignored; a row with more cells than the header has was torn apart by a separator in its text. */
function checked(columns: Columns, read: RecordReader): RecordReader {
  return record => {
    if (record.every(cell => cell.trim() === '')) return { kind: 'ignored', why: 'empty' }
    const surplus = record.slice(columns.count).filter(cell => cell.trim() !== '')
    if (surplus.length === 0) return read(record)
    const expected = `${columns.count} cells, as the header has; this row has ${record.length}: text with a comma in it needs quotes`
    return { kind: 'wrong', body: {}, errors: [{ column: `cell ${columns.count + 1}`, value: surplus[0] ?? '', expected }] }
  }
}
