import type { Sql } from './connect.ts'

type Row = Readonly<Record<string, unknown>>

/** What must hold of everything that is on its way to us; rules of `check.ts`. */
export const INCOMING_RULES: readonly { readonly rule: string; readonly find: (sql: Sql) => Promise<readonly Row[]> }[] = [
  {
    rule: 'incoming equals what is still to come of deliveries and transfers',
    find: sql => sql`
      select v.sku, p.code as location, coalesce(b.incoming, 0) as incoming, coalesce(x.coming, 0) as coming
      from balances b full join (
        select variant_id, location_id, sum(units) as coming from (
          select l.variant_id, d.location_id, l.ordered - l.received - l.cancelled as units
          from delivery_lines l join deliveries d on d.id = l.delivery_id where l.ordered > l.received + l.cancelled
          union all
          select l.variant_id, t.to_id, l.sent - l.received - l.lost from transfer_lines l join transfers t on t.id = l.transfer_id
          where l.sent > l.received + l.lost) s
        group by 1, 2) x using (variant_id, location_id)
      left join variants v on v.id = variant_id left join locations p on p.id = location_id
      where coalesce(b.incoming, 0) <> coalesce(x.coming, 0)`,
  },
  {
    rule: 'a delivery or transfer is open as long as something of it is to come',
    find: sql => sql`
      select 'delivery' as what, d.reference, d.state, sum(greatest(0, l.ordered - l.received - l.cancelled)) as rest
      from deliveries d join delivery_lines l on l.delivery_id = d.id group by d.id
      having (d.state = 'open') <> (sum(greatest(0, l.ordered - l.received - l.cancelled)) > 0) or (d.state = 'open') <> (d.ended_at is null)
      union all
      select 'transfer', t.reference, t.state, sum(l.asked - l.cancelled - l.received - l.lost)
      from transfers t join transfer_lines l on l.transfer_id = t.id group by t.id
      having t.state <> case when sum(l.sent) = 0 then case when sum(l.asked - l.cancelled) > 0 then 'requested' else 'cancelled' end
        when sum(l.asked - l.cancelled - l.received - l.lost) > 0 then 'sent' else 'received' end`,
  },
  {
    rule: 'the lots that travel add up to the lines of their transfer',
    find: sql => sql`
      select t.reference, v.sku, l.sent, x.sent as lots_sent, l.received + l.lost as ended, x.ended as lots_ended
      from transfer_lines l join transfers t on t.id = l.transfer_id join variants v on v.id = l.variant_id
      cross join lateral (select coalesce(sum(o.sent), 0) as sent, coalesce(sum(o.ended), 0) as ended from transfer_lots o where o.transfer_line_id = l.id) x
      where x.sent > l.sent or x.ended > l.received + l.lost or x.sent - x.ended > l.sent - l.received - l.lost
        or (v.lot_tracked and l.sent > l.received + l.lost and (x.sent <> l.sent or x.ended <> l.received + l.lost))`,
  },
  {
    rule: 'the average cost of a SKU has one history without gaps',
    find: sql => sql`
      select v.sku, c.valid_from, c.valid_to, n.valid_from as next_from from variant_costs c join variants v on v.id = c.variant_id
      left join lateral (select valid_from from variant_costs o where o.variant_id = c.variant_id and o.id > c.id order by o.id limit 1) n on true
      where c.valid_to is distinct from n.valid_from`,
  },
]
