import type { Sql } from './connect.ts'

export type Gauges = {
  readonly publications: readonly { readonly channel: string; readonly field: string; readonly state: string; readonly count: number }[]
  /** Age in seconds of the oldest value that waits to be sent. */
  readonly waiting: readonly { readonly channel: string; readonly seconds: number }[]
  readonly inbox: { readonly new: number; readonly refused: number }
  readonly alerts: readonly { readonly kind: string; readonly count: number }[]
  /** Deliveries of alerts that are still to be made. */
  readonly toTell: number
  readonly feed: readonly { readonly consumer: string; readonly seconds: number }[]
}

/** What monitoring wants to know of the database, in one statement. The counts of `publications` read that whole table once. */
export async function readGauges(sql: Sql): Promise<Gauges> {
  const [row] = await sql<[Gauges]>`
    select
      (select coalesce(jsonb_agg(jsonb_build_object('channel', c.code, 'field', p.field, 'state', p.state, 'count', p.n)), '[]')
        from (select channel_id, field, state, count(*) as n from publications group by 1, 2, 3) p join channels c on c.id = p.channel_id) as publications,
      (select coalesce(jsonb_agg(jsonb_build_object('channel', c.code,
          'seconds', coalesce(extract(epoch from clock_timestamp() - w.oldest), 0))), '[]')
        from channels c left join (select channel_id, min(waiting_since) as oldest from publications p where waiting_since is not null
            -- What waits for a decision on a difference is not late.
            and not exists (select from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null and d.lets_go < p.urgency) group by 1) w
          on w.channel_id = c.id) as waiting,
      jsonb_build_object('new', (select count(*) from inbox where state = 'new'), 'refused', (select count(*) from inbox where state = 'refused')) as inbox,
      (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'count', n)), '[]') from (select kind, count(*) as n from alerts where ended_at is null group by kind) x) as alerts,
      (select count(*)::int from alert_deliveries where state = 'waiting') as "toTell",
      (select coalesce(jsonb_agg(jsonb_build_object('consumer', f.consumer, 'seconds', coalesce(extract(epoch from clock_timestamp() - (
          select min(n.at) from (select at from change where (change.tx, change.seq) > (f.tx, f.seq) order by change.tx, change.seq limit 1) n)), 0))), '[]')
        from feed_cursors f) as feed`
  if (row === undefined) throw new Error('the gauges gave no row')
  return row
}
