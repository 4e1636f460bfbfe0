import type { Sql } from './connect.ts'
import type { AudienceNamed } from './price-lists.ts'

/** Something that begins or ends: an approved list, or a price that was typed with a period. */
export type PriceTurn = {
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly edge: 'begins' | 'ends'
  /** The list's code; null: a typed price of `sku`. */
  readonly list: string | null
  readonly title: string | null
  readonly kind: 'price' | 'sale' | null
  readonly audience: AudienceNamed | null
  /** Entries of a list that stand. */
  readonly entries: number
  readonly sku: string | null
  /** Of a typed price: the one channel that it is for; null: everyone. */
  readonly channel: string | null
  readonly currency: string
  readonly amount: string | null
}

/** What begins and ends after an instant and before another, in the order of time; at most so many. */
export function priceTurns(sql: Sql, from: Date, to: Date, limit: number): Promise<PriceTurn[]> {
  return sql<PriceTurn[]>`
    select price_instant(x.at) as at, x.edge, x.list, x.title, x.kind, x.audience, x.entries, x.sku, x.channel, x.currency, x.amount from (
      select e.at, e.edge, l.code as list, t.title, t.kind, price_terms_told(t)->'audience' as audience,
        (select count(*)::int from price_entries n where n.list_id = l.id and n.valid_from is not null and n.valid_to is null) as entries,
        null::text as sku, null::text as channel, t.currency, null::text as amount
      from price_lists l join price_list_terms t on t.list_id = l.id and t.valid_to is null and t.state = 'approved'
      cross join lateral (values (t.starts_at, 'begins'), (t.ends_at, 'ends')) e(at, edge) where e.at > ${from} and e.at < ${to}
      union all
      select e.at, e.edge, null, null, null, null, 0, v.sku, c.code, p.currency, trim_scale(p.amount)::text
      from prices p join variants v on v.id = p.variant_id left join channels c on c.id = p.channel_id
      cross join lateral (values (p.starts_at, 'begins'), (p.ends_at, 'ends')) e(at, edge)
      where p.superseded_at is null and e.at > ${from} and e.at < ${to}
    ) x order by x.at, x.edge desc, x.list nulls last, x.sku limit ${limit}`
}
