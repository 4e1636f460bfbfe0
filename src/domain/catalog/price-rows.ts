import { instantOfLocal, parseMoment } from '../../values/local-time.ts'
import { amountReader, type CellReading, type DecimalMark, optional, readCurrency, readSkuCell, required } from './cells.ts'
import type { ColumnSpec } from './columns.ts'
import type { CellError, Cells } from './row.ts'

/** One row of a price file: a plain price of everyone or of one channel, or the fixed price of a SKU in a price list. Instants as ISO text in UTC. */
export type PriceRow = {
  readonly sku: string
  readonly currency: string
  /** Decimal text; null ends the price. */
  readonly amount: string | null
  readonly channel: string | null
  readonly list: string | null
  readonly minQuantity: number
  readonly from: string | null
  readonly to: string | null
  /** One of them was stated without a zone. */
  readonly isLocal: boolean
}

/** Of which zone a date or time is that has none: the one stated for the file, else that of the row's channel. */
export type RowZones = { readonly stated: string | null; readonly channels: ReadonlyMap<string, string> }

export type PriceReading = { readonly row: PriceRow } | { readonly errors: readonly CellError[] }

/** The headings of a price file. JSON members may be called as in our API. */
export const priceColumns: ColumnSpec = {
  headings: {
    ...{ sku: ['sku'], currency: ['currency'], amount: ['amount'], channel: ['channel'], list: ['list'] },
    ...{ min_quantity: ['min_quantity', 'minQuantity'], from: ['from'], to: ['to'] },
  },
  required: ['sku', 'currency', 'amount'],
  ignored: [],
  isClosed: true,
}

/** Reads one row of a price file. `heading` says how the file calls one of our columns. */
export function readPriceRow(heading: (column: string) => string, cell: Cells, zones: RowZones, mark: DecimalMark = '.'): PriceReading {
  const errors: CellError[] = []
  const must = <Value>(name: string, read: (text: string) => CellReading<Value>) => required(heading(name), cell(name), read, errors)
  const may = <Value>(name: string, read: (text: string) => CellReading<Value>) => optional(heading(name), cell(name), read, errors) ?? null
  const wrong = (name: string, expected: string) => errors.push({ column: heading(name), value: cell(name), expected })
  const isEnded = cell('amount') === '' || cell('amount').toLowerCase() === 'none'
  const sku = must('sku', readSkuCell)
  const currency = must('currency', readCurrency)
  const amount = isEnded ? null : must('amount', amountReader(mark))
  const [channel, list] = [may('channel', readCode), may('list', readCode)]
  const minQuantity = may('min_quantity', readMinQuantity) ?? 1
  const zone = zones.stated ?? (channel === null ? null : (zones.channels.get(channel) ?? 'UTC'))
  const [from, to] = [may('from', momentIn(zone)), may('to', momentIn(zone))]
  if (channel !== null && list !== null) wrong('list', 'a channel or a list, not both: a price list has its own audience')
  if (list === null && minQuantity !== 1) wrong('min_quantity', 'nothing, because the row names no list')
  if (list !== null && from !== null) wrong('from', 'nothing: a price list has its own beginning')
  if (list !== null && to !== null) wrong('to', 'nothing: a price list has its own end')
  if (list === null && to !== null && cell('from') === '') wrong('from', 'a beginning, because there is an end')
  if (from !== null && to !== null && to <= from) wrong('to', `an end after ${cell('from')}`)
  if (errors.length > 0 || sku === undefined || currency === undefined || amount === undefined) return { errors }
  return { row: { sku, currency, amount, channel, list, minQuantity, from, to, isLocal: [cell('from'), cell('to')].some(isLocalTime) } }
}

/** Reads a day, a local time, or an instant with its zone; answers ISO text in UTC. */
const momentIn =
  (zone: string | null) =>
  (text: string): CellReading<string> => {
    const moment = parseMoment(text)
    if (moment === null)
      return { expected: 'a day such as 2026-11-27, a local time such as 2026-11-27T08:00, or an instant such as 2026-11-27T08:00:00Z' }
    if (moment.kind === 'instant') return { value: moment.iso }
    // A row of everyone has no place whose clocks would tell.
    if (zone === null)
      return {
        expected:
          'an instant with its zone, such as 2026-11-27T00:00:00+01:00: the row names no channel, and the file is sent without a zone',
      }
    return { value: instantOfLocal(moment, zone).toISOString() }
  }

const isLocalTime = (text: string): boolean => parseMoment(text)?.kind === 'local'

function readCode(text: string): CellReading<string> {
  // Whether there is such a one is for the database to say; what its text cannot hold is not sent there.
  const isText = text.length <= 64 && !/[\p{Cc}\p{Cs}]/u.test(text)
  return isText ? { value: text } : { expected: 'a code of at most 64 visible characters' }
}

function readMinQuantity(text: string): CellReading<number> {
  return /^[1-9]\d{0,8}$/.test(text) ? { value: Number(text) } : { expected: 'a whole number of units from 1' }
}
