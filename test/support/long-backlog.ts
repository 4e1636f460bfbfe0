import type { Sql } from '../../db/connect.ts'
import { intend } from '../../db/publications.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { connectAmazon, connectWoo, GERMANY, type Platform, playAmazon, playWoo } from './hub.ts'

export const BACKLOG_STOCK = 10
const PART = 2_000

export type Backlog = { readonly platform: Platform; readonly account: number; readonly channel: string; readonly ref: string }

/**
 * An account whose SKUs are listed, in step and published, laid in without looking at the platform, which has all of them: at 10 EUR, 10 of each. The platform and
 * our pace go `scale` times as fast as real ones; nobody runs its lane yet.
 */
export async function inStepUnseen(
  sql: Sql,
  context: Context,
  skus: readonly string[],
  name: 'woo' | 'amazon',
  scale: number,
): Promise<Backlog> {
  const platform = name === 'woo' ? await playWoo({ scale }) : await playAmazon({ scale })
  const prices = name === 'woo' ? { shop: '10' } : { [GERMANY.id]: '10' }
  platform.sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: BACKLOG_STOCK, prices, parent: null })))
  const account = name === 'woo' ? await connectWoo(context, platform, scale) : await connectAmazon(context, platform, scale)
  const [channel, ref] = name === 'woo' ? ['woo', 'shop'] : ['amazon-de', GERMANY.id]
  await sql`update account_requests set state = 'done', ended_at = clock_timestamp() where account_id = ${account}`
  await sql`update accounts set observed_at = clock_timestamp() where id = ${account}`
  await layIn(sql, account, ref, skus, name === 'woo')
  await intend(sql, account, null)
  await changeChannel(context, channel, { publishStock: true, publishPrices: true }, null)
  // Somebody has looked at what is changed in bulk: the guard is not what is tried.
  await setGuardLimits(context, null, channel, { changedPercent: null, dropPercent: null })
  return { platform, account, channel, ref }
}

/** A bulk change: each SKU gets a price of its own, some lower and some higher than before. */
export async function changePrices(sql: Sql, skus: readonly string[]): Promise<void> {
  for (let at = 0; at < skus.length; at += PART) {
    const prices = skus.slice(at, at + PART).map((sku, n) => ({ sku, currency: 'EUR', amount: (8 + ((at + n) % 400) / 100).toFixed(2) }))
    await sql`select prices_set_1(${sql.json({ actor: 'test', prices })})`
  }
}

/** Set by set, as thousands of SKUs by commands would take half a minute. The shop gives ids in the order of seeding, from 11 on. */
async function layIn(sql: Sql, account: number, ref: string, skus: readonly string[], hasIds: boolean): Promise<void> {
  await sql`insert into locations (code, name, kind) values ('main', 'main', 'warehouse') on conflict do nothing`
  await sql`
    insert into channel_locations (channel_id, location_id, position, actor)
    select c.id, l.id, 1, 'test' from channels c, locations l where c.account_id = ${account} and l.code = 'main'`
  await sql`
    with product as (insert into products (handle, title) values ('goods', 'Goods') returning id), variant as (
      insert into variants (product_id, sku, title) select product.id, sku, '' from product, unnest(${skus as string[]}::text[]) with ordinality s(sku, n) order by n
      returning id
    ), balance as (
      insert into balances (variant_id, location_id, on_hand) select v.id, l.id, ${BACKLOG_STOCK} from variant v, locations l
    ), price as (
      insert into prices (variant_id, currency, amount, actor) select id, 'EUR', 10, 'test' from variant
    )
    insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
    select v.id, l.id, 'receive', ${BACKLOG_STOCK}, 'test', clock_timestamp(), clock_timestamp() from variant v, locations l`
  await sql`
    with listing as (
      insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id, shown_quantity, shown_price)
      select c.account_id, c.id, case when ${hasIds} then (10 + s.n)::text else s.sku end, s.sku, '', v.id, ${BACKLOG_STOCK}, '{"currency": "EUR", "regular": "10", "sale": null}'
      from unnest(${skus as string[]}::text[]) with ordinality s(sku, n) join variants v on v.sku = s.sku
      join channels c on c.account_id = ${account} and c.external_ref = ${ref} returning id, variant_id
    )
    insert into mappings (listing_id, variant_id, matched_by, actor) select id, variant_id, 'sku', 'test' from listing`
  await sql`analyze`
}
