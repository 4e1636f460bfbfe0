import { noteStaged, type StagedRow, stageRows } from '../../db/imports.ts'
import { onceMore } from '../../db/once-more.ts'
import type { Context } from './context.ts'
import { type FileFormat, type FileKind, type ImportChoices, openFormat } from './import-formats.ts'
import { type CsvRecord, csvRecords } from './import-records.ts'
import type { ByteSource, Encoding } from './import-text.ts'

export type StageRequest = {
  readonly kind: FileKind
  readonly source: ByteSource
  readonly encoding: Encoding
  readonly delimiter: string
  readonly choices: ImportChoices
  /** Hears of the rows read so far. */
  readonly onRows: (rows: number) => void
}

/** What the file consists of. `ignored` and `notes` by their reasons. */
export type StageSummary = {
  readonly format: 'concord' | 'shopify' | 'unknown'
  readonly ignored: Readonly<Record<string, number>>
  readonly notes: Readonly<Record<string, number>>
  /** Columns that have no meaning here. */
  readonly otherColumns: readonly string[]
  /** Where dates or times had no zone: the one that they were read in; `channel`: each row's channel's. */
  readonly datesIn?: string
}

const BATCH = 1_000

/** Streams a file into the staging rows of an import, a thousand at a time; every row's own errors are noted with it. */
export async function stageFile(context: Context, id: number, request: StageRequest): Promise<StageSummary> {
  const counts = { ignored: {} as Record<string, number>, notes: {} as Record<string, number> }
  let format: FileFormat | null = null
  let batch: StagedRow[] = []
  let rows = 0
  const stage = async () => {
    const full = batch
    batch = []
    if (full.length > 0) await onceMore(() => stageRows(context.sql, id, full))
    request.onRows(rows)
  }
  for await (const record of csvRecords(request.source, request.encoding, request.delimiter)) {
    if ('broken' in record) {
      batch.push(wrong(record.row, { column: 'file', value: record.value, expected: record.broken }))
    } else if (format === null) {
      const opened = openFormat(record.cells, request.choices)
      if ('errors' in opened) {
        batch.push({ rowNo: record.row, body: {}, errors: opened.errors })
        break
      }
      format = opened
    } else {
      rows++
      const row = readRow(format, record, counts)
      if (row !== null) batch.push(row)
      if (batch.length >= BATCH) await stage()
    }
  }
  if (format === null && batch.length === 0)
    batch.push(wrong(1, { column: 'file', value: '', expected: 'a first line with column names; the file is empty' }))
  await stage()
  const summary: StageSummary = { format: format?.format ?? 'unknown', ...counts, otherColumns: format?.columns.unknown ?? [] }
  await onceMore(() => noteStaged(context.sql, id, { columns: format?.columns.heading ?? {}, choices: request.choices }, summary))
  return summary
}

function readRow(
  format: FileFormat,
  record: CsvRecord,
  counts: { ignored: Record<string, number>; notes: Record<string, number> },
): StagedRow | null {
  const reading = format.read(record.cells)
  if (reading.kind === 'ignored') {
    counts.ignored[reading.why] = (counts.ignored[reading.why] ?? 0) + 1
    return null
  }
  if (reading.kind === 'wrong') return { rowNo: record.row, body: reading.body, errors: reading.errors }
  for (const note of reading.notes) counts.notes[note] = (counts.notes[note] ?? 0) + 1
  return { rowNo: record.row, body: reading.body, errors: null }
}

const wrong = (rowNo: number, error: object): StagedRow => ({ rowNo, body: {}, errors: [error] })
