import type { Sql } from './connect.ts'

/** A month of the ledger, as `YYYY-MM`, and where its movements go. */
export type LedgerMonth = {
  readonly month: string
  /** `made`: a partition just now. `there`: it had one. `default`: the default partition holds some of its movements already, and keeps all. */
  readonly place: 'made' | 'there' | 'default'
}

/** The default partition has got a row of the month between our look and the making. */
const HELD_BY_DEFAULT = '23514'

/**
 * Sees to it that the month of `now` and those after it have partitions of the ledger before their first movement, so that they can one day
 * be detached whole. A month that has movements in the default partition already is left as it is.
 * @throws PostgresError 55P03 when the ledger is so busy that its lock was not to be had within 2 s; nothing is held up meanwhile for longer.
 */
export async function makeLedgerPartitions(sql: Sql, now: Date, monthsAhead: number): Promise<LedgerMonth[]> {
  const months: LedgerMonth[] = []
  for (let ahead = 0; ahead <= monthsAhead; ahead++) {
    const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1))
    const until = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead + 1, 1))
    const month = from.toISOString().slice(0, 7)
    const name = `movements_${month.replace('-', '_')}`
    const [row] = await sql<{ isThere: boolean; isUsed: boolean }[]>`
      select to_regclass(${name}::text) is not null as "isThere",
        exists (select from movements_default where recorded_at >= ${from} and recorded_at < ${until}) as "isUsed"`
    if (row?.isThere) months.push({ month, place: 'there' })
    else if (row?.isUsed) months.push({ month, place: 'default' })
    else months.push({ month, place: await makePartition(sql, name, from, until) })
  }
  return months
}

/** One statement, so one transaction. Its parts are dates of ours, never text from outside: DDL takes no parameters. */
async function makePartition(sql: Sql, name: string, from: Date, until: Date): Promise<'made' | 'default'> {
  try {
    await sql.unsafe(`do $$ begin
    -- Everybody who writes to the ledger would queue up behind this one if it waited long for a reader.
    perform set_config('lock_timeout', '2s', true);
    -- Two processes at once: the second finds the table there.
    perform pg_advisory_xact_lock(hashtext('concord ledger partitions'));
    create table if not exists ${name} partition of movements for values from ('${from.toISOString()}') to ('${until.toISOString()}');
  end $$`)
    return 'made'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === HELD_BY_DEFAULT) return 'default'
    throw error
  }
}

export type DetachAnswer =
  | {
      readonly outcome: 'detached' | 'would_detach' | 'done_before'
      readonly month: string
      /** With its schema: `concord_archive.movements_2026_01`. */
      readonly table: string
      readonly from: string
      readonly until: string
      readonly movements: number
      /** Carry-forward movements: one for each balance and lot that does not add up to nothing. */
      readonly carried: number
    }
  | { readonly outcome: 'too_young'; readonly month: string; readonly allowedFrom: string }
  | { readonly outcome: 'in_default'; readonly month: string; readonly movements: number }
  | { readonly outcome: 'older_attached'; readonly month: string; readonly older: string }
  | { readonly outcome: 'no_partition'; readonly month: string }

export type DetachCommand = {
  readonly month: string
  readonly minAgeDays: number
  readonly dryRun: boolean
  readonly actor: string
  /** Judged at this instant instead of the database's clock. */
  readonly now?: string
}

/**
 * Detaches a month of the ledger and carries its sums forward, in one statement; see functions/75_ledger_months.sql.
 * @throws PostgresError 55P03 when the ledger is so busy that its lock was not to be had within 2 s: nothing happened.
 */
export async function detachLedgerMonth(sql: Sql, cmd: DetachCommand): Promise<DetachAnswer> {
  const [row] = await sql<{ answer: DetachAnswer }[]>`select ledger_detach_1(${sql.json({ ...cmd })}) as answer`
  if (row === undefined) throw new Error('ledger_detach_1 gave no row')
  return row.answer
}

/** From which instant on the ledger is whole (null while nothing of it was detached), and what its clock says: the database's. */
export async function ledgerClock(sql: Sql): Promise<{ readonly starts: Date | null; readonly now: Date }> {
  const [row] = await sql<{ starts: Date | null; now: Date }[]>`select ledger_starts() as starts, clock_timestamp() as now`
  if (row === undefined) throw new Error('the clock gave no row')
  return row
}
