import type { Sql } from './connect.ts'

type Row = Readonly<Record<string, unknown>>

/** What must hold of everything that the guard keeps back; rules of `check.ts`. */
export const GUARD_RULES: readonly { readonly rule: string; readonly find: (sql: Sql) => Promise<readonly Row[]> }[] = [
  {
    rule: 'what the guard holds back belongs to an incident, and waits for nothing else',
    find: sql => sql`
      select c.code as channel, l.external_sku, p.field, p.state, p.quarantine_id, p.waiting_since, i.left_at
      from publications p join channels c on c.id = p.channel_id join listings l on l.id = p.listing_id
      left join quarantine_items i on i.quarantine_id = p.quarantine_id and i.listing_id = p.listing_id
      where (p.state = 'quarantined' or p.quarantine_id is not null)
        and (p.state <> 'quarantined' or p.quarantine_id is null or p.quarantined is null or p.waiting_since is not null
          or i.listing_id is null or i.left_at is not null or i.value <> p.quarantined)
      union all
      select c.code, l.external_sku, q.field, null, i.quarantine_id, null, null
      from quarantine_items i join quarantines q on q.id = i.quarantine_id join channels c on c.id = q.channel_id join listings l on l.id = i.listing_id
      where i.left_at is null and not exists (
        select from publications p where p.listing_id = i.listing_id and p.field = q.field and p.quarantine_id = i.quarantine_id)`,
  },
  {
    rule: 'what was approved is let go',
    find: sql => sql`
      select c.code as channel, q.id as incident, q.decision, q.decided_at, count(*) as held
      from quarantines q join channels c on c.id = q.channel_id join publications p on p.quarantine_id = q.id
      where q.decision in ('approved', 'released') and q.decided_at < clock_timestamp() - interval '10 minutes' group by 1, 2, 3, 4`,
  },
  {
    rule: 'no price is intended below its floor, and none that is held goes out',
    find: sql => sql`
      select c.code as channel, l.external_sku, p.intended, p.floor, p.floor_ahead, p.held, p.state, p.waiting_since
      from publications p join channels c on c.id = p.channel_id join listings l on l.id = p.listing_id
      where p.field = 'price' and case when p.held is null then price_below_floor(p.intended, p.floor, p.floor_ahead) else p.waiting_since is not null end`,
  },
]
