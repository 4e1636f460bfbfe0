import type { Sql } from '../../db/connect.ts'

export type ListSketch = {
  readonly code: string
  readonly kind?: 'price' | 'sale'
  readonly currency?: string
  readonly audience?: 'everyone' | 'region' | 'group' | 'channel' | 'tier' | 'partner'
  /** The code of that region, group, channel, tier or partner. */
  readonly of?: string
  readonly priority?: number
  readonly taxIncluded?: boolean
  readonly startsAt?: string | null
  readonly endsAt?: string | null
  readonly entries: readonly EntrySketch[]
}

export type EntrySketch = {
  /** The SKU that it is for; all where it is absent. */
  readonly sku?: string
  readonly rule: 'fixed' | 'percent' | 'amount' | 'margin'
  readonly over?: 'plain' | 'list' | 'cost'
  /** The code of the list that it leans on. */
  readonly base?: string
  readonly value: string
  readonly minQuantity?: number
}

const TABLES = { region: 'regions', group: 'channel_groups', channel: 'channels', tier: 'partner_tiers', partner: 'partners' } as const

/** An approved list with its entries, in the books since now. */
export async function priceList(sql: Sql, list: ListSketch): Promise<void> {
  const { code, kind = 'price', currency = 'EUR', audience = 'everyone', priority = 0, taxIncluded = null } = list
  const whom = audience === 'everyone' ? sql`null::bigint` : sql`(select id from ${sql(TABLES[audience])} where code = ${list.of ?? ''})`
  await sql`
    with l as (insert into price_lists (code) values (${code}) returning id)
    insert into price_list_terms (list_id, title, currency, kind, audience, audience_id, priority, tax_included, starts_at, ends_at, state, actor)
    select l.id, ${`Title of ${code}`}, ${currency}, ${kind}, ${audience}, ${whom}, ${priority}, ${taxIncluded}, ${list.startsAt ?? null}::text::timestamptz,
      ${list.endsAt ?? null}::text::timestamptz, 'approved', 'user:ana' from l`
  for (const { sku = null, rule, over = null, base = null, value, minQuantity = 1 } of list.entries)
    await sql`
      insert into price_entries (list_id, scope, variant_id, min_quantity, rule, over, base_list_id, value, actor, valid_from)
      select l.id, ${sku === null ? 'all' : 'variant'}, v.id, ${minQuantity}, ${rule}, ${over}, b.id, ${value}::text::numeric, 'user:ana', clock_timestamp()
      from price_lists l left join variants v on v.sku = ${sku} left join price_lists b on b.code = ${base} where l.code = ${code}`
}
