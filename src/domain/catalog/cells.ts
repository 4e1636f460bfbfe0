import { readGtin } from '../../values/gtin.ts'
import { isCurrency, parseDecimal } from '../../values/money.ts'
import { isSku } from '../../values/sku.ts'
import { UNITS_MOST } from '../../values/units.ts'
import type { CellError } from './row.ts'

/** A cell's value, or what it should be instead. */
export type CellReading<Value> = { readonly value: Value } | { readonly expected: string }

/** `numeric(18, 6)`: twelve digits before the point. */
const AMOUNT_MAX = 1e12

/**
 * The text of a cell: trimmed, composed (NFC), and without the apostrophe that our exports put before what a spreadsheet would take for a formula.
 */
export function cellText(raw: string): string {
  const text = raw.trim().normalize('NFC')
  return /^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text
}

/** The inverse of `cellText`, for exports: text that a spreadsheet would run as a formula gets an apostrophe in front. */
export function guarded(text: string): string {
  return /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text
}

export function readSkuCell(text: string): CellReading<string> {
  if (text.length > 64) return { expected: `at most 64 characters, this has ${text.length}` }
  return isSku(text) ? { value: text } : { expected: 'a SKU of visible characters, 1 to 64 of them' }
}

/** Whole units, 0 or more. */
export function readCount(text: string): CellReading<number> {
  if (/^\d{1,10}$/.test(text) && Number(text) <= UNITS_MOST) return { value: Number(text) }
  const meant = plainNumber(text)
  if (meant === null) return { expected: 'a whole number, such as 12' }
  if (meant.startsWith('-')) return { expected: 'a count of 0 or more' }
  if (Number(meant) > UNITS_MOST) return { expected: `at most ${UNITS_MOST}` }
  return { expected: Number.isInteger(Number(meant)) ? String(Number(meant)) : 'a whole number of units' }
}

/** Decimal text above 0 (or from 0 where `allowZero`), with at most 6 digits after the point. */
export function readAmount(text: string, allowZero = false): CellReading<string> {
  const value = parseDecimal(text)
  if (value === null) return { expected: plainNumber(text) ?? 'a number such as 12.50' }
  if (value.isNegative() && !value.isZero()) return { expected: allowZero ? '0 or more' : 'a price above 0' }
  if (value.isZero() && !allowZero) return { expected: 'a price above 0; leave it empty for none' }
  if (value.decimalPlaces() > 6) return { expected: `at most 6 digits after the point: ${value.toFixed(6)}` }
  if (value.gte(AMOUNT_MAX)) return { expected: 'at most 12 digits before the point' }
  return { value: value.toFixed() }
}

/** What stands between units and their parts in a file: said by whoever sends it, never guessed, as 1.234 and 1,234 are each the other's thousand. */
export const decimalMarks = ['.', ','] as const
export type DecimalMark = (typeof decimalMarks)[number]

/** Reads amounts with this decimal mark. With a comma, a point is no part of a number: it may be one of thousands. */
export const amountReader = (mark: DecimalMark): ((text: string) => CellReading<string>) =>
  mark === '.' ? text => readAmount(text) : readCommaAmount

function readCommaAmount(text: string): CellReading<string> {
  if (/[.]|,.*,/.test(text)) return { expected: 'a number such as 12,50, with no separators of thousands' }
  const reading = readAmount(text.replace(',', '.'))
  return 'value' in reading ? reading : { expected: reading.expected.replace(/(\d)\.(\d)/g, '$1,$2') }
}

export function readCurrency(text: string): CellReading<string> {
  if (isCurrency(text)) return { value: text }
  const upper = text.toUpperCase()
  return { expected: isCurrency(upper) ? upper : 'a currency of ISO 4217, such as EUR' }
}

/** A day (its beginning in UTC) or an instant with its zone; answers ISO text in UTC. */
export function readInstant(text: string): CellReading<string> {
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const whole = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:?\d{2})$/.test(text)
  const at = new Date(day ? `${text}T00:00:00Z` : text.replace(' ', 'T'))
  // Date rolls 31 April over to 1 May; the first ten characters tell.
  const rolled = day && !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) !== text
  if ((day || whole) && !Number.isNaN(at.getTime()) && !rolled) return { value: at.toISOString() }
  return { expected: 'a day such as 2026-11-27 or an instant such as 2026-11-27T08:00:00Z (with its zone)' }
}

/** The 14-digit form, and the right check digit where only that is wrong. */
export function readGtinCell(text: string): CellReading<string> {
  if (/^\d(\.\d+)?E\+?\d+$/i.test(text)) {
    return { expected: 'all digits: the spreadsheet has shortened the number; format the column as text before saving' }
  }
  const verdict = readGtin(text)
  return 'gtin' in verdict ? { value: verdict.gtin } : { expected: verdict.wrong }
}

/** Reads a cell that may be empty: undefined then, or where it is wrong, which is noted in `errors`. */
export function optional<Value>(
  column: string,
  text: string,
  read: (text: string) => CellReading<Value>,
  errors: CellError[],
): Value | undefined {
  if (text === '') return undefined
  return required(column, text, read, errors)
}

/** Reads a cell that must not be empty. */
export function required<Value>(
  column: string,
  text: string,
  read: (text: string) => CellReading<Value>,
  errors: CellError[],
): Value | undefined {
  const reading: CellReading<Value> = text === '' ? { expected: 'a value; the cell is empty' } : read(text)
  if ('value' in reading) return reading.value
  errors.push({ column, value: text, expected: reading.expected })
  return undefined
}

/**
 * What a number was meant to be: without currency signs and separators of thousands, with a point. The last separator is the decimal one,
 * except where three digits follow a single comma after at most three (`1,000`), which English spreadsheets write for a thousand.
 */
export function plainNumber(text: string): string | null {
  const bare = text.replace(/[\p{Sc}\s'’]|^[A-Z]{3}|[A-Z]{3}$/gu, '')
  if (!/^-?[\d.,]*\d$/.test(bare)) return null
  const last = Math.max(bare.lastIndexOf(','), bare.lastIndexOf('.'))
  if (last < 0) return bare
  const [whole, part] = [bare.slice(0, last).replace(/[.,]/g, ''), bare.slice(last + 1)]
  const isThousand = /^-?\d{1,3}(,\d{3})+$/.test(bare) || /^-?\d{1,3}(\.\d{3}){2,}$/.test(bare)
  return isThousand ? `${whole}${part}` : `${whole || '0'}.${part}`
}
