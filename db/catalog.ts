import type { JsonValue, Sql } from './connect.ts'

/** A variant as it is stated; what is absent stays as it is. `gtin` has 14 digits, `gtinGiven` is as it came. */
export type VariantInput = {
  readonly sku: string
  readonly title?: string | undefined
  readonly gtin?: string | null | undefined
  readonly gtinGiven?: string | null | undefined
  readonly options?: Readonly<Record<string, string>> | undefined
  /** Decimal text, with its currency. */
  readonly cost?: string | null | undefined
  readonly costCurrency?: string | null | undefined
  readonly weightGrams?: number | null | undefined
  readonly hazard?: string | null | undefined
  readonly status?: 'active' | 'archived' | undefined
}

export type ProductInput = {
  readonly handle: string
  readonly title?: string | undefined
  readonly vendor?: string | null | undefined
  readonly category?: string | null | undefined
  readonly variants: readonly VariantInput[]
}

export type CatalogAnswer =
  | {
      readonly outcome: 'done'
      readonly version?: number
      readonly created?: number
      readonly changed?: number
      readonly replayed?: true
      /** The transaction that wrote it, for reads that must not be older. */
      readonly token?: string
    }
  | { readonly outcome: 'unknown' | 'exists'; readonly field: string; readonly value: unknown; readonly product?: string }
  | { readonly outcome: 'stale'; readonly version: number }
  | { readonly outcome: 'key_conflict' }

export type CatalogCommand = 'catalog_put_1' | 'product_change_1' | 'variant_change_1' | 'location_put_1'

/**
 * Runs one of the commands of functions/70_catalog.sql. That something exists, found only while writing, comes as an error of the database
 * (all is taken back) and is answered as the outcome that it is.
 */
export async function catalogCommand(sql: Sql, name: CatalogCommand, cmd: JsonValue): Promise<CatalogAnswer> {
  try {
    const [row] = await sql<{ answer: CatalogAnswer; token: string }[]>`
      select ${sql(name)}(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
    if (row === undefined) throw new Error(`${name} gave no row`)
    return row.answer.outcome === 'done' ? { ...row.answer, token: row.token } : row.answer
  } catch (error) {
    const found = refusalOf(error)
    if (found?.message !== 'exists') throw error
    return { outcome: 'exists', ...found.detail } as CatalogAnswer
  }
}

/** What a command raised as its refusal (P0409), or null when the error is another. */
export function refusalOf(error: unknown): { readonly message: string; readonly detail: Readonly<Record<string, unknown>> } | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== 'P0409' || !('detail' in error)) return null
  return { message: error.message, detail: JSON.parse(String(error.detail)) }
}

export type ProductRow = {
  readonly id: number
  readonly handle: string
  readonly title: string
  readonly vendor: string | null
  readonly category: string | null
  readonly version: number
  readonly variants: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const productColumns = (sql: Sql) => sql`
  select p.id, p.handle, p.title, p.vendor, p.category, p.version, (select count(*)::int from variants v where v.product_id = p.id) as variants,
    p.created_at as "createdAt", p.updated_at as "updatedAt"
  from products p`

/** Products in the order of their ids, after the id; `text` is looked for in handle and title. */
export function listProducts(sql: Sql, text: string | null, after: number, limit: number): Promise<ProductRow[]> {
  return sql<ProductRow[]>`${productColumns(sql)}
    where p.id > ${after} and (${text}::text is null or strpos(lower(p.handle || ' ' || p.title), lower(${text})) > 0) order by p.id limit ${limit}`
}

/** The product with this handle. */
export async function readProduct(sql: Sql, handle: string): Promise<ProductRow | null> {
  const [row] = await sql<ProductRow[]>`${productColumns(sql)} where p.handle = ${handle}`
  return row ?? null
}

export type VariantRow = {
  readonly id: number
  readonly sku: string
  readonly product: string
  readonly title: string
  readonly gtin: string | null
  readonly gtinGiven: string | null
  readonly options: Readonly<Record<string, string>>
  readonly cost: string | null
  readonly costCurrency: string | null
  readonly weightGrams: number | null
  /** Its class of dangerous goods; null: none. */
  readonly hazard: string | null
  readonly status: 'active' | 'archived'
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

const variantColumns = (sql: Sql) => sql`
  select v.id, v.sku, p.handle as product, v.title, v.gtin, v.gtin_given as "gtinGiven", v.options, v.cost, v.cost_currency as "costCurrency",
    v.weight_grams as "weightGrams", v.hazard, v.status, v.version, v.created_at as "createdAt", v.updated_at as "updatedAt"
  from variants v join products p on p.id = v.product_id`

export type VariantFilter = {
  readonly product?: string | undefined
  /** 14 digits. */
  readonly gtin?: string | undefined
  readonly status?: string | undefined
  /** Looked for in SKU and title. */
  readonly text?: string | undefined
}

/** Variants in the order of their ids, after the id. */
export function listVariants(sql: Sql, filter: VariantFilter, after: number, limit: number): Promise<VariantRow[]> {
  return sql<VariantRow[]>`${variantColumns(sql)}
    where v.id > ${after} and (${filter.product ?? null}::text is null or p.handle = ${filter.product ?? null})
      and (${filter.gtin ?? null}::text is null or v.gtin = ${filter.gtin ?? null})
      and (${filter.status ?? null}::text is null or v.status = ${filter.status ?? null})
      and (${filter.text ?? null}::text is null or strpos(lower(v.sku || ' ' || v.title), lower(${filter.text ?? null})) > 0)
    order by v.id limit ${limit}`
}

/** The variant with this SKU. */
export async function readVariant(sql: Sql, sku: string): Promise<VariantRow | null> {
  const [row] = await sql<VariantRow[]>`${variantColumns(sql)} where v.sku = ${sku}`
  return row ?? null
}
