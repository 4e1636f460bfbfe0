import { applyImport } from '../usecases/import-apply.ts'
import { decideImport } from '../usecases/import-decide.ts'
import { stepOf } from '../usecases/import-file.ts'
import { importPrices } from '../usecases/import-price.ts'
import { decisionOf, readImport } from '../usecases/read-import.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { counted } from './counted.ts'
import { COMMON, decimalOf, importNumber, stepsTo } from './import-options.ts'
import { rowFileOf, runImport } from './import-run.ts'
import { guardText } from './import-text.ts'
import { AS, actingAs } from './price-list-words.ts'
import { ownKey } from './stock.ts'
import { progressOn } from './terminal.ts'

const text = { type: 'string' } as const

/** `import prices`, `import show`, `import approve`, `import reject`. */
export const importPriceCommands: readonly Command[] = [
  {
    name: 'import prices',
    usage: 'FILE|- [--zone ZONE] [--decimal .|,] [--dry-run]',
    summary: 'Set prices: sku, currency, amount[, channel, from, to], or those of a price list; only what differs',
    details: `${COMMON}

A price file is CSV, or a JSON object in each line (FILE.ndjson, FILE.jsonl, or --format ndjson); "-" reads the standard input.
Columns: sku, currency, amount (empty or "none" ends the price), and where they are wanted channel, from, to; or list, min_quantity.
Without a channel a price holds for all; with from (and to) it is dated. A day begins at its midnight in the
zone of the row's channel, or in --zone (Europe/Berlin); a row without a channel needs --zone, or instants. With a list it is
the fixed price of the SKU there; on a list marked four eyes it waits for approval as if it had been typed.
Amounts have a decimal point; --decimal "," reads 12,50 (columns then usually lie between semicolons: --delimiter ";"), and refuses points.
Only rows that differ from what stands apply, and only their SKUs are reckoned anew. When the file would change more in a
channel than a limit of the guard allows, it waits, with what it would do: import approve, import reject.`,
    examples: [
      'import prices prices.csv --dry-run',
      'import prices preise.csv --decimal "," --delimiter ";"',
      'import prices - --format ndjson < feed.ndjson',
      'import approve 12',
    ],
    options: {
      'dry-run': { type: 'boolean' },
      ...{ format: text, delimiter: text, decimal: text, encoding: text, resume: text, zone: text },
      'ignore-other-columns': { type: 'boolean' },
    },
    takes: [0, 1],
    database: 'migrated',
    isLong: true,
    run: call =>
      runImport(call, 'prices', async progress =>
        importPrices(
          call.context,
          { ...(await rowFileOf(call)), decimal: decimalOf(call), zone: call.text('zone'), progress },
          call.flag('dry-run'),
        ),
      ),
  },
  {
    name: 'import show',
    usage: 'ID',
    summary: 'How an import stands: what it changes, what is wrong with it, and what the guard says',
    examples: ['import show 12'],
    options: {},
    takes: [1, 1],
    database: 'migrated',
    run: show,
  },
  decisionCommand('approve', 'Let a price file through that goes beyond a limit of the guard, and apply it'),
  decisionCommand('reject', 'Turn a price file down that waits; nothing of it ever applies'),
]

function decisionCommand(verb: 'approve' | 'reject', summary: string): Command {
  return {
    name: `import ${verb}`,
    usage: 'ID [--note TEXT] [--as EMAIL] [--key KEY]',
    summary,
    details: AS,
    examples: [`import ${verb} 12 --note "the summer prices"`],
    options: { note: text, as: text, key: text },
    takes: [1, 1],
    database: 'migrated',
    isLong: true,
    run: call => decide(verb, call),
  }
}

async function show(call: Call): Promise<ExitCode> {
  const found = await readImport(call.context, importNumber(call.args[0] ?? ''))
  const { summary } = found
  const decision = decisionOf(summary)
  const said = `import ${found.id}, ${found.kind} (${found.name}): ${found.state}, ${found.applied} of ${counted(found.rows, 'row')} applied`
  call.answer(
    found,
    [
      said,
      ...(decision === null ? [] : [`decided by ${decision.by}${decision.note === undefined ? '' : `: ${decision.note}`}`]),
      ...guardText(summary.guard),
      ...found.errors.map(error => `row ${error.row}, ${error.column} "${error.value}": ${error.expected}`),
    ].join('\n'),
  )
  return 0
}

async function decide(verb: 'approve' | 'reject', call: Call): Promise<ExitCode> {
  const id = importNumber(call.args[0] ?? '')
  const note = call.text('note')
  // Whoever has the database in hand may decide, unless they do it in somebody's name.
  const { context } = await actingAs(call, 'prices:approve')
  await decideImport(context, call.text('key') ?? ownKey(), id, { decision: verb, ...(note === undefined ? {} : { note }) })
  if (verb === 'reject') {
    call.answer({ id, state: 'rejected' }, `Import ${id} is rejected: nothing of it applies.`)
    return 0
  }
  const progress = progressOn(call.terminal)
  const onStep = stepsTo(progress)
  const done = await applyImport(context, id, applied => onStep(stepOf(applied))).finally(progress.end)
  const found = await readImport(context, id)
  const failed = found.errors.length === 0 ? '' : ` ${counted(found.errors.length, 'row')} did not fit any more: see import show ${id}.`
  call.answer(found, `Import ${id} is approved and ${done.state}: ${done.applied} of ${counted(done.rows, 'row')}.${failed}`)
  return found.errors.length === 0 ? 0 : 1
}
