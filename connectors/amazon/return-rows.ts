import type { ReturnsRead, UnitsBack, UnreadableRow } from '../returns.ts'
import type { FilePart } from './documents.ts'
import { fileLines } from './report-lines.ts'

/** The columns that are used, by the headings in lower case. Amazon adds others now and then; the item's own id came late. */
const COLUMNS = {
  order: 'order id',
  rma: 'amazon rma id',
  sku: 'merchant sku',
  quantity: 'return quantity',
  arrived: 'return delivery date',
} as const
const ITEM = 'order item id'

type Row = Readonly<Record<keyof typeof COLUMNS | 'item', string>>

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * What of the returns report has arrived at the merchant's. A buyer's request, and what is still on its way, ask nothing yet; goods that the buyer may keep
 * never arrive. Rows of one return and one item are one.
 */
export async function readReturns(file: AsyncIterable<FilePart>): Promise<ReturnsRead> {
  let placeOf: ((column: keyof Row) => number) | null = null
  const found = new Map<string, UnitsBack>()
  const unreadable: UnreadableRow[] = []
  let number = 0
  for await (const line of fileLines(file)) {
    const fields = line.split('\t')
    if (placeOf === null) {
      const headings = fields.map(name => name.trim().toLowerCase())
      const missing = Object.values(COLUMNS).filter(name => !headings.includes(name))
      if (missing.length > 0) return { words: `Amazon's report of returns has no column ${missing.map(name => `"${name}"`).join(', ')}` }
      placeOf = column => headings.indexOf(column === 'item' ? ITEM : COLUMNS[column])
      continue
    }
    if (line.trim() === '') continue
    number += 1
    const at = placeOf
    const field = (column: keyof Row): string => fields[at(column)]?.trim() ?? ''
    const names = ['order', 'rma', 'sku', 'quantity', 'arrived', 'item'] as const
    const row = Object.fromEntries(names.map(name => [name, field(name)])) as Row
    const broken = fields.length <= at('quantity') ? `it has ${fields.length} columns only` : null
    const read = broken ?? unitsOf(row)
    if (typeof read === 'string')
      unreadable.push({ row: number, reason: `row ${number} of Amazon's returns: ${read}`, raw: JSON.stringify(row) })
    else if (read !== null) {
      const known = found.get(read.key)
      found.set(read.key, known ? { ...known, quantity: known.quantity + read.quantity } : read)
    }
  }
  return placeOf === null ? { words: "Amazon's report of returns is empty" } : { returns: [...found.values()], unreadable }
}

/** The units of a row; null: they have not arrived; text: what is wrong with it. */
function unitsOf(row: Row): UnitsBack | string | null {
  if (row.arrived === '') return row.order === '' ? 'it names no order' : null
  const arrivedOn = dayOf(row.arrived)
  if (row.order === '') return 'it names no order'
  if (row.sku === '' && row.item === '') return `order ${row.order}: it names no SKU`
  if (!/^[1-9]\d{0,5}$/.test(row.quantity)) return `order ${row.order}: "${row.quantity}" is no quantity`
  if (arrivedOn === null) return `order ${row.order}: "${row.arrived}" is no day`
  return {
    key: [row.order, row.rma, row.item === '' ? row.sku : row.item].join('/'),
    externalOrderId: row.order,
    externalLineId: row.item === '' ? null : row.item,
    sku: row.sku,
    quantity: Number(row.quantity),
    arrivedOn,
  }
}

/** `10-Jul-2025`, as Amazon writes it, or a day as ISO 8601 has it, with or without a time; null: neither. */
function dayOf(text: string): string | null {
  const named = /^(\d{1,2})-([a-z]{3})-(\d{4})$/i.exec(text)
  const month = MONTHS.indexOf(named?.[2]?.toLowerCase() ?? '') + 1
  const iso = named ? `${named[3]}-${String(month).padStart(2, '0')}-${named[1]?.padStart(2, '0')}` : text.slice(0, 10)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(iso) || (!named && !/^.{10}(T.*)?$/.test(text))) return null
  const day = new Date(`${iso}T00:00:00Z`)
  return Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== iso ? null : iso
}
