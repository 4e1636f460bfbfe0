import { detachLedger, LEDGER_KEPT_DAYS } from '../usecases/detach-ledger.ts'
import type { Call, Command, ExitCode } from './command.ts'
import { shownAt } from './instants.ts'

/** `ledger detach`. */
export const ledgerCommands: readonly Command[] = [
  {
    name: 'ledger detach',
    usage: 'YYYY-MM [--dry-run]',
    summary: 'Take an old month out of the ledger; its sums stay as carry-forward movements',
    details: `The month must have been over for ${LEDGER_KEPT_DAYS} days, and older ones must be detached before it. Its movements stay in a table
of the schema concord_archive, named in the answer: archive it (COPY, pg_dump), then drop it. Backups of the hub leave
it out. History, exports and explanations begin at the month's end afterwards.`,
    examples: ['ledger detach 2026-01 --dry-run', 'ledger detach 2026-01'],
    options: { 'dry-run': { type: 'boolean' } },
    takes: [1, 1],
    database: 'migrated',
    isLong: true,
    run: detach,
  },
]

async function detach(call: Call): Promise<ExitCode> {
  const done = await detachLedger(call.context, call.args[0] ?? '', { dryRun: call.flag('dry-run'), now: call.wiring.now() })
  const sums = `${done.movements} movements, ${done.carried} carry-forwards recorded at ${shownAt(done.until)}`
  const text = {
    detached: `${done.month} is detached: ${sums}. Its movements are in ${done.table}: archive that table, then drop it.`,
    would_detach: `${done.month} would be detached: ${sums}. Nothing was changed.`,
    done_before: `${done.month} was detached before: ${sums}. Nothing was changed.`,
  }
  call.answer(done, text[done.outcome])
  return 0
}
