import { type LedgerMonth, makeLedgerPartitions } from '../db/partitions.ts'
import type { JobDeps } from './deps.ts'

/** With three months in hand, a job that fails for weeks still does no harm. */
const MONTHS_AHEAD = 3

/** Makes the ledger's partitions for this month, where it has no movements yet, and for the months to come. Answers what became of each. */
export async function preparePartitions({ sql, log }: Pick<JobDeps, 'sql' | 'log'>, now: Date): Promise<readonly LedgerMonth[]> {
  const months = await makeLedgerPartitions(sql, now, MONTHS_AHEAD)
  const made = months.filter(month => month.place === 'made').map(month => month.month)
  if (made.length > 0) log.info({ made }, 'the ledger has partitions for months to come')
  return months
}
