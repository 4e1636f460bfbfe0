import type { Sql } from '../../db/connect.ts'

/** Brings the database back to nothing, with the same SKUs, locations and channels. */
export async function emptyBooks(sql: Sql): Promise<void> {
  await sql`
    truncate order_events, order_holds, returns, return_lines, fulfilment_groups, fulfilment_lines, movements, reservations, lots, balances, bundle_parts, bundle_flat, order_line_parts, order_lines, orders, acts, order_people, transfers, deliveries,
      transfer_lines, transfer_lots, delivery_lines, commands, due, change, safety_stocks, audit cascade`
  await sql`update variants set family = null where family is not null`
}
