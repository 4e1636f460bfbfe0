import type { Sql } from '../../db/connect.ts'
import { noteReads } from '../../db/publications.ts'
import { layIn, quietChannel } from './goods.ts'

export type Drifting = {
  readonly accountId: number
  /** The platform is read, and shows this of a SKU; at its own pace nothing calls it. */
  readonly read: (sku: string, shown: { readonly quantity?: number; readonly price?: string }) => Promise<void>
}

/** A channel that shows 10 of each SKU for 10 EUR, as it should, and that publishes both. */
export async function driftingChannel(sql: Sql, code: string, skus: readonly string[]): Promise<Drifting> {
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: 10 }])))
  const { accountId } = await quietChannel(sql, code, ['main'])
  await sql`update channels set publish_stock = true, publish_prices = true where code = ${code}`
  await sql`
    insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id, shown_quantity, shown_price)
    select ${accountId}, c.id, 'ext-' || v.sku, v.sku, v.sku, v.id, 10, '{"currency": "EUR", "regular": "10", "sale": null}'
    from channels c, variants v where c.code = ${code} and v.sku = any(${skus as string[]}::text[])`
  await sql`select publications_intend_1(${accountId}, null, clock_timestamp())`
  return {
    accountId,
    read: async (sku, shown) => {
      const [row] = await sql<{ id: number; at: Date }[]>`
        select id, clock_timestamp() as at from listings where external_sku = ${sku} and account_id = ${accountId}`
      if (row === undefined) throw new Error(`${sku} is not listed`)
      const price = shown.price === undefined ? {} : { price: { currency: 'EUR', regular: shown.price, sale: null } }
      const item = { listing: row.id, at: row.at, ...(shown.quantity === undefined ? {} : { quantity: shown.quantity }), ...price }
      await noteReads(sql, accountId, 60_000, [item])
    },
  }
}
