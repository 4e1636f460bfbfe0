import { type Columns, cellsOf, readColumns } from '../domain/catalog/columns.ts'
import type { Cells } from '../domain/catalog/row.ts'
import { parseInstant } from '../values/instant.ts'
import type { Context } from './context.ts'
import { csvRecords } from './import-records.ts'
import type { ByteSource, Encoding } from './import-text.ts'
import { bringMarketOffers, type OfferStated, wrongOffer } from './market-offers.ts'

export type MarketFile = {
  readonly source: ByteSource
  readonly encoding: Encoding
  readonly delimiter: string
  /** For rows that do not say it themselves. */
  readonly currency: string | null
  readonly competitor: string | null
  readonly seenAt: Date | null
  /** Reads and judges the rows, and takes nothing in. */
  readonly dryRun: boolean
}

/** What is wrong with a row: the row as a spreadsheet shows it, and the column as the file calls it. */
export type MarketRowError = { readonly row: number; readonly column: string; readonly value: string; readonly expected: string }

export type MarketImported = {
  /** Rows that held something. */
  readonly rows: number
  readonly new: number
  readonly changed: number
  readonly unchanged: number
  readonly older: number
  /** Rows that were left out. */
  readonly wrong: number
  /** The first thousand of them. */
  readonly errors: readonly MarketRowError[]
}

const COLUMNS = {
  headings: {
    ...{ sku: ['sku'], competitor: ['competitor', 'seller'], channel: ['channel'], currency: ['currency'], amount: ['amount', 'price'] },
    ...{ shipping: ['shipping'], seenAt: ['seen_at'] },
  },
  required: ['sku', 'amount'],
  ignored: [],
  isClosed: true,
} as const

const PART = 1_000
const ERRORS_MOST = 1_000
/** What a cell says of an offer that is gone. */
const GONE = 'none'

type Row = { readonly row: number; readonly offer: OfferStated }

/**
 * Takes in a file of offers as a stream, a thousand rows at a time; rows that cannot be are left out and told by row and column, the others come in. The same
 * file twice changes nothing.
 */
export async function importMarketOffers(
  context: Context,
  file: MarketFile,
  onRows: (rows: number) => void = () => {},
): Promise<MarketImported> {
  const now = context.now?.() ?? new Date()
  const found = { rows: 0, new: 0, changed: 0, unchanged: 0, older: 0, wrong: 0 }
  const errors: MarketRowError[] = []
  const refuse = (error: MarketRowError): void => {
    found.wrong++
    if (errors.length < ERRORS_MOST) errors.push(error)
  }
  let columns: Columns | null = null
  let part: Row[] = []
  const heading = (name: string): string => columns?.heading[name] ?? (name === 'seenAt' ? 'seen_at' : name)
  const bring = async (): Promise<void> => {
    if (part.length > 0 && !file.dryRun) {
      // Without a key: taken in twice, an offer changes nothing.
      const done = await bringMarketOffers(
        context,
        null,
        part.map(({ offer }) => offer),
      )
      for (const count of ['new', 'changed', 'unchanged', 'older'] as const) found[count] += done[count]
      for (const { line, field, value } of done.wrong)
        refuse({
          row: part[line]?.row ?? 0,
          column: heading(field),
          value,
          expected: field === 'sku' ? 'a SKU that is known' : 'the code of a channel',
        })
    }
    part = []
    onRows(found.rows)
  }
  for await (const record of csvRecords(file.source, file.encoding, file.delimiter)) {
    if ('broken' in record) {
      refuse({ row: record.row, column: 'file', value: record.value, expected: record.broken })
      break
    }
    if (columns === null) {
      const opened = readColumns(record.cells, COLUMNS)
      if ('errors' in opened) {
        for (const error of opened.errors) refuse({ row: record.row, ...error })
        break
      }
      columns = opened
      continue
    }
    if (record.cells.every(cell => cell.trim() === '')) continue
    found.rows++
    const offer = offerOf(cellsOf(columns, record.cells), file)
    const wrong = offer.sku === '' ? { field: 'sku', value: '', expected: 'a SKU' } : (wrongInstant(offer) ?? wrongOffer(offer, now))
    if (wrong === null) part.push({ row: record.row, offer })
    else refuse({ row: record.row, column: heading(wrong.field), value: wrong.value, expected: wrong.expected })
    if (part.length === PART) await bring()
  }
  await bring()
  return { ...found, errors: errors.sort((a, b) => a.row - b.row) }
}

function offerOf(cells: Cells, file: MarketFile): OfferStated {
  const orNone = (name: string): string | undefined => (cells(name) === '' ? undefined : cells(name))
  const seen = orNone('seenAt')
  return {
    sku: cells('sku'),
    competitor: orNone('competitor') ?? file.competitor ?? '',
    channel: orNone('channel'),
    currency: orNone('currency') ?? file.currency ?? '',
    amount: cells('amount').toLowerCase() === GONE ? null : cells('amount'),
    shipping: orNone('shipping'),
    seenAt: seen === undefined ? file.seenAt?.toISOString() : (parseInstant(seen) ?? seen),
  }
}

/** Without a zone nobody knows which instant is meant. */
function wrongInstant({ seenAt }: OfferStated): { readonly field: 'seenAt'; readonly value: string; readonly expected: string } | null {
  if (seenAt === undefined || parseInstant(seenAt) !== null) return null
  return { field: 'seenAt', value: seenAt, expected: 'an instant with its zone, like 2026-11-22T12:00:00Z' }
}
