import type { JsonValue, Sql } from './connect.ts'

/** What the commands on policies, rates and limits of prices answer. */
export type PriceCommandAnswer =
  | { readonly outcome: 'done'; readonly changed: number | boolean; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly line?: number; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'key_conflict' }

/** Calls one of the commands of functions/63_price_policies.sql and 63_price_limits.sql, which tell what `cmd` holds. */
export async function pricePolicyCommand(
  sql: Sql,
  name: 'price_policy_set_1' | 'tax_rates_set_1' | 'exchange_rates_set_1' | 'tax_categories_set_1' | 'price_limits_set_1',
  cmd: JsonValue,
): Promise<PriceCommandAnswer> {
  const [row] = await sql<{ answer: PriceCommandAnswer }[]>`select ${sql(name)}(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error(`${name} gave no row`)
  return row.answer
}

export type RoundingKept = {
  readonly kind: 'none' | 'digits' | 'ending'
  readonly step: string | null
  readonly ending: string | null
  readonly direction: 'nearest' | 'up' | 'down' | null
}

/** How a channel states prices, since when, and who said so. */
export type PricePolicyRow = {
  readonly channel: string
  readonly currency: string
  readonly taxIncluded: boolean
  readonly region: string | null
  readonly rounding: RoundingKept
  /** Percent added to each converted price, decimal text. */
  readonly exchangeMargin: string
  /** Null: nobody has set one; these are the defaults. */
  readonly since: Date | null
  readonly actor: string | null
}

/** The policies in force, of one channel or (null) all, by the channel's code. */
export function readPricePolicies(sql: Sql, channel: string | null): Promise<PricePolicyRow[]> {
  return sql<PricePolicyRow[]>`
    select c.code as channel, c.currency, c.tax_mode = 'inclusive' as "taxIncluded", r.code as region,
      jsonb_build_object('kind', coalesce(y.rounding, 'digits'), 'step', trim_scale(y.rounding_step)::text, 'ending', trim_scale(y.rounding_ending)::text,
        'direction', case when y.rounding = 'ending' then y.rounding_direction end) as rounding,
      coalesce(trim_scale(y.exchange_margin_percent)::text, '0') as "exchangeMargin", y.valid_from as since, y.actor
    from channels c left join channel_price_policies y on y.channel_id = c.id and y.valid_to is null left join regions r on r.id = y.region_id
    where ${channel}::text is null or c.code = ${channel} order by c.code`
}

export type TaxRateRow = {
  readonly id: number
  readonly region: string
  readonly category: string
  /** Percent on the net price, decimal text. */
  readonly percent: string
  readonly startsAt: Date
  readonly actor: string
  readonly createdAt: Date
}

export type TaxRateFilter = { readonly region?: string | undefined; readonly category?: string | undefined }

/** Tax rates that stand, also those to come, in the order of their ids, after the id. */
export function listTaxRates(sql: Sql, { region, category }: TaxRateFilter, after: number, limit: number): Promise<TaxRateRow[]> {
  return sql<TaxRateRow[]>`
    select t.id, r.code as region, t.category, trim_scale(t.percent)::text as percent, t.starts_at as "startsAt", t.actor, t.created_at as "createdAt"
    from tax_rates t join regions r on r.id = t.region_id where t.id > ${after} and t.superseded_at is null
      and (${region ?? null}::text is null or r.code = ${region ?? null}) and (${category ?? null}::text is null or t.category = ${category ?? null})
    order by t.id limit ${limit}`
}

export type ExchangeRateRow = {
  readonly id: number
  readonly from: string
  readonly to: string
  /** How many units of `to` one unit of `from` is, decimal text. */
  readonly rate: string
  readonly startsAt: Date
  readonly actor: string
  readonly createdAt: Date
}

export type ExchangeRateFilter = { readonly from?: string | undefined; readonly to?: string | undefined }

/** Exchange rates that stand, also those to come, in the order of their ids, after the id. */
export function listExchangeRates(sql: Sql, { from, to }: ExchangeRateFilter, after: number, limit: number): Promise<ExchangeRateRow[]> {
  return sql<ExchangeRateRow[]>`
    select id, from_currency as "from", to_currency as "to", trim_scale(rate)::text as rate, starts_at as "startsAt", actor, created_at as "createdAt"
    from exchange_rates where id > ${after} and superseded_at is null and (${from ?? null}::text is null or from_currency = ${from ?? null})
      and (${to ?? null}::text is null or to_currency = ${to ?? null})
    order by id limit ${limit}`
}

/** How goods are taxed, SKU by SKU, for SKUs that are known. */
export function readTaxCategories(sql: Sql, skus: readonly string[]): Promise<{ readonly sku: string; readonly category: string }[]> {
  return sql`select sku, tax_category as category from variants where sku = any(${skus as string[]}::text[]) order by sku`
}
