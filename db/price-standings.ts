import type { PublicationFacts, StatedPrice } from '../src/domain/pricing/standing.ts'
import type { Sql } from './connect.ts'

export type PricePublication = PublicationFacts & {
  readonly sku: string
  readonly externalId: string
  readonly externalSku: string
  readonly wanted: StatedPrice | null
  readonly shows: StatedPrice | null
  readonly readAt: string | null
  readonly sent: StatedPrice | null
  readonly sentAt: string | null
}

/** How the prices of these SKUs stand at the platforms, in one channel or (null) all: one row for each listing that is published or could be, by channel. */
export function pricePublications(sql: Sql, skus: readonly string[], channel: string | null): Promise<PricePublication[]> {
  return sql<PricePublication[]>`
    select c.code as channel, v.sku, l.external_id as "externalId", l.external_sku as "externalSku", c.publish_prices as "isPublished",
      c.paused or a.state = 'paused' as "isPaused", p.state, p.accepted is distinct from p.intended as differs, p.held is not null as "isLimited", p.reason,
      price_instant(p.waiting_since) as since, p.intended as wanted, coalesce(p.applied, l.shown_price) as shows,
      price_instant(coalesce(greatest(p.read_at, p.applied_at), l.observed_at)) as "readAt", p.sent, price_instant(p.sent_at) as "sentAt",
      case when q.id is not null then jsonb_build_object('id', q.id, 'since', price_instant(i.at), 'limit', i.limit_name, 'decision', q.decision, 'decidedBy', q.decided_by,
        'decidedAt', price_instant(q.decided_at)) end as incident
    from publications p join listings l on l.id = p.listing_id and l.state <> 'gone' join variants v on v.id = p.variant_id
    join channels c on c.id = p.channel_id join accounts a on a.id = c.account_id
    left join quarantines q on q.id = p.quarantine_id left join quarantine_items i on i.quarantine_id = q.id and i.listing_id = p.listing_id
    where p.field = 'price' and v.sku = any(${skus as string[]}::text[]) and (${channel}::text is null or c.code = ${channel})
    order by c.id, l.id`
}
