import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { importFile } from '../usecases/import-file.ts'
import type { FileKind } from '../usecases/import-formats.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { importListCommand } from './import-list.ts'
import { COMMON, delimiterOf, encodingOf, refuseNoFile } from './import-options.ts'
import { importPriceCommands } from './import-price.ts'
import { runImport } from './import-run.ts'
import { importStockCommand } from './import-stock.ts'

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

/** `import catalog|stock|prices`, decisions on price files that wait, and the list of all. */
export const importCommands: readonly Command[] = [
  importCommand('catalog', {
    usage: 'FILE [--dry-run] [--location CODE] [--currency EUR] [--compare-at ignore|sale]',
    summary: "Bring products and variants in: Shopify's product CSV, or our own format",
    details: `${COMMON}

Our own format: sku, handle, title, variant_title, vendor, category, gtin, options (JSON), price, currency, cost,
cost_currency, weight_grams, status, hazard (class of dangerous goods), quantity. Only sku is needed, and title for a new product.
Shopify's product CSV: rows of a handle are its variants; rows with an image only are ignored and counted. Where the
SKU is missing one is derived from handle and option values; it stays the same from file to file, and is reported.
The price becomes the base price in --currency (EUR). Compare-at prices are left aside and counted, or, with
--compare-at sale, become the regular price, with the price as a sale without end.
Quantities are counted as on hand at --location; without it they are not taken.`,
    examples: ['import catalog products_export.csv --dry-run', 'import catalog products_export.csv --currency GBP --location MAIN'],
  }),
  importStockCommand,
  ...importPriceCommands,
  importListCommand,
]

function importCommand(kind: FileKind, about: Pick<Command, 'usage' | 'summary' | 'examples'> & { readonly details: string }): Command {
  const run = (call: Call) =>
    runImport(call, kind, async progress => importFile(call.context, { ...(await requestOf(kind, call)), progress }))
  return { name: `import ${kind}`, ...about, options, takes: [0, 1], database: 'migrated', isLong: true, run }
}

async function requestOf(kind: FileKind, call: Call) {
  const [path] = call.args
  if (path === undefined) throw wrongUsage('which file?')
  await refuseNoFile(path)
  const compareAt = call.text('compare-at') ?? 'ignore'
  if (compareAt !== 'ignore' && compareAt !== 'sale') throw wrongUsage('--compare-at is ignore or sale')
  return {
    kind,
    name: basename(path),
    source: () => createReadStream(path) as AsyncIterable<Uint8Array>,
    encoding: encodingOf(call),
    delimiter: delimiterOf(call),
    dryRun: call.flag('dry-run'),
    choices: {
      currency: call.text('currency') ?? 'EUR',
      location: call.text('location') ?? null,
      compareAt: compareAt as 'ignore' | 'sale',
      ignoreOtherColumns: call.flag('ignore-other-columns'),
    },
  }
}
