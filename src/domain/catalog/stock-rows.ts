import { UNITS_MOST } from '../../values/units.ts'
import { type CellReading, optional, readCount, readInstant, readSkuCell, required } from './cells.ts'
import type { ColumnSpec } from './columns.ts'
import type { CellError, Cells } from './row.ts'

export const bases = ['on_hand', 'available'] as const
export type Basis = (typeof bases)[number]
export const modes = ['absolute', 'delta'] as const
export type Mode = (typeof modes)[number]

/** What holds for rows that do not say it themselves. */
export type StockDefaults = {
  readonly location: string | null
  readonly basis: Basis
  readonly mode: Mode
  /** The instant at which absolute numbers were true, as ISO text in UTC; null: when they are applied. */
  readonly occurredAt: string | null
}

/** One row of a stock file, as far as it could be read; with what is wrong, or null. */
export type StockRow = {
  readonly sku: string | null
  readonly location: string | null
  /** Units; null where the row has errors. */
  readonly quantity: number | null
  readonly isDelta: boolean
  readonly isAvailable: boolean
  readonly occurredAt: string | null
  readonly reason: string | null
  readonly lot: string | null
  readonly expiresAt: string | null
  readonly errors: readonly CellError[] | null
}

/** The headings of a stock file. JSON members may be called as in our API. */
export const stockColumns: ColumnSpec = {
  headings: {
    ...{ sku: ['sku'], location: ['location'], quantity: ['quantity'], basis: ['basis'], mode: ['mode'] },
    ...{ occurred_at: ['occurred_at', 'occurredAt'], reason: ['reason'], lot: ['lot'], expires_at: ['expires_at', 'expiresAt'] },
  },
  required: ['sku', 'location', 'quantity'],
  ignored: ['reserved', 'unavailable', 'safety_stock', 'available', 'incoming', 'updated_at'],
  isClosed: true,
}

/** Reads one row of a stock file. `heading` says how the file calls one of our columns. */
export function readStockRow(heading: (column: string) => string, defaults: StockDefaults, cell: Cells): StockRow {
  const errors: CellError[] = []
  const must = <Value>(name: string, read: (text: string) => CellReading<Value>, fallback = '') =>
    required(heading(name), cell(name) || fallback, read, errors) ?? null
  const may = <Value>(name: string, read: (text: string) => CellReading<Value>) => optional(heading(name), cell(name), read, errors) ?? null
  const isDelta = (may('mode', oneOf(modes)) ?? defaults.mode) === 'delta'
  const basis = may('basis', oneOf(bases))
  const lot = may('lot', readLabel)
  const stated = may('occurred_at', readInstant)
  const row = {
    sku: must('sku', readSkuCell),
    location: must('location', readLabel, defaults.location ?? ''),
    quantity: must('quantity', isDelta ? readDelta : readCount),
    isDelta,
    // A difference is the same, whatever it is counted in; so is a lot, of which nothing is promised.
    isAvailable: !isDelta && lot === null && (basis ?? defaults.basis) === 'available',
    occurredAt: isDelta ? null : (stated ?? defaults.occurredAt),
    reason: may('reason', readReason),
    lot,
    expiresAt: may('expires_at', readInstant),
  }
  const wrong = (column: string, expected: string) => errors.push({ column: heading(column), value: cell(column), expected })
  if (isDelta && stated !== null) wrong('occurred_at', 'nothing: a difference holds whenever it is applied')
  if (isDelta && basis === 'available') wrong('basis', 'on_hand: differences are of what is on hand')
  if (lot !== null && basis === 'available') wrong('basis', 'on_hand: units are promised of a SKU, not of a lot')
  if (lot === null && row.expiresAt !== null) wrong('expires_at', 'nothing, because the row names no lot')
  return errors.length > 0 ? { ...row, quantity: null, errors } : { ...row, errors: null }
}

function oneOf<Word extends string>(words: readonly Word[]): (text: string) => CellReading<Word> {
  return text => {
    const value = words.find(word => word === text)
    return value === undefined ? { expected: words.join(' or ') } : { value }
  }
}

/** Units more (12, +12) or fewer (-12). */
function readDelta(text: string): CellReading<number> {
  if (!/^[+-]?\d{1,10}$/.test(text)) return { expected: 'a whole number of units, such as 12 or -12' }
  return Math.abs(Number(text)) <= UNITS_MOST ? { value: Number(text) } : { expected: `at most ${UNITS_MOST} units` }
}

const readLabel = (text: string): CellReading<string> => readWords(text, 64)
const readReason = (text: string): CellReading<string> => readWords(text, 2_000)

function readWords(text: string, most: number): CellReading<string> {
  if (text.length > most) return { expected: `at most ${most} characters, this has ${text.length}` }
  // Broken characters and zero bytes are what PostgreSQL refuses, and one of them would fail all rows beside it.
  return /[\p{Cc}\p{Cs}]/u.test(text) ? { expected: 'one line of text, without control characters' } : { value: text }
}
