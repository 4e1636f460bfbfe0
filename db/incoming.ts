import type { Sql } from './connect.ts'

export type IncomingRow = {
  readonly kind: 'delivery' | 'transfer'
  readonly id: number
  readonly reference: string
  readonly sku: string
  readonly location: string
  readonly units: number
  /** Null: nobody said when. */
  readonly expectedAt: Date | null
  readonly late: boolean
}

/** What is still to come, from suppliers and on the way between locations: the soonest first. Sums to the bucket `incoming` of each balance. */
export function listIncoming(
  sql: Sql,
  filter: { readonly sku?: string | undefined; readonly location?: string | undefined },
  now: Date,
  limit: number,
): Promise<IncomingRow[]> {
  return sql<IncomingRow[]>`
    select x.kind, x.id, x.reference, v.sku, p.code as location, x.units, x.expected_at as "expectedAt", coalesce(x.expected_at < ${now}, false) as late
    from (
      select 'delivery' as kind, d.id, d.reference, l.variant_id, d.location_id, l.ordered - l.received - l.cancelled as units, d.expected_at
      from delivery_lines l join deliveries d on d.id = l.delivery_id where l.ordered > l.received + l.cancelled
      union all
      select 'transfer', t.id, t.reference, l.variant_id, t.to_id, l.sent - l.received - l.lost, t.expected_at
      from transfer_lines l join transfers t on t.id = l.transfer_id where l.sent > l.received + l.lost) x
    join variants v on v.id = x.variant_id join locations p on p.id = x.location_id
    where (${filter.sku ?? null}::text is null or v.sku = ${filter.sku ?? null}) and (${filter.location ?? null}::text is null or p.code = ${filter.location ?? null})
    order by x.expected_at nulls last, x.kind, x.id, v.sku limit ${limit}`
}

export type CauseRow = {
  readonly id: number
  readonly sku: string
  readonly location: string
  readonly kind: string
  readonly onHand: number
  readonly unavailable: number
  readonly incoming: number
  readonly lot: string | null
  readonly reasonCode: string | null
  readonly actor: string
  readonly occurredAt: Date
}

/** What happened under a delivery, a transfer or a count: its movements, the oldest first. Promises that followed are left out. */
export function movementsOfCause(sql: Sql, kind: 'delivery' | 'transfer' | 'count', id: number, limit: number): Promise<CauseRow[]> {
  return sql<CauseRow[]>`
    select m.id, v.sku, p.code as location, m.kind, m.on_hand as "onHand", m.unavailable, m.incoming, o.code as lot, m.reason_code as "reasonCode", m.actor,
      m.occurred_at as "occurredAt"
    from movements m join variants v on v.id = m.variant_id join locations p on p.id = m.location_id left join lots o on o.id = m.lot_id
    where m.cause_kind = ${kind} and m.cause_id = ${id} and (m.on_hand <> 0 or m.unavailable <> 0 or m.incoming <> 0) order by m.id limit ${limit}`
}
