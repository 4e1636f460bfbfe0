import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExportKind } from '../../db/exports.ts'
import { exportCsv, exportRows } from '../usecases/export.ts'
import type { Call, Command, ExitCode } from './command.ts'

const SUMMARIES: Readonly<Record<ExportKind, string>> = {
  catalog: 'All variants with their base price in one currency; import takes it back',
  stock: 'What is on hand, reserved and available at each location; import takes it back',
  prices: 'All prices in force or to come; import takes it back',
  orders: 'Order lines of all channels, with what became of each unit',
  movements: 'The ledger: every change of stock with its cause',
}

/** `export catalog|stock|prices|orders|movements`. */
export const exportCommands: readonly Command[] = (Object.keys(SUMMARIES) as ExportKind[]).map(kind => {
  const isDated = kind === 'orders' || kind === 'movements'
  const more = kind === 'catalog' ? ' [--currency EUR]' : isDated ? ' [--since INSTANT]' : ''
  return {
    name: `export ${kind}`,
    usage: `[--out FILE]${more}`,
    summary: SUMMARIES[kind],
    details: `CSV in UTF-8 to the standard output, or to FILE, which appears only when it is whole. Text that a spreadsheet would run as a
formula has an apostrophe in front. With --json and no FILE: one JSON object for each line.`,
    examples: [`export ${kind} --out ${kind}.csv`, isDated ? `export ${kind} --since 2026-11-01` : `export ${kind} --json`],
    options: { out: { type: 'string' }, currency: { type: 'string' }, since: { type: 'string' } },
    takes: [0, 0],
    database: 'migrated',
    isLong: true,
    run: call => run(kind, call),
  }
})

async function run(kind: ExportKind, call: Call): Promise<ExitCode> {
  let rows = 0
  const choices = { currency: call.text('currency') ?? 'EUR', since: call.text('since') ?? null }
  const lines = exportRows(call.context, kind, choices, count => {
    rows = count
  })
  const file = call.text('out')
  if (file === undefined) {
    await toOutput(call.isJson ? Readable.from(jsonLines(lines)) : exportCsv(kind, lines), call)
    return 0
  }
  const draft = `${file}.part`
  try {
    await pipeline(exportCsv(kind, lines), createWriteStream(draft))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
  call.answer({ file, rows }, `${rows} rows in ${file}`)
  return 0
}

async function toOutput(source: Readable, call: Call): Promise<void> {
  try {
    await pipeline(source, call.terminal.out, { end: false })
  } catch (error) {
    // The reader has seen enough (`| head`): that is no failure.
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EPIPE') throw error
  }
}

async function* jsonLines(lines: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const line of lines) yield `${JSON.stringify(line)}\n`
}
