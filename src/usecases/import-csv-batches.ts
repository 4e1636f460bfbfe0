import { Fault } from '../values/fault.ts'
import { type BrokenFile, type CsvRecord, csvRecordsOf } from './import-records.ts'
import { type ByteSource, decode, type Encoding } from './import-text.ts'

// A line without an end is for the whole reader to refuse.
const LINE_MAX = 1_000_000
const SLOW_BATCH = 1_000

/** Lines without a quote, the first of which is row `before + 1`: each is a record whose cells lie between its separators. */
export type CsvLines = { readonly before: number; readonly lines: readonly string[] }

/**
 * Reads a CSV file as `csvRecords` does, in batches, and several times quicker for as long as no cell is quoted: lines are all that is cut then.
 * From the first quote on, the whole reader takes over.
 */
export async function* csvBatches(
  source: ByteSource,
  encoding: Encoding,
  delimiter: string,
): AsyncGenerator<(CsvRecord | BrokenFile)[] | CsvLines> {
  const pieces = decode(source, encoding)[Symbol.asyncIterator]()
  let rest = ''
  let row = 0
  for (;;) {
    let piece: IteratorResult<string>
    try {
      piece = await pieces.next()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      yield* slowly(textOf(rest, null, error), delimiter, row)
      return
    }
    const text = rest + (piece.done ? '' : piece.value)
    if (piece.done) {
      if (text !== '') yield* slowly(textOf(text, null, null), delimiter, row)
      return
    }
    // A line break may be cut between its two characters.
    const isCut = text.endsWith('\r')
    if (text.length > LINE_MAX || /"|\r(?!\n)/.test(isCut ? text.slice(0, -1) : text)) {
      yield* slowly(textOf(text, pieces, null), delimiter, row)
      return
    }
    const end = text.lastIndexOf('\n') + 1
    rest = text.slice(end)
    if (end === 0) continue
    const whole = text.slice(0, end - 1)
    const lines = whole.includes('\r') ? whole.replace(/\r$/, '').split(/\r?\n/) : whole.split('\n')
    yield { before: row, lines }
    row += lines.length
  }
}

async function* textOf(begun: string, pieces: AsyncIterator<string> | null, trouble: Fault | null): AsyncGenerator<string> {
  yield begun
  if (trouble !== null) throw trouble
  if (pieces === null) return
  for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) yield piece.value
}

async function* slowly(text: AsyncIterable<string>, delimiter: string, before: number): AsyncGenerator<(CsvRecord | BrokenFile)[]> {
  let batch: (CsvRecord | BrokenFile)[] = []
  for await (const record of csvRecordsOf(text, delimiter)) {
    batch.push({ ...record, row: record.row + before })
    if (batch.length < SLOW_BATCH) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}
