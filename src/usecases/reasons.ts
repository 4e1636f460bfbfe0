import { putReasonRow, type ReasonAct, type ReasonRow, readReason } from '../../db/reasons.ts'
import { Fault } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'

/** Everything that a reason can be chosen for. */
export const REASON_ACTS: readonly ReasonAct[] = ['adjust', 'damage', 'restore', 'return', 'transfer', 'count']

export type ReasonStated = {
  readonly name?: string | undefined
  readonly acts?: readonly ReasonAct[] | undefined
  /** False: nobody can choose it any more. What was posted with it keeps it. */
  readonly active?: boolean | undefined
}

/**
 * Adds a reason to the list that people choose from, or changes one; its code never changes and nothing is taken off the list, because the ledger
 * names it. Answers the reason as it is then. Throws `conflict` for a code that is there already, `not_found` for one that is not.
 */
export async function putReason(
  context: Context,
  key: string | null,
  mode: 'add' | 'change',
  code: string,
  stated: ReasonStated,
): Promise<ReasonRow> {
  const { name, acts, active } = stated
  const body = {
    mode,
    code,
    ...(name === undefined ? {} : { name }),
    ...(acts === undefined ? {} : { acts: [...acts] }),
    ...(active === undefined ? {} : { active }),
  }
  const answer = await carryOut(key, () => putReasonRow(context.sql, { ...body, ...command(context, `reason.${mode}`, key, body) }))
  if (answer.outcome === 'key_conflict') throw keyConflict()
  const row = answer.outcome === 'exists' ? null : await readReason(context.sql, code)
  if (answer.outcome === 'exists')
    throw new Fault('conflict', `The reason ${code} exists already: change it.`, { field: 'code', value: code })
  if (row === null) throw new Fault('not_found', `There is no reason ${code}.`, { field: 'code', value: code })
  return row
}
