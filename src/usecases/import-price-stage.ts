import { createHash } from 'node:crypto'
import { stageRows } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import { copyPriceLines, type PriceLines } from '../../db/price-imports.ts'
import { noteStockRead } from '../../db/stock-imports.ts'
import type { PriceRow } from '../domain/catalog/price-rows.ts'
import type { CellError } from '../domain/catalog/row.ts'
import { Fault } from '../values/fault.ts'
import { isZone } from '../values/local-time.ts'
import type { Context } from './context.ts'
import { type PriceFile, type PriceFound, priceBatches } from './import-price-records.ts'
import type { StageSummary } from './import-stage.ts'
import { channelZones } from './moments.ts'

export type PriceStageRequest = Omit<PriceFile, 'source' | 'zones'> & {
  /** The file's bytes, once. */
  readonly source: AsyncIterable<Uint8Array>
  /** An IANA zone for dates and times that have none; absent: the zone of each row's channel. */
  readonly zone?: string | undefined
  /** Hears of the rows read so far. */
  readonly onRows: (rows: number) => void
}

export type PriceStaged = { readonly hash: string; readonly lines: number; readonly hasLists: boolean; readonly summary: StageSummary }

/** Text that goes to the database at once. The end of each COPY costs a wait for the network, so not much less. */
const LINES_LENGTH = 512 * 1024
/** So many are under way at a time, each in a session of its own, beside the one that is being written: the database reads them on as many cores. */
const UNDER_WAY = 2

const PLAIN: PriceLines = { columns: ['sku', 'currency', 'amount', 'channel'], between: null }
const FULL: PriceLines = { columns: [...PLAIN.columns, 'list', 'min_quantity', 'starts_at', 'ends_at'], between: null }

/** Streams a price file into staging: the next rows are read while the database takes the last ones. */
export async function stagePriceFile(context: Context, id: number, request: PriceStageRequest): Promise<PriceStaged> {
  const { zone } = request
  if (zone !== undefined && !isZone(zone))
    throw new Fault('invalid', `${zone} is no time zone.`, { field: 'zone', value: zone, expected: 'an IANA name such as Europe/Berlin' })
  if (request.decimal === ',' && request.format !== 'csv')
    throw new Fault('invalid', 'A decimal comma is for CSV: numbers in JSON have a point.', { field: 'decimal', value: ',', expected: '.' })
  const zones = { stated: zone ?? null, channels: await channelZones(context) }
  const hash = createHash('sha256')
  // The same dates of another zone are other prices.
  if (zone !== undefined) hash.update(`zone ${zone}\n`)
  // The same digits with another mark, too.
  if (request.decimal === ',') hash.update('decimal ,\n')
  const found: PriceFound = { heading: {}, otherColumns: new Set(), plainColumns: [] }
  const asWritten = sending(context, id, () => ({
    columns: found.plainColumns as PriceLines['columns'],
    between: request.delimiter as PriceLines['between'],
  }))
  const [plain, full] = [sending(context, id, () => PLAIN), sending(context, id, () => FULL)]
  let [rows, empty, hasLocal] = [0, 0, false]
  const source = () => hashed(request.source, bytes => hash.update(bytes))
  for await (const batch of priceBatches({ ...request, source, zones }, found)) {
    const wrong: { rowNo: number; body: object; errors: readonly CellError[] }[] = []
    asWritten.add(batch.plain, batch.plainCount)
    for (const { rowNo, reading } of batch.records) {
      if (reading === null) empty++
      else if ('errors' in reading) wrong.push({ rowNo, body: {}, errors: reading.errors.map(storable) })
      else if (isPlain(reading.row)) plain.add(`${rowNo}${plainLine(reading.row)}\n`, 1)
      else {
        hasLocal ||= reading.row.isLocal
        full.add(`${rowNo}${plainLine(reading.row)}${restOfLine(reading.row)}\n`, 1)
      }
    }
    rows += batch.records.length + batch.plainCount
    for (const way of [asWritten, plain, full]) await way.send(LINES_LENGTH)
    if (wrong.length > 0) await onceMore(() => stageRows(context.sql, id, wrong))
    request.onRows(rows)
  }
  for (const way of [asWritten, plain, full]) await way.send(0)
  for (const way of [asWritten, plain, full]) await way.end()
  const digest = hash.digest('hex')
  const summary: StageSummary = {
    format: 'concord',
    ignored: empty === 0 ? {} : { empty },
    notes: {},
    otherColumns: [...found.otherColumns],
    ...(hasLocal ? { datesIn: zone ?? 'channel' } : {}),
  }
  await onceMore(() => noteStockRead(context.sql, id, digest, { columns: found.heading }, summary))
  return { hash: digest, lines: asWritten.lines() + plain.lines() + full.lines(), hasLists: full.lines() > 0, summary }
}

/** Lines on their way: some pieces under way, the next being written. */
function sending({ sql }: Context, id: number, lines: () => PriceLines) {
  let text = ''
  let count = 0
  const underWay: Promise<void>[] = []
  return {
    add(more: string, howMany: number) {
      text += more
      count += howMany
    },
    lines: () => count,
    /** Sends what is there once it is longer than `least`. */
    async send(least: number) {
      if (text.length <= least) return
      const piece = text
      text = ''
      if (underWay.length === UNDER_WAY) await underWay.shift()
      const sent = copyPriceLines(sql, id, piece, lines())
      // Awaited before too many go; until then nobody else looks at it.
      sent.catch(() => {})
      underWay.push(sent)
    },
    end: () => Promise.all(underWay),
  }
}

async function* hashed(source: AsyncIterable<Uint8Array>, update: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    update(piece)
    yield piece
  }
}

const isPlain = (row: PriceRow): boolean => row.list === null && row.from === null && row.to === null

const plainLine = (row: PriceRow): string => `\t${escaped(row.sku)}\t${row.currency}\t${row.amount ?? '\\N'}\t${textOrNull(row.channel)}`
const restOfLine = (row: PriceRow): string =>
  `\t${textOrNull(row.list)}\t${row.minQuantity}\t${textOrNull(row.from)}\t${textOrNull(row.to)}`
const textOrNull = (text: string | null): string => (text === null ? '\\N' : escaped(text))
// Cells have no control characters; a backslash is all that COPY would read otherwise.
const escaped = (text: string): string => (text.includes('\\') ? text.replaceAll('\\', '\\\\') : text)

/** A wrong value may hold what PostgreSQL's text cannot: zero bytes, halves of characters. */
function storable({ column, value, expected }: CellError): CellError {
  const clean = (text: string) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd').slice(0, 200)
  return { column: clean(column), value: clean(value), expected: clean(expected) }
}
