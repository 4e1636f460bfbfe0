import type { JsonValue, Sql } from './connect.ts'

/** One part of a bundle: a SKU, and how many units of it make one bundle. */
export type BundlePart = { readonly sku: string; readonly quantity: number }

export type BundleAnswer =
  | { readonly outcome: 'done' | 'unchanged'; readonly parts: readonly BundlePart[]; readonly replayed?: true; readonly token: string }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown; readonly line?: number }
  | { readonly outcome: 'cycle'; readonly path: readonly string[] }
  | { readonly outcome: 'key_conflict' }

/** Says what a bundle consists of, no parts: that it is none any more; see functions/35_bundles.sql for `cmd`. */
export async function setBundleRow(sql: Sql, cmd: JsonValue): Promise<BundleAnswer> {
  const [row] = await sql<{ answer: BundleAnswer; token: string }[]>`
    select bundle_set_1(${sql.json(cmd)}) as answer, pg_current_xact_id()::text as token`
  if (row === undefined) throw new Error('bundle_set_1 gave no row')
  const { answer, token } = row
  return answer.outcome === 'done' || answer.outcome === 'unchanged' ? { ...answer, token } : answer
}

export type BundleRow = {
  readonly id: number
  readonly sku: string
  readonly title: string
  /** Empty: it is no bundle now. A part may be a bundle itself. */
  readonly parts: readonly (BundlePart & { readonly bundle: boolean })[]
  /** What it takes off the shelves, all bundles among its parts resolved. */
  readonly flat: readonly BundlePart[]
  readonly since: Date | null
}

const columns = (sql: Sql) => sql`
  select v.id, v.sku, case when starts_with(v.title, p.title) then v.title else concat_ws(' ', p.title, nullif(v.title, '')) end as title,
    coalesce((select json_agg(json_build_object('sku', x.sku, 'quantity', b.quantity, 'bundle',
        exists (select from bundle_parts n where n.bundle_id = b.part_id and n.valid_to is null)) order by x.sku)
      from bundle_parts b join variants x on x.id = b.part_id where b.bundle_id = v.id and b.valid_to is null), '[]') as parts,
    coalesce((select json_agg(json_build_object('sku', x.sku, 'quantity', f.quantity) order by x.sku)
      from bundle_flat f join variants x on x.id = f.part_id where f.bundle_id = v.id), '[]') as flat,
    (select min(valid_from) from bundle_parts b where b.bundle_id = v.id and b.valid_to is null) as since
  from variants v join products p on p.id = v.product_id`

/** A SKU as a bundle; null for an unknown SKU, no parts for one that is no bundle. */
export async function readBundle(sql: Sql, sku: string): Promise<BundleRow | null> {
  const [row] = await sql<BundleRow[]>`${columns(sql)} where v.sku = ${sku}`
  return row ?? null
}

/** Present bundles in the order of their SKUs' ids, after the id; `part` not null: only those that hold it, themselves or through another. */
export function listBundles(sql: Sql, part: string | null, after: number, limit: number): Promise<BundleRow[]> {
  return sql<BundleRow[]>`${columns(sql)}
    where v.id > ${after} and v.id in (select bundle_id from bundle_parts where valid_to is null)
      and (${part}::text is null or v.id in (
        with recursive up as (
          select b.bundle_id from bundle_parts b join variants x on x.id = b.part_id where x.sku = ${part} and b.valid_to is null
          union select b.bundle_id from up join bundle_parts b on b.part_id = up.bundle_id and b.valid_to is null)
        select bundle_id from up))
    order by v.id limit ${limit}`
}

export type BundleVersion = {
  readonly validFrom: Date
  /** Null: it holds now. */
  readonly validTo: Date | null
  readonly actor: string
  readonly parts: readonly BundlePart[]
}

/** What a SKU consisted of over time, the newest version first. */
export function bundleVersions(sql: Sql, sku: string): Promise<BundleVersion[]> {
  return sql<BundleVersion[]>`
    select b.valid_from as "validFrom", b.valid_to as "validTo", b.actor,
      json_agg(json_build_object('sku', x.sku, 'quantity', b.quantity) order by x.sku) as parts
    from bundle_parts b join variants v on v.id = b.bundle_id join variants x on x.id = b.part_id
    where v.sku = ${sku} group by b.valid_from, b.valid_to, b.actor order by b.valid_from desc limit 200`
}
