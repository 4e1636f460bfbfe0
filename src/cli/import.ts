import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { ImportKind } from '../../db/imports.ts'
import { type ImportResult, importFile, resumeImport } from '../usecases/import-file.ts'
import { type Encoding, encodings } from '../usecases/import-text.ts'
import { Fault } from '../values/fault.ts'
import { type Call, type Command, type ExitCode, wrongUsage } from './command.ts'
import { importText } from './import-text.ts'
import { progressOn } from './terminal.ts'

const options = {
  'dry-run': { type: 'boolean' },
  location: { type: 'string' },
  currency: { type: 'string' },
  'compare-at': { type: 'string' },
  delimiter: { type: 'string' },
  encoding: { type: 'string' },
  'ignore-other-columns': { type: 'boolean' },
  resume: { type: 'string' },
} as const

const COMMON = `A file is read and judged whole; when anything in it is wrong, every error is listed (row, column, value, what would
be right) and nothing is applied. --dry-run shows the difference and changes nothing. An import that was cut short goes
on when the same file is imported again, or with --resume ID. Empty cells leave what there is.
Files are CSV in UTF-8 with a first line of column names; else --encoding windows-1252, --delimiter ";" (or tab).`

/** `import catalog|stock|prices`. */
export const importCommands: readonly Command[] = [
  importCommand('catalog', {
    usage: 'FILE [--dry-run] [--location CODE] [--currency EUR] [--compare-at ignore|sale]',
    summary: "Bring products and variants in: Shopify's product CSV, or our own format",
    details: `${COMMON}

Our own format: sku, handle, title, variant_title, vendor, category, gtin, options (JSON), price, currency, cost,
cost_currency, weight_grams, status, quantity. Only sku is needed, and title for a new product.
Shopify's product CSV: rows of a handle are its variants; rows with an image only are ignored and counted. Where the
SKU is missing one is derived from handle and option values; it stays the same from file to file, and is reported.
The price becomes the base price in --currency (EUR). Compare-at prices are left aside and counted, or, with
--compare-at sale, become the regular price, with the price as a sale without end.
Quantities are counted as on hand at --location; without it they are not taken.`,
    examples: ['import catalog products_export.csv --dry-run', 'import catalog products_export.csv --currency GBP --location MAIN'],
  }),
  importCommand('stock', {
    usage: 'FILE [--dry-run] [--location CODE]',
    summary: 'Set what is on hand, as counted: sku, location, quantity[, reason]',
    details: `${COMMON}

Quantities are absolute: what is physically at the location. --location stands in where the column is empty.`,
    examples: ['import stock count.csv --dry-run', 'import stock count.csv --location MAIN'],
  }),
  importCommand('prices', {
    usage: 'FILE [--dry-run]',
    summary: 'Set prices: sku, currency, amount[, channel, from, to]',
    details: `${COMMON}

Without a channel a price holds for all; with from (and to) it is dated. Days begin at midnight UTC.`,
    examples: ['import prices prices.csv --dry-run', 'import prices prices.csv'],
  }),
]

function importCommand(kind: ImportKind, about: Pick<Command, 'usage' | 'summary' | 'examples'> & { readonly details: string }): Command {
  return { name: `import ${kind}`, ...about, options, takes: [0, 1], database: 'migrated', isLong: true, run: call => run(kind, call) }
}

async function run(kind: ImportKind, call: Call): Promise<ExitCode> {
  const progress = progressOn(call.terminal)
  const words = { read: 'read', judge: 'judging', apply: 'applied' } as const
  const onStep = (step: { step: keyof typeof words; rows: number; of: number | null }) => progress.at(words[step.step], step.rows, step.of)
  const result = await (call.text('resume') === undefined
    ? importFile(call.context, { ...(await requestOf(kind, call)), progress: onStep })
    : resumeImport(call.context, wholeNumber(call.text('resume') ?? ''), onStep)
  ).finally(progress.end)
  call.answer(result, importText(kind, result))
  return exitOf(result)
}

async function requestOf(kind: ImportKind, call: Call) {
  const [path] = call.args
  if (path === undefined) throw wrongUsage('which file?')
  const found = await stat(path).catch(() => null) // Absent or closed to us: both are told below.
  if (found === null || !found.isFile()) throw new Fault('not_found', `there is no file ${path}`, { field: 'file', value: path })
  const delimiter = call.text('delimiter') === 'tab' ? '\t' : (call.text('delimiter') ?? ',')
  if (delimiter.length !== 1) throw wrongUsage('--delimiter is one character, or tab')
  const compareAt = call.text('compare-at') ?? 'ignore'
  if (compareAt !== 'ignore' && compareAt !== 'sale') throw wrongUsage('--compare-at is ignore or sale')
  return {
    kind,
    name: basename(path),
    source: () => createReadStream(path) as AsyncIterable<Uint8Array>,
    encoding: encodingOf(call.text('encoding') ?? 'utf-8'),
    delimiter,
    dryRun: call.flag('dry-run'),
    choices: {
      currency: call.text('currency') ?? 'EUR',
      location: call.text('location') ?? null,
      compareAt: compareAt as 'ignore' | 'sale',
      ignoreOtherColumns: call.flag('ignore-other-columns'),
    },
  }
}

function encodingOf(text: string): Encoding {
  const found = encodings.find(one => one === text.toLowerCase())
  if (found === undefined) throw wrongUsage(`--encoding is one of ${encodings.join(', ')}`)
  return found
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw wrongUsage('--resume takes the number of an import')
  return Number(text)
}

function exitOf(result: ImportResult): ExitCode {
  return result.outcome === 'refused' || result.outcome === 'interrupted' ? 1 : 0
}
