import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { ImportKind } from '../../db/imports.ts'
import { type ImportResult, type ImportStep, resumeImport } from '../usecases/import-file.ts'
import type { StockFormat } from '../usecases/import-stock-records.ts'
import type { Encoding } from '../usecases/import-text.ts'
import { type Call, type ExitCode, wrongUsage } from './command.ts'
import { delimiterOf, encodingOf, exitOf, importNumber, refuseNoFile, stepsTo } from './import-options.ts'
import { importText } from './import-text.ts'
import { progressOn } from './terminal.ts'

/** Imports as `begin` does, or goes on with what --resume names; shows the steps, and answers what became of the file. */
export async function runImport(
  call: Call,
  kind: ImportKind,
  begin: (progress: (step: ImportStep) => void) => Promise<ImportResult>,
): Promise<ExitCode> {
  const progress = progressOn(call.terminal)
  const onStep = stepsTo(progress)
  const resume = call.text('resume')
  const result = await (resume === undefined ? begin(onStep) : resumeImport(call.context, importNumber(resume), onStep)).finally(
    progress.end,
  )
  call.answer(result, importText(kind, result))
  return exitOf(result)
}

/** A stock or price file, to be read once. */
export type RowFile = {
  readonly name: string
  readonly source: AsyncIterable<Uint8Array>
  readonly format: StockFormat
  readonly encoding: Encoding
  readonly delimiter: string
  readonly ignoreOtherColumns: boolean
}

/** The file that a call names, or the standard input, with the options on how to read it. @throws Fault not_found; wrong usage without a file. */
export async function rowFileOf(call: Call): Promise<RowFile> {
  const [path] = call.args
  if (path === undefined) throw wrongUsage('which file? (- reads the standard input)')
  if (path !== '-') await refuseNoFile(path)
  return {
    name: path === '-' ? 'standard input' : basename(path),
    source: path === '-' ? bytesOf(call.terminal.in) : createReadStream(path),
    format: formatOf(call, path),
    encoding: encodingOf(call),
    delimiter: delimiterOf(call),
    ignoreOtherColumns: call.flag('ignore-other-columns'),
  }
}

/** The option --format, or what the name says. */
function formatOf(call: Call, path: string): StockFormat {
  const format = call.text('format') ?? (/\.(ndjson|jsonl)$/i.test(path) ? 'ndjson' : 'csv')
  if (format !== 'csv' && format !== 'ndjson') throw wrongUsage('--format is csv or ndjson')
  return format
}

/** The standard input as bytes. */
async function* bytesOf(input: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const piece of input) yield piece instanceof Uint8Array ? piece : Buffer.from(String(piece))
}
