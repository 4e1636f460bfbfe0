import { createHash } from 'node:crypto'
import { onceMore } from '../../db/once-more.ts'
import { noteStockRead, type StagedStock, stageStock } from '../../db/stock-imports.ts'
import type { CellError } from '../domain/catalog/row.ts'
import type { StockRow } from '../domain/catalog/stock-rows.ts'
import type { Context } from './context.ts'
import type { StageSummary } from './import-stage.ts'
import { type StockFound, type StockReading, stockRecords } from './import-stock-records.ts'

export type StockStageRequest = Omit<StockReading, 'source'> & {
  /** The file's bytes, once. */
  readonly source: AsyncIterable<Uint8Array>
  /** Hears of the rows read so far. */
  readonly onRows: (rows: number) => void
}

export type StockStaged = { readonly hash: string; readonly summary: StageSummary }

// A few milliseconds of work between two looks at whoever else waits for this process; two of these are in memory at a time.
const BATCH = 2_000

type Numbered = { readonly rowNo: number; readonly row: StockRow }

/**
 * Streams a stock file into staging. The next rows are read while the database takes the last ones. The hash is of the bytes and of what holds
 * for rows that do not say it themselves: the same file with other options is another file.
 */
export async function stageStockFile(context: Context, id: number, request: StockStageRequest): Promise<StockStaged> {
  const hash = createHash('sha256')
  const found: StockFound = { heading: {}, otherColumns: new Set() }
  const ignored: Record<string, number> = {}
  const source = () => hashed(request.source, bytes => hash.update(bytes))
  let batch: Numbered[] = []
  let rows = 0
  let underWay: Promise<void> = Promise.resolve()
  const stage = async () => {
    const full = columnsOf(batch)
    batch = []
    await underWay
    underWay = onceMore(() => stageStock(context.sql, id, full))
    // Awaited before the next one goes; until then nobody else looks at it.
    underWay.catch(() => {})
    request.onRows(rows)
  }
  for await (const { rowNo, row } of stockRecords({ ...request, source }, found)) {
    if (row === null) ignored.empty = (ignored.empty ?? 0) + 1
    else if (batch.push({ rowNo, row }) >= BATCH) {
      rows += batch.length
      await stage()
    }
  }
  rows += batch.length
  if (batch.length > 0) await stage()
  await underWay
  hash.update(JSON.stringify(request.defaults))
  const digest = hash.digest('hex')
  const summary: StageSummary = { format: 'concord', ignored, notes: {}, otherColumns: [...found.otherColumns] }
  await onceMore(() => noteStockRead(context.sql, id, digest, { columns: found.heading, defaults: request.defaults }, summary))
  return { hash: digest, summary }
}

async function* hashed(source: AsyncIterable<Uint8Array>, update: (bytes: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const piece of source) {
    update(piece)
    yield piece
  }
}

function columnsOf(batch: readonly Numbered[]): StagedStock {
  const some = <Value>(read: (row: StockRow) => Value, isSet: (value: Value) => boolean): Value[] | null =>
    batch.some(({ row }) => isSet(read(row))) ? batch.map(({ row }) => read(row)) : null
  const isGiven = (value: string | null) => value !== null
  return {
    rows: batch.map(({ rowNo }) => rowNo),
    skus: batch.map(({ row }) => row.sku),
    locations: batch.map(({ row }) => row.location),
    quantities: batch.map(({ row }) => row.quantity),
    deltas: some(row => row.isDelta, Boolean),
    availables: some(row => row.isAvailable, Boolean),
    instants: some(row => row.occurredAt, isGiven),
    reasons: some(row => row.reason, isGiven),
    lots: some(row => row.lot, isGiven),
    expiries: some(row => row.expiresAt, isGiven),
    wrong: batch.flatMap(({ rowNo, row }) =>
      row.errors === null ? [] : [{ rowNo, body: { sku: row.sku, location: row.location }, errors: row.errors.map(storable) }],
    ),
  }
}

/** A wrong value may hold what PostgreSQL's text cannot: zero bytes, halves of characters. */
function storable({ column, value, expected }: CellError): CellError {
  const clean = (text: string) => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '\ufffd').slice(0, 200)
  return { column: clean(column), value: clean(value), expected: clean(expected) }
}
