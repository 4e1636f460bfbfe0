import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { bases, modes, type StockDefaults } from '../domain/catalog/stock-rows.ts'
import { resumeImport } from '../usecases/import-file.ts'
import { importStock, type StockUpload } from '../usecases/import-stock.ts'
import type { StockFormat } from '../usecases/import-stock-records.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { COMMON, delimiterOf, encodingOf, exitOf, importNumber, refuseNoFile, stepsTo } from './import-options.ts'
import { importText } from './import-text.ts'
import { instantOf } from './instants.ts'
import { progressOn } from './terminal.ts'

/** `import stock`. */
export const importStockCommand: Command = {
  name: 'import stock',
  usage: 'FILE|- [--dry-run] [--location CODE] [--basis on_hand|available] [--mode absolute|delta] [--occurred-at INSTANT]',
  summary: 'Set what is on hand, or change it: sku, location, quantity and more, as CSV or as lines of JSON',
  details: `${COMMON}

A stock file is CSV, or a JSON object in each line (FILE.ndjson, FILE.jsonl, or --format ndjson); "-" reads the standard input.
Columns: sku, location, quantity, and where they are wanted basis, mode, occurred_at, reason, lot, expires_at. The options --location,
--basis, --mode and --occurred-at hold for rows that do not say it themselves.
basis on_hand (the default): what is physically there. available: what may be promised; what is promised, unavailable or
kept back as safety stock lies there besides.
mode absolute (the default): what there is. delta: so many more, or fewer (-3). A row that takes more than there is when
its turn comes is left out and told at the end. The same content is applied once, unless --again says that it happened again.
occurred_at: when an absolute number was true. What was received, sold or shipped since then is reckoned with; where
somebody counted later, that count stands.
lot, expires_at: of SKUs that are told apart by lots; the quantity is the lot's.`,
  examples: [
    'import stock count.csv --dry-run',
    'import stock count.csv --location MAIN --occurred-at 2026-11-22T06:00:00Z',
    'import stock - --format ndjson --basis available < feed.ndjson',
  ],
  options: {
    'dry-run': { type: 'boolean' },
    again: { type: 'boolean' },
    location: { type: 'string' },
    basis: { type: 'string' },
    mode: { type: 'string' },
    'occurred-at': { type: 'string' },
    format: { type: 'string' },
    delimiter: { type: 'string' },
    encoding: { type: 'string' },
    'ignore-other-columns': { type: 'boolean' },
    resume: { type: 'string' },
  },
  takes: [0, 1],
  database: 'migrated',
  isLong: true,
  run,
}

async function run(call: Call): Promise<ExitCode> {
  const progress = progressOn(call.terminal)
  const onStep = stepsTo(progress)
  const resume = call.text('resume')
  const result = await (resume === undefined
    ? importStock(call.context, { ...(await uploadOf(call)), progress: onStep }, call.flag('dry-run'))
    : resumeImport(call.context, importNumber(resume), onStep)
  ).finally(progress.end)
  call.answer(result, importText('stock', result))
  return exitOf(result)
}

async function uploadOf(call: Call): Promise<StockUpload> {
  const [path] = call.args
  if (path === undefined) throw wrongUsage('which file? (- reads the standard input)')
  if (path !== '-') await refuseNoFile(path)
  return {
    name: path === '-' ? 'standard input' : basename(path),
    source: path === '-' ? bytesOf(call.terminal.in) : createReadStream(path),
    format: formatOf(call, path),
    encoding: encodingOf(call),
    delimiter: delimiterOf(call),
    defaults: defaultsOf(call),
    ignoreOtherColumns: call.flag('ignore-other-columns'),
    again: call.flag('again'),
  }
}

/** The option --format, or what the name says. */
export function formatOf(call: Call, path: string): StockFormat {
  const format = call.text('format') ?? (/\.(ndjson|jsonl)$/i.test(path) ? 'ndjson' : 'csv')
  if (format !== 'csv' && format !== 'ndjson') throw wrongUsage('--format is csv or ndjson')
  return format
}

function defaultsOf(call: Call): StockDefaults {
  const basis = bases.find(one => one === (call.text('basis') ?? 'on_hand'))
  const mode = modes.find(one => one === (call.text('mode') ?? 'absolute'))
  if (basis === undefined) throw wrongUsage(`--basis is ${bases.join(' or ')}`)
  if (mode === undefined) throw wrongUsage(`--mode is ${modes.join(' or ')}`)
  return { location: call.text('location') ?? null, basis, mode, occurredAt: instantOf(call, 'occurred-at') ?? null }
}

/** The standard input as bytes. */
export async function* bytesOf(input: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const piece of input) yield piece instanceof Uint8Array ? piece : Buffer.from(String(piece))
}
