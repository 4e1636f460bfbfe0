import type { Sql } from './connect.ts'
import type { ExportLine } from './exports.ts'

/** Which movements: recorded from `from` on and before `to` (ISO text); null means all. */
export type LedgerFilter = {
  readonly from: string | null
  readonly to: string | null
  readonly sku: string | null
  readonly location: string | null
  readonly kind: string | null
}

/** The columns of a line of the ledger, in their order. */
export const LEDGER_COLUMNS = [
  ...['id', 'recorded_at', 'occurred_at', 'sku', 'location', 'kind', 'on_hand', 'reserved', 'unavailable', 'incoming', 'lot'],
  ...['order', 'reservation', 'cause', 'reason_code', 'reason', 'unit_cost', 'cost_currency', 'actor'],
] as const

const BATCH = 1_000

/** Streams the ledger in the order in which it was recorded: one statement, and so one snapshot, a thousand lines in memory at a time. */
export async function* ledgerLines(sql: Sql, filter: LedgerFilter): AsyncGenerator<ExportLine> {
  const { from, to, sku, location, kind } = filter
  const rows = sql<ExportLine[]>`
    select m.id, ${iso(sql, 'm.recorded_at')} as recorded_at, ${iso(sql, 'm.occurred_at')} as occurred_at, v.sku, l.code as location, m.kind,
      m.on_hand, m.reserved, m.unavailable, m.incoming, t.code as lot, o.number as "order", m.reservation_id as reservation,
      m.cause_kind || ' ' || m.cause_id as cause, m.reason_code, m.reason, trim_scale(m.unit_cost)::text as unit_cost, m.cost_currency, m.actor
    from movements m join variants v on v.id = m.variant_id join locations l on l.id = m.location_id
    left join lots t on t.id = m.lot_id left join order_lines x on x.id = m.order_line_id left join orders o on o.id = x.order_id
    where true ${from === null ? sql`` : sql`and m.recorded_at >= ${from}::text::timestamptz`} ${to === null ? sql`` : sql`and m.recorded_at < ${to}::text::timestamptz`}
      ${sku === null ? sql`` : sql`and m.variant_id = (select id from variants where sku = ${sku})`}
      ${location === null ? sql`` : sql`and m.location_id = (select id from locations where code = ${location})`}
      ${kind === null ? sql`` : sql`and m.kind = ${kind}`}
    order by m.recorded_at, m.id`
  for await (const some of rows.cursor(BATCH)) yield* some
}

function iso(sql: Sql, column: string) {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`
}
