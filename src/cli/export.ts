import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ExportKind } from '../../db/exports.ts'
import { exportCsv, exportRows } from '../usecases/export.ts'
import { exportLedger, ledgerCsv } from '../usecases/export-ledger.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { counted } from './counted.ts'

type Named = Exclude<ExportKind, 'list-prices'>

const SUMMARIES: Readonly<Record<Named, string>> = {
  catalog: 'All variants with their base price in one currency; import takes it back',
  stock: 'What is on hand, reserved and available at each location; import takes it back',
  prices: 'All plain prices in force or to come, or the prices of a list; import takes it back',
  orders: 'Order lines of all channels, with what became of each unit',
  movements: 'The ledger: every change of stock with its cause',
}

const LIST_TOO = `
Of a list come the fixed prices that it has for SKUs; what reckons prices, or speaks of more than a SKU, has no place in such a file.
With --past also prices whose time is over, and those of a list that was ended.`

const LEDGER_OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  sku: { type: 'string' },
  location: { type: 'string' },
  kind: { type: 'string' },
  out: { type: 'string' },
} as const

const ledgerCommand: Command = {
  name: 'export ledger',
  usage: '[--from INSTANT] [--to INSTANT] [--sku SKU] [--location CODE] [--kind KIND] [--out FILE]',
  summary: 'The ledger with lots, causes and costs, narrowed by time, SKU, location or kind',
  details: `CSV in UTF-8 in the order in which movements were recorded, --from included, --to not; streamed, whatever its size. With --json and
no FILE: one JSON object for each line.`,
  examples: ['export ledger --from 2026-11-01 --to 2026-12-01 --out november.csv', 'export ledger --sku TEA-GREEN --kind receive'],
  options: LEDGER_OPTIONS,
  takes: [0, 0],
  database: 'migrated',
  isLong: true,
  run: ledger,
}

/** `export catalog|stock|prices|orders|movements|ledger`. */
export const exportCommands: readonly Command[] = [...(Object.keys(SUMMARIES) as Named[]).map(commandOf), ledgerCommand]

function commandOf(kind: Named): Command {
  const isDated = kind === 'orders' || kind === 'movements'
  const more =
    kind === 'catalog' ? ' [--currency EUR]' : kind === 'prices' ? ' [--list CODE] [--past]' : isDated ? ' [--since INSTANT]' : ''
  return {
    name: `export ${kind}`,
    usage: `[--out FILE]${more}`,
    summary: SUMMARIES[kind],
    details: `CSV in UTF-8 to the standard output, or to FILE, which appears only when it is whole. Text that a spreadsheet would run as a
formula has an apostrophe in front. With --json and no FILE: one JSON object for each line.${kind === 'prices' ? LIST_TOO : ''}`,
    examples: [`export ${kind} --out ${kind}.csv`, isDated ? `export ${kind} --since 2026-11-01` : `export ${kind} --json`],
    options: {
      out: { type: 'string' },
      currency: { type: 'string' },
      since: { type: 'string' },
      ...(kind === 'prices' ? { list: { type: 'string' }, past: { type: 'boolean' } } : {}),
    },
    takes: [0, 0],
    database: 'migrated',
    isLong: true,
    run: call => run(kind === 'prices' && call.text('list') !== undefined ? 'list-prices' : kind, call),
  }
}

async function run(kind: ExportKind, call: Call): Promise<ExitCode> {
  let rows = 0
  const choices = {
    currency: call.text('currency') ?? 'EUR',
    since: call.text('since') ?? null,
    list: call.text('list') ?? null,
    past: call.flag('past'),
  }
  const lines = exportRows(call.context, kind, choices, count => {
    rows = count
  })
  const file = call.text('out')
  if (file === undefined) {
    await toOutput(call.isJson ? Readable.from(jsonLines(lines)) : exportCsv(kind, lines), call)
    return 0
  }
  await toFile(exportCsv(kind, lines), file)
  call.answer({ file, rows }, `${counted(rows, 'row')} in ${file}`)
  return 0
}

/** Writes a stream to a file, which appears only when it is whole. */
export async function toFile(source: Readable, file: string): Promise<void> {
  const draft = `${file}.part`
  try {
    await pipeline(source, createWriteStream(draft))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

async function ledger(call: Call): Promise<ExitCode> {
  const asked: Record<string, string> = {}
  for (const name of Object.keys(LEDGER_OPTIONS)) {
    const text = call.text(name)
    if (text !== undefined && name !== 'out') asked[name] = text
  }
  let rows = 0
  const tallied = async function* () {
    for await (const line of await exportLedger(call.context, asked)) {
      rows += 1
      yield line
    }
  }
  const file = call.text('out')
  if (file === undefined) {
    await toOutput(call.isJson ? Readable.from(jsonLines(tallied())) : ledgerCsv(tallied()), call)
    return 0
  }
  await toFile(ledgerCsv(tallied()), file)
  call.answer({ file, rows }, `${counted(rows, 'row')} in ${file}`)
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
