import type { Sql } from './connect.ts'

/** What can be called by a name that a person types. */
export type NamedKind =
  | 'sku'
  | 'location'
  | 'channel'
  | 'reason'
  | 'delivery'
  | 'transfer'
  | 'list'
  | 'region'
  | 'group'
  | 'tier'
  | 'partner'
  | 'product'
  | 'category'

const WHERE: Readonly<Record<NamedKind, readonly [table: string, column: string]>> = {
  sku: ['variants', 'sku'],
  location: ['locations', 'code'],
  channel: ['channels', 'code'],
  reason: ['stock_reasons', 'code'],
  delivery: ['deliveries', 'reference'],
  transfer: ['transfers', 'reference'],
  list: ['price_lists', 'code'],
  region: ['regions', 'code'],
  group: ['channel_groups', 'code'],
  tier: ['partner_tiers', 'code'],
  partner: ['partners', 'code'],
  product: ['products', 'handle'],
  category: ['products', 'category'],
}

/** More names than this are not looked at: nobody types so little that more of them are near. */
const LOOKED_AT_MOST = 5_000

/** Whether something is called so, to the letter. */
export async function isNamed(sql: Sql, kind: NamedKind, name: string): Promise<boolean> {
  const [table, column] = WHERE[kind]
  const rows = await sql`select 1 from ${sql(table)} where ${sql(column)} = ${name} limit 1`
  return rows.length > 0
}

/**
 * Names that begin or end with the same letter as the one does, whatever their capital and small letters; first those that share most of their beginning and
 * end. Among them are those a person may have meant. Reads all names, so it is for a refusal, not for every request.
 */
export async function namesLike(sql: Sql, kind: NamedKind, name: string): Promise<string[]> {
  const [table, column] = WHERE[kind]
  const shared = (side: 'left' | 'right', letters: number) =>
    sql`lower(${sql(side)}(${sql(column)}, ${letters}::int)) = lower(${sql(side)}(${name}, ${letters}::int))`
  const rows = await sql<{ name: string }[]>`
    select ${sql(column)} as name from ${sql(table)} where ${shared('left', 1)} or ${shared('right', 1)} group by 1
    order by (${shared('left', 3)})::int + (${shared('right', 3)})::int desc, 1 limit ${LOOKED_AT_MOST}`
  return rows.map(row => row.name)
}
