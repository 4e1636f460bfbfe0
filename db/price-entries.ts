import type { PriceEntry, Scope } from '../src/domain/pricing/facts.ts'
import type { Sql } from './connect.ts'

/** What a list asks, for a SKU, a product (its handle), a category or all, from a quantity on. */
export type PriceEntryRow = {
  readonly id: number
  readonly scope: Scope
  /** The SKU, the product's handle or the category; null for all. */
  readonly of: string | null
  readonly minQuantity: number
  /** `remove`: waits to be taken away. */
  readonly rule: PriceEntry['rule'] | 'remove'
  readonly over: PriceEntry['over']
  /** The list that it leans on. */
  readonly baseList: string | null
  /** Decimal text: an amount, or percent. */
  readonly value: string | null
  readonly why: string | null
  readonly actor: string
  readonly createdAt: Date
  readonly approvedBy: string | null
  /** In force since; null: waits for approval. */
  readonly since: Date | null
}

export type PriceEntryFilter = {
  readonly scope?: Scope | undefined
  /** A SKU, a product's handle or a category: entries of just this. */
  readonly of?: string | undefined
  /** True: only what waits for approval; false: only what stands. */
  readonly waiting?: boolean | undefined
}

/** Entries of a list that stand or wait, by their ids, after the id. */
export function listPriceEntries(sql: Sql, code: string, filter: PriceEntryFilter, after: number, limit: number): Promise<PriceEntryRow[]> {
  const [scope, of, waiting] = [filter.scope ?? null, filter.of ?? null, filter.waiting ?? null]
  return sql<PriceEntryRow[]>`
    select e.id, e.scope, coalesce(v.sku, p.handle, e.category) as of, e.min_quantity as "minQuantity",
      case when e.valid_from is null and e.valid_to = 'infinity' then 'remove' else e.rule end as rule, e.over, b.code as "baseList", trim_scale(e.value)::text as value,
      e.why, e.actor, e.created_at as "createdAt", e.approved_by as "approvedBy", e.valid_from as since
    from price_lists l join price_entries e on e.list_id = l.id
    left join variants v on v.id = e.variant_id left join products p on p.id = e.product_id left join price_lists b on b.id = e.base_list_id
    where l.code = ${code} and e.id > ${after} and (e.valid_to is null or e.valid_from is null and e.valid_to = 'infinity')
      and (${waiting}::boolean is null or (e.valid_from is null) = ${waiting}) and (${scope}::text is null or e.scope = ${scope})
      and (${of}::text is null or e.variant_id = (select id from variants where sku = ${of}) or e.product_id = (select id from products where handle = ${of})
        or e.category = ${of})
    order by e.id limit ${limit}`
}
