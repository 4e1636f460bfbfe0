import type { Scope } from '../src/domain/pricing/facts.ts'
import type { JsonValue, Sql } from './connect.ts'

/** Who did what to a price list, when, from what, to what, and why. */
export type PriceListEvent = {
  /** Its place, with `at` and `source`: see `before` of `priceListHistory`. */
  readonly id: number
  readonly source: 'act' | 'entry'
  /** As text with microseconds. */
  readonly at: string
  readonly actor: string
  /** set, approve, reject, end: of the list; entry: of one of its entries. */
  readonly act: 'set' | 'approve' | 'reject' | 'end' | 'entry'
  /** Of an entry: the goods, from which quantity on. */
  readonly entry: { readonly scope: Scope; readonly of: string | null; readonly minQuantity: number } | null
  /** What stood before; null: nothing. Terms, or an entry's {rule, over, baseList, value}. */
  readonly from: Readonly<Record<string, JsonValue>> | null
  /** Null: it was taken away, or nothing was said of the terms. */
  readonly to: Readonly<Record<string, JsonValue>> | null
  /** Waited for approval when it was written. */
  readonly waiting: boolean
  /** Of an entry: who approved it, when it came into force and when it ended; null: not yet, or never. */
  readonly approvedBy: string | null
  readonly inForceFrom: Date | null
  readonly inForceTo: Date | null
  readonly why: string | null
}

export type HistoryPlace = { readonly at: string; readonly source: 'act' | 'entry'; readonly id: number }

/** What happened to a list, the newest first, before the place; `sku` not null: only of entries that name this SKU. */
export function priceListHistory(
  sql: Sql,
  code: string,
  sku: string | null,
  before: HistoryPlace | null,
  limit: number,
): Promise<PriceListEvent[]> {
  const told = (alias: string) => sql`
    case when ${sql(alias)}.id is not null then jsonb_build_object('rule', ${sql(alias)}.rule, 'over', ${sql(alias)}.over,
      'baseList', (select code from price_lists where id = ${sql(alias)}.base_list_id), 'value', trim_scale(${sql(alias)}.value)::text) end`
  const [at, source, id] = [before?.at ?? null, before?.source ?? 'act', before?.id ?? 0]
  return sql<PriceListEvent[]>`
    with list as (select id, code from price_lists where code = ${code}), acts as (
      select a.id, 'act' as source, a.at, a.actor, replace(a.act, 'price_list.', '') as act, null::jsonb as entry, a.detail->'from' as "from", a.detail->'to' as "to",
        coalesce((a.detail->>'waiting')::boolean, false) as waiting, null::text as "approvedBy", null::timestamptz as "inForceFrom", null::timestamptz as "inForceTo", a.detail->>'why' as why
      from list join audit a on a.subject = 'price-list:' || list.code
      where ${sku}::text is null and a.act like 'price\\_list.%' and a.act <> 'price_list.entries'
        and (${at}::text::timestamptz is null or (a.at, 'act', a.id) < (${at}::text::timestamptz, ${source}::text, ${id}::bigint))
      order by a.at desc, a.id desc limit ${limit}
    ), said as (
      select e.* from list join price_entries e on e.list_id = list.id
      where (${sku}::text is null or e.variant_id = (select id from variants where sku = ${sku}))
        and (${at}::text::timestamptz is null or (e.created_at, 'entry', e.id) < (${at}::text::timestamptz, ${source}::text, ${id}::bigint))
      order by e.created_at desc, e.id desc limit ${limit}
    ), entries as (
      select e.id, 'entry' as source, e.created_at as at, e.actor, 'entry' as act,
        jsonb_build_object('scope', e.scope, 'of', coalesce(v.sku, p.handle, e.category), 'minQuantity', e.min_quantity) as entry,
        ${told('b')} as "from", case when e.valid_to = coalesce(e.valid_from, 'infinity') then null else ${told('e')} end as "to",
        e.valid_from is null or e.valid_from > e.created_at as waiting, e.approved_by as "approvedBy", e.valid_from as "inForceFrom",
        case when e.valid_from is not null and e.valid_to > e.valid_from then e.valid_to end as "inForceTo", e.why
      from said e left join variants v on v.id = e.variant_id left join products p on p.id = e.product_id
      left join lateral (
        -- Stood until this one took its place, or stands while this one waits.
        select o.* from (
          select * from price_entries s where e.scope = 'variant' and s.scope = 'variant' and s.variant_id = e.variant_id and s.list_id = e.list_id
          union all
          select * from price_entries w where e.scope <> 'variant' and w.scope = e.scope and w.list_id = e.list_id and w.product_id is not distinct from e.product_id
            and w.category is not distinct from e.category
        ) o
        where o.min_quantity = e.min_quantity and o.id <> e.id and o.valid_from <= e.created_at
          and (o.valid_to is null or o.valid_to >= coalesce(e.valid_from, e.created_at) and o.valid_to > o.valid_from)
        order by o.id desc limit 1) b on true
    )
    select id, source, at::text as at, actor, act, entry, "from", "to", waiting, "approvedBy", "inForceFrom", "inForceTo", why
    from (select * from acts union all select * from entries) x order by x.at desc, source desc, id desc limit ${limit}`
}
