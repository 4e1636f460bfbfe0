import type { ShownSteps } from '../src/domain/pricing/history.ts'
import type { Sql } from './connect.ts'

/** A listing and the prices that its platform took or was seen to show while it was the variant's, in their order; twice where it became so again. */
export type ListingShown = ShownSteps & {
  readonly channel: string
  readonly currency: string
  readonly listing: number
  readonly externalId: string
  readonly externalSku: string
}

type Raw = Omit<ListingShown, 'steps' | 'until'> & {
  readonly until: string | null
  readonly steps: readonly {
    readonly at: string
    readonly isConfirmed: boolean
    readonly regular: string
    readonly sale: { readonly amount: string; readonly from: string | null; readonly to: string | null } | null
  }[]
}

/** What the listings of a variant showed up to an instant (ISO text; null: now), in one channel or (null) all. Listings that showed nothing are left out. */
export async function pricesShown(sql: Sql, variantId: number, channel: string | null, known: string | null): Promise<ListingShown[]> {
  const bound = sql`coalesce(${known}::text::timestamptz, 'infinity')`
  const rows = await sql<Raw[]>`
    select c.code as channel, c.currency, l.id as listing, l.external_id as "externalId", l.external_sku as "externalSku",
      case when x.valid_to < 'infinity' then price_instant(x.valid_to) end as until,
      jsonb_agg(jsonb_build_object('at', price_instant(h.at), 'isConfirmed', h.event <> 'accepted', 'regular', h.value->>'regular', 'sale', case
        when jsonb_typeof(h.value->'sale') = 'object' then jsonb_build_object('amount', h.value->'sale'->>'amount', 'from', h.value->'sale'->'from', 'to', h.value->'sale'->'to') end)
        order by h.id) as steps
    from (
      select m.listing_id, m.valid_from, coalesce(m.valid_to, 'infinity') as valid_to from mappings m where m.variant_id = ${variantId}
      union all
      select n.id, '-infinity', 'infinity' from listings n where n.variant_id = ${variantId} and not exists (select from mappings m where m.listing_id = n.id)
    ) x join listings l on l.id = x.listing_id join channels c on c.id = l.channel_id
    join publication_history h on h.listing_id = l.id and h.field = 'price' and h.event in ('accepted', 'applied', 'read') and h.at >= x.valid_from and h.at < x.valid_to
      and h.at <= ${bound} and h.value->>'currency' = c.currency
    where ${channel}::text is null or c.code = ${channel}
    group by c.id, l.id, x.valid_from, x.valid_to order by c.code, l.id, x.valid_from`
  const date = (at: string | null): Date | null => (at === null ? null : new Date(at))
  return rows.map(row => ({
    ...row,
    until: date(row.until),
    steps: row.steps.map(step => ({
      ...step,
      at: new Date(step.at),
      sale: step.sale && { amount: step.sale.amount, from: date(step.sale.from), to: date(step.sale.to) },
    })),
  }))
}
