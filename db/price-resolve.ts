import type { JsonValue, Sql } from './connect.ts'

export type ResolveQuestion = {
  readonly channelId: number
  readonly partnerId: number | null
  readonly quantity: number
  /** ISO text. */
  readonly at: string
  /** By what was known then (ISO text); null: by what is known now. */
  readonly known: string | null
}

/** What a buyer pays for a SKU; amounts are decimal text. Null where there is no price; `held` where a person must decide. */
export type ResolvedRow = {
  readonly sku: string
  readonly amount: string | null
  readonly regular: string | null
  readonly sale: { readonly amount: string; readonly from: string | null; readonly to: string | null } | null
  readonly held: string | null
  /** {regular, sale}: where each comes from, as functions/55_price_resolve.sql tells it; null without a price. */
  readonly why: Readonly<Record<string, JsonValue>> | null
}

/** What a buyer pays for each of these SKUs that are known, in the order in which they are asked. */
export function resolveMany(
  sql: Sql,
  skus: readonly string[],
  { channelId, partnerId, quantity, at, known }: ResolveQuestion,
): Promise<ResolvedRow[]> {
  return sql<ResolvedRow[]>`
    with asked as (
      select v.id, v.sku, a.ord from unnest(${skus as string[]}::text[]) with ordinality a(sku, ord) join variants v on v.sku = a.sku
    )
    select a.sku, trim_scale(p.amount)::text as amount, trim_scale(p.regular)::text as regular, p.held, p.why,
      case when p.sale is not null then jsonb_build_object('amount', trim_scale(p.sale)::text, 'from', price_instant(p.sale_from), 'to', price_instant(p.sale_to)) end as sale
    from asked a left join price_effective_1(${channelId}, (select array_agg(id) from asked), ${partnerId}::bigint, ${quantity}, ${at}::text::timestamptz,
      coalesce(${known}::text::timestamptz, 'infinity')) p on p.variant_id = a.id
    order by a.ord`
}

/** Where prices are resolved: a channel with its currency and tax display, and (where one is named) a partner; null ids for what nobody knows. */
export async function resolvePlace(
  sql: Sql,
  channel: string,
  partner: string | null,
): Promise<{ channelId: number | null; partnerId: number | null; currency: string; taxIncluded: boolean }> {
  const [row] = await sql<{ channelId: number | null; partnerId: number | null; currency: string; taxIncluded: boolean }[]>`
    select c.id as "channelId", r.id as "partnerId", coalesce(c.currency, '') as currency, coalesce(c.tax_mode = 'inclusive', false) as "taxIncluded"
    from (select 1) one left join channels c on c.code = ${channel} left join partners r on r.code = ${partner}::text`
  return row ?? { channelId: null, partnerId: null, currency: '', taxIncluded: false }
}
