import { stat } from 'node:fs/promises'
import { type DecimalMark, decimalMarks } from '../domain/catalog/cells.ts'
import type { ImportResult, ImportStep } from '../usecases/import-file.ts'
import { type Encoding, encodings } from '../usecases/import-text.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type ExitCode, wrongUsage } from './command.ts'
import type { Progress } from './terminal.ts'

/** What holds for every import. */
export const COMMON = `A file is read and judged whole; when anything in it is wrong, every error is listed (row, column, value, what would
be right) and nothing is applied. --dry-run shows the difference and changes nothing. An import that was cut short goes
on when the same file is imported again, or with --resume ID; stock and price files also by themselves while the hub runs, but
numbers of stock not after an hour. Empty cells of a catalog leave what there is.
Files are CSV in UTF-8 with a first line of column names; else --encoding windows-1252, --delimiter ";" (or tab).`

/** Shows the steps of an import. */
export function stepsTo(progress: Progress): (step: ImportStep) => void {
  const words = { read: 'read', judge: 'judging', apply: 'applied' } as const
  return step => progress.at(words[step.step], step.rows, step.of)
}

/** @throws Fault not_found when there is no such file, or none that we may read. */
export async function refuseNoFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => null) // Absent or closed to us: both are told below.
  if (found === null || !found.isFile()) throw new Fault('not_found', `there is no file ${path}`, { field: 'file', value: path })
}

/** The option --delimiter. */
export function delimiterOf(call: Call): string {
  const delimiter = call.text('delimiter') === 'tab' ? '\t' : (call.text('delimiter') ?? ',')
  if (delimiter.length !== 1) throw wrongUsage('--delimiter is one character, or tab')
  return delimiter
}

/** The option --decimal. */
export function decimalOf(call: Call): DecimalMark {
  const text = call.text('decimal') ?? '.'
  const found = decimalMarks.find(one => one === text)
  if (found === undefined) throw wrongUsage('--decimal is . or ,')
  return found
}

/** The option --encoding. */
export function encodingOf(call: Call): Encoding {
  const text = (call.text('encoding') ?? 'utf-8').toLowerCase()
  const found = encodings.find(one => one === text)
  if (found === undefined) throw wrongUsage(`--encoding is one of ${encodings.join(', ')}`)
  return found
}

/** The option --resume. */
export function importNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrongUsage('--resume takes the number of an import')
  return Number(text)
}

/** 1 where the file was not applied, or not all of it. */
export function exitOf(result: ImportResult): ExitCode {
  const isWhole = result.outcome === 'difference' || (result.outcome === 'done' && (result.failed ?? []).length === 0)
  return isWhole ? 0 : 1
}
