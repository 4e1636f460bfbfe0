import { decideImportRow } from '../../db/price-imports.ts'
import { Fault, unreachable } from '../values/fault.ts'
import { carryOut, keyConflict } from './carry-out.ts'
import { type Context, command } from './context.ts'

export type ImportDecision = { readonly decision: 'approve' | 'reject'; readonly note?: string | undefined }

/**
 * Decides on a price file that goes beyond a limit of the guard. Approved it is to be applied (`applyImport`; a hub that runs does so by itself within three
 * minutes), and what it makes passes the guard; rejected, nothing of it ever applies. Faults: not_found, conflict (it does not wait).
 */
export async function decideImport(
  context: Context,
  key: string | null,
  id: number,
  stated: ImportDecision,
): Promise<'applying' | 'rejected'> {
  const body = { import: id, decision: stated.decision, note: stated.note ?? null }
  const answer = await carryOut(key, () => decideImportRow(context.sql, { ...command(context, 'import.decide', key, body), ...body }))
  switch (answer.outcome) {
    case 'done':
      return answer.state
    case 'unknown':
      throw new Fault('not_found', `There is no import ${id}.`, { field: 'id', value: id })
    case 'decided': {
      const by = answer.by === null ? '' : ` (decided by ${answer.by})`
      throw new Fault('conflict', `Import ${id} is ${answer.state}${by}: it does not wait for a decision.`, { field: 'id', value: id })
    }
    case 'key_conflict':
      throw keyConflict()
    default:
      return unreachable(answer)
  }
}
