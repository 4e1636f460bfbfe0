import type { Sql } from './connect.ts'

export type ExportKind = 'catalog' | 'stock' | 'prices' | 'list-prices' | 'orders' | 'movements'

/** One line of an export: our column names in their order. Prices and costs have the digits of their currency at least, instants as ISO text. */
export type ExportLine = Readonly<Record<string, string | number | null>>

export type ExportChoices = {
  /** Catalog: the currency of the price column. */
  readonly currency: string
  /** Orders and movements: from this instant on (ISO text), or all. */
  readonly since: string | null
  /** Prices of a list: its code. */
  readonly list?: string | null
  /** Prices: also those whose time is over, and those of a list that was ended. */
  readonly past?: boolean
}

const BATCH = 1_000

/** Streams an export from one statement, and so from one snapshot, a thousand lines at a time. */
export async function* exportLines(sql: Sql, kind: ExportKind, choices: ExportChoices): AsyncGenerator<ExportLine> {
  for await (const lines of queries[kind](sql, choices).cursor(BATCH)) yield* lines
}

/** Whether there is a price list of this code. */
export async function isPriceList(sql: Sql, code: string): Promise<boolean> {
  return (await sql`select from price_lists where code = ${code}`).length > 0
}

const queries = {
  catalog: (sql: Sql, { currency }: ExportChoices) => sql<ExportLine[]>`
    select v.sku, p.handle, p.title, v.title as variant_title, p.vendor, p.category, v.gtin_given as gtin,
      case when v.options <> '{}' then v.options::text end as options, price_text(r.amount, r.currency) as price, case when r.id is not null then ${currency}::text end as currency,
      price_text(v.cost, v.cost_currency) as cost, v.cost_currency, v.weight_grams, v.status, v.hazard
    from variants v join products p on p.id = v.product_id
    left join prices r on r.variant_id = v.id and r.currency = ${currency} and r.channel_id is null and r.starts_at is null and r.superseded_at is null
    order by v.id`,
  stock: (sql: Sql) => sql<ExportLine[]>`
    select v.sku, l.code as location, b.on_hand as quantity, b.reserved, b.unavailable, b.safety_stock,
      greatest(0, b.on_hand - b.reserved - b.unavailable - b.safety_stock) as available, b.incoming
    from balances b join variants v on v.id = b.variant_id join locations l on l.id = b.location_id order by b.variant_id, b.location_id`,
  prices: (sql: Sql, { past = false }: ExportChoices) => sql<ExportLine[]>`
    select v.sku, c.code as channel, p.currency, price_text(p.amount, p.currency) as amount, ${iso(sql, 'p.starts_at')} as "from", ${iso(sql, 'p.ends_at')} as "to"
    from prices p join variants v on v.id = p.variant_id left join channels c on c.id = p.channel_id
    where p.superseded_at is null and (${past} or p.ends_at is null or p.ends_at > clock_timestamp()) order by p.variant_id, p.id`,
  'list-prices': (sql: Sql, { list = null, past = false }: ExportChoices) => sql<ExportLine[]>`
    select v.sku, b.code as list, e.min_quantity, t.currency, price_text(e.value, t.currency) as amount
    from price_lists b join price_list_terms t on t.list_id = b.id and t.valid_to is null
    join price_entries e on e.list_id = b.id and e.scope = 'variant' and e.rule = 'fixed' and e.valid_from is not null and e.valid_to is null
    join variants v on v.id = e.variant_id
    where b.code = ${list} and (${past} or t.state <> 'ended') order by e.variant_id, e.min_quantity`,
  orders: (sql: Sql, { since }: ExportChoices) => sql<ExportLine[]>`
    select c.code as channel, o.number, o.external_id, o.state, o.platform_state, ${iso(sql, 'o.placed_at')} as placed_at, ${iso(sql, 'o.booked_at')} as booked_at,
      o.currency, coalesce(l.external_line_id, (select s.external_line_id from order_lines s where s.id = l.instead_of)) as line, v.sku, l.sku as channel_sku, l.title, price_text(l.unit_price, o.currency) as unit_price,
      l.ordered, l.reserved, l.short, l.shipped, l.cancelled, l.returned, l.short_cause,
      (select s.sku from order_lines s where s.id = l.instead_of) as instead_of
    from orders o join channels c on c.id = o.channel_id join order_lines l on l.order_id = o.id left join variants v on v.id = l.variant_id
    where ${since}::text is null or o.booked_at >= ${since}::text::timestamptz order by o.id, l.id`,
  movements: (sql: Sql, { since }: ExportChoices) => sql<ExportLine[]>`
    select m.id, ${iso(sql, 'm.recorded_at')} as recorded_at, ${iso(sql, 'm.occurred_at')} as occurred_at, v.sku, l.code as location, m.kind,
      m.on_hand, m.reserved, m.unavailable, m.incoming, o.number as "order", m.reason, m.actor
    from movements m join variants v on v.id = m.variant_id join locations l on l.id = m.location_id
    left join order_lines x on x.id = m.order_line_id left join orders o on o.id = x.order_id
    where ${since}::text is null or m.recorded_at >= ${since}::text::timestamptz order by m.recorded_at, m.id`,
}

function iso(sql: Sql, column: string) {
  return sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
