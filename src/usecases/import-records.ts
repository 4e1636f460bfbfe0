import { Readable } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { Fault } from '../values/fault.ts'
import { type ByteSource, decode, type Encoding } from './import-text.ts'

/** One record of a CSV file. `row` is the row of a spreadsheet that shows the file: the header is row 1. */
export type CsvRecord = { readonly row: number; readonly cells: readonly string[] }

/** What ends the reading of a file: from here on nothing can be understood. */
export type BrokenFile = { readonly row: number; readonly broken: string; readonly value: string }

// A quote that is not closed would otherwise take the rest of the file for one cell.
const RECORD_MAX = 1_000_000

/** Reads a CSV file record by record in bounded memory; the last answer is a `BrokenFile` where it cannot be read to its end. */
export function csvRecords(source: ByteSource, encoding: Encoding, delimiter: string): AsyncGenerator<CsvRecord | BrokenFile> {
  return csvRecordsOf(decode(source, encoding), delimiter)
}

/** The same of text; a Fault that ends it ends the reading. */
export async function* csvRecordsOf(text: AsyncIterable<string>, delimiter: string): AsyncGenerator<CsvRecord | BrokenFile> {
  const parser = parse({ delimiter, relax_column_count: true, max_record_size: RECORD_MAX })
  // Bytes that cannot be decoded end the text, not the reading: the records before them are read all the same.
  const state: { trouble: Fault | null; endsInRecord: boolean } = { trouble: null, endsInRecord: false }
  const input = Readable.from(untilTrouble(text, state))
  input.once('error', error => parser.destroy(error))
  input.pipe(parser)
  let row = 0
  let last: CsvRecord | null = null
  try {
    for await (const cells of parser as AsyncIterable<string[]>) {
      if (last !== null) yield last
      row++
      last = { row, cells }
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    if (last !== null) yield last
    if (state.trouble === null) yield { row: row + 1, broken: csvWords(error), value: `line ${error.lines ?? '?'}` }
    else yield broken(row + 1, state.trouble)
    return
  } finally {
    input.destroy()
  }
  // The record that the trouble cut through is no record.
  const isCut = state.trouble !== null && state.endsInRecord
  if (last !== null && !isCut) yield last
  if (state.trouble !== null) yield broken(isCut ? row : row + 1, state.trouble)
}

async function* untilTrouble(text: AsyncIterable<string>, state: { trouble: Fault | null; endsInRecord: boolean }): AsyncGenerator<string> {
  try {
    for await (const piece of text) {
      if (piece !== '') state.endsInRecord = !/[\r\n]$/.test(piece)
      yield piece
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    state.trouble = error
  }
}

const broken = (row: number, fault: Fault): BrokenFile => ({ row, broken: fault.message, value: String(fault.detail.value ?? '') })

function csvWords(error: CsvError): string {
  switch (error.code) {
    case 'CSV_QUOTE_NOT_CLOSED':
      return 'a closing quote: the one that this row opens is never closed'
    case 'CSV_MAX_RECORD_SIZE':
      return 'a row of at most a million characters; probably a quote that is not closed'
    case 'INVALID_OPENING_QUOTE':
    case 'CSV_INVALID_CLOSING_QUOTE':
      return 'a cell with quotes to be quoted whole, with each quote in it doubled ("5"" screw")'
    default:
      return `valid CSV (${error.message})`
  }
}
