import { bases, modes, type StockDefaults } from '../domain/catalog/stock-rows.ts'
import { importStock } from '../usecases/import-stock.ts'
import { type Call, type Command, wrongUsage } from './command.ts'
import { COMMON } from './import-options.ts'
import { rowFileOf, runImport } from './import-run.ts'
import { instantOf } from './instants.ts'

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
  run: call =>
    runImport(call, 'stock', async progress =>
      importStock(
        call.context,
        { ...(await rowFileOf(call)), defaults: defaultsOf(call), again: call.flag('again'), progress },
        call.flag('dry-run'),
      ),
    ),
}

function defaultsOf(call: Call): StockDefaults {
  const basis = bases.find(one => one === (call.text('basis') ?? 'on_hand'))
  const mode = modes.find(one => one === (call.text('mode') ?? 'absolute'))
  if (basis === undefined) throw wrongUsage(`--basis is ${bases.join(' or ')}`)
  if (mode === undefined) throw wrongUsage(`--mode is ${modes.join(' or ')}`)
  return { location: call.text('location') ?? null, basis, mode, occurredAt: instantOf(call, 'occurred-at') ?? null }
}
