import { type DetachAnswer, detachLedgerMonth } from '../../db/partitions.ts'
import { Fault, unreachable } from '../values/fault.ts'
import type { Context } from './context.ts'

/** How long a month must have been over before it may leave the ledger, days: counts, imports and returns still look back into younger ones. */
export const LEDGER_KEPT_DAYS = 92

export type Detached = Extract<DetachAnswer, { readonly table: string }>

/** The database did not get its lock in time. */
const LOCK_NOT_AVAILABLE = '55P03'

/**
 * Takes an old month out of the ledger. Its movements stay in an ordinary table, named in the answer, to be archived and dropped; what they add up
 * to stays in the ledger as one carry-forward movement for each balance and lot. History and explanations begin at the month's end then.
 * `dryRun` only says what would happen. `now` judges the age; the database's clock when absent.
 * @throws Fault invalid (no month), conflict (too young, in the default partition, an older month is still attached), not_found (no such partition),
 * unavailable (the ledger was busy; nothing happened).
 */
export async function detachLedger(context: Context, month: string, choices: { dryRun: boolean; now?: Date }): Promise<Detached> {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    throw new Fault('invalid', `"${month}" is no month`, { field: 'month', value: month, expected: 'YYYY-MM, such as 2026-01' })
  }
  const now = choices.now === undefined ? {} : { now: choices.now.toISOString() }
  const cmd = { month, minAgeDays: LEDGER_KEPT_DAYS, dryRun: choices.dryRun, actor: context.actor, ...now }
  return judged(await detachLedgerMonth(context.sql, cmd).catch(asBusy))
}

function judged(answer: DetachAnswer): Detached {
  const { month, outcome } = answer
  switch (outcome) {
    case 'detached':
    case 'would_detach':
    case 'done_before':
      return answer
    case 'too_young':
      throw new Fault(
        'conflict',
        `${month} may be detached from ${answer.allowedFrom.slice(0, 10)} on, ${LEDGER_KEPT_DAYS} days after its end`,
        {
          ...{ field: 'month', value: month, allowedFrom: answer.allowedFrom },
        },
      )
    case 'in_default':
      throw new Fault(
        'conflict',
        `${month} has no partition of its own: ${answer.movements} of its movements lie in the default partition, with those of other months. It stays.`,
        { field: 'month', value: month, movements: answer.movements },
      )
    case 'older_attached':
      throw new Fault('conflict', `${answer.older} is still attached: detach it before ${month}`, {
        ...{ field: 'month', value: month, older: answer.older },
      })
    case 'no_partition':
      throw new Fault('not_found', `the ledger has no partition for ${month}`, { field: 'month', value: month })
    default:
      return unreachable(outcome)
  }
}

function asBusy(error: unknown): never {
  if (error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE)
    throw new Fault('unavailable', 'the ledger was busy for 2 seconds; nothing happened, so ask again at a quieter time')
  throw error
}
