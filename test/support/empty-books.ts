import type { Sql } from '../../db/connect.ts'

const HELD = [
  ...[
    'order_events',
    'order_holds',
    'returns',
    'return_lines',
    'fulfilment_groups',
    'fulfilment_lines',
    'movements',
    'reservations',
    'lots',
    'balances',
  ],
  ...[
    'bundle_parts',
    'bundle_flat',
    'order_line_parts',
    'order_lines',
    'orders',
    'acts',
    'order_people',
    'transfers',
    'deliveries',
    'transfer_lines',
  ],
  ...['transfer_lots', 'delivery_lines', 'commands', 'due', 'change', 'safety_stocks', 'audit'],
]
/** What was deleted is cleared away as often. */
const TRUNCATED_EVERY = 50

const emptiers = new WeakMap<Sql, { readonly statement: string; times: number }>()

/**
 * Brings the database back to nothing, with the same SKUs, locations and channels. By deleting: of few rows that takes a tenth of the time of truncating, and the server keeps its
 * plans.
 */
export async function emptyBooks(sql: Sql): Promise<void> {
  const emptier = emptiers.get(sql) ?? { statement: await deleting(sql), times: 0 }
  emptiers.set(sql, emptier)
  emptier.times += 1
  if (emptier.times % TRUNCATED_EVERY === 0) await sql`truncate ${sql(HELD)} cascade`
  else await sql.unsafe(emptier.statement)
  await sql`update variants set family = null where family is not null`
}

/** Deletes all rows of those tables and of whatever refers to them, as one statement. */
async function deleting(sql: Sql): Promise<string> {
  const rows = await sql<{ name: string }[]>`
    with recursive reached as (
      select c.oid from pg_class c where c.relname = any(${HELD}::text[]) and c.relnamespace = 'public'::regnamespace
      union
      select k.conrelid from reached r join pg_constraint k on k.contype = 'f' and k.confrelid = r.oid
    ) select c.relname as name from reached r join pg_class c using (oid) where not c.relispartition`
  // Neither references nor triggers are looked after: all of it goes.
  return `do $$ begin set local session_replication_role = replica; ${rows.map(({ name }) => `delete from ${name};`).join(' ')} end $$`
}
