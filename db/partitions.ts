import type { Sql } from './connect.ts'

/** A month of the ledger, as `YYYY-MM`, and where its movements go. */
export type LedgerMonth = {
  readonly month: string
  /** `made`: a partition just now. `there`: it had one. `default`: the default partition holds some of its movements already, and keeps all. */
  readonly place: 'made' | 'there' | 'default'
}

/**
 * Sees to it that the months after the one of `now` have partitions of the ledger before their first movement, so that they can one day be
 * detached whole. The month of `now` itself is left as it is: its movements may lie in the default partition already.
 * @throws PostgresError 55P03 when the ledger is so busy that its lock was not to be had within 2 s; nothing is held up meanwhile for longer.
 */
export async function makeLedgerPartitions(sql: Sql, now: Date, monthsAhead: number): Promise<LedgerMonth[]> {
  const months: LedgerMonth[] = []
  for (let ahead = 1; ahead <= monthsAhead; ahead++) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    const until = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1))
    const month = from.toISOString().slice(0, 7)
    const name = `movements_${month.replace('-', '_')}`
    const [row] = await sql<{ isThere: boolean; isUsed: boolean }[]>`
      select to_regclass(${name}::text) is not null as "isThere",
        exists (select from movements_default where recorded_at >= ${from} and recorded_at < ${until}) as "isUsed"`
    if (row?.isThere) months.push({ month, place: 'there' })
    else if (row?.isUsed) months.push({ month, place: 'default' })
    else {
      await makePartition(sql, name, from, until)
      months.push({ month, place: 'made' })
    }
  }
  return months
}

/** One statement, so one transaction. Its parts are dates of ours, never text from outside: DDL takes no parameters. */
async function makePartition(sql: Sql, name: string, from: Date, until: Date): Promise<void> {
  await sql.unsafe(`do $$ begin
    -- Everybody who writes to the ledger would queue up behind this one if it waited long for a reader.
    perform set_config('lock_timeout', '2s', true);
    -- Two processes at once: the second finds the table there.
    perform pg_advisory_xact_lock(hashtext('concord ledger partitions'));
    create table if not exists ${name} partition of movements for values from ('${from.toISOString()}') to ('${until.toISOString()}');
  end $$`)
}
