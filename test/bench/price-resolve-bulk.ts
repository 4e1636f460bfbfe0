import type { Sql } from '../../db/connect.ts'
import { quietChannel } from '../support/goods.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { skuOf } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const LISTINGS = 100_000
const LISTS = 20

/**
 * What a channel should show of 100,000 listings by 20 lists, each of which prices half of them, with endings and a floor over cost, against a
 * plain join of the same listings and entries. Both are counted in the database, so that neither is slowed down by sending.
 */
export async function priceResolveBulk(stage: Stage): Promise<Measured> {
  const { unhurried: sql } = stage
  await layInPriced(sql)
  const plainJoin = async () => {
    const beganAt = performance.now()
    await sql`
      select count(*), sum(e.value) from listings l join price_entries e on e.variant_id = l.variant_id join price_list_terms t on t.list_id = e.list_id
      where l.state <> 'gone' and e.valid_to is null and t.valid_to is null and t.state = 'approved'`
    return (LISTINGS * 1000) / (performance.now() - beganAt)
  }
  const resolve = async () => {
    const beganAt = performance.now()
    const [row] = await sql<{ n: number }[]>`
      select count(price)::int as n, sum((price->>'regular')::numeric) from channel_price_3(
        (select array_agg(id) from channels), (select array_agg(variant_id) from listings where state <> 'gone'), clock_timestamp(), false)`
    if (row?.n !== LISTINGS) throw new Error(`${row?.n} of ${LISTINGS} listings have a price`)
    return (LISTINGS * 1000) / (performance.now() - beganAt)
  }
  const { value, plain, words } = await inTurns(3, { plain: plainJoin, value: resolve })
  const ratio = value / plain
  const criteria = { ratio: atLeast(0.3, ratio), wrong: atMost(0, await wrong(sql)) }
  return { line: lineOf({ name: 'price-resolve-bulk', value, unit: 'listings/s', yardstick: plain, ratio, criteria }), notes: [words] }
}

/** The n-th list prices the SKUs of which the n-th bit of a mix of their id is set; the last one prices all, over cost. */
async function layInPriced(sql: Sql): Promise<void> {
  const skus = Array.from({ length: LISTINGS }, (_, n) => skuOf(n))
  await sql`insert into locations (code, name, kind) values ('main', 'Main', 'warehouse')`
  await quietChannel(sql, 'shop', ['main'])
  await sql`insert into products (handle, title) values ('bulk', 'Bulk')`
  await sql`
    insert into variants (product_id, sku, title, cost, cost_currency) select p.id, sku, '', 1 + n % 50, 'EUR' from products p,
      unnest(${skus}::text[]) with ordinality s(sku, n) order by n`
  await sql`
    insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id) select c.account_id, c.id, v.sku, v.sku, '', v.id
    from channels c, variants v`
  await sql`insert into price_lists (code) select 'list-' || n from generate_series(1, ${LISTS}::int) n order by n`
  await sql`
    insert into price_list_terms (list_id, title, currency, kind, audience, audience_id, priority, state, actor)
    select l.id, l.code, 'EUR', 'price', case when l.id % 2 = 0 then 'everyone' else 'channel' end, case when l.id % 2 = 1 then c.id end, l.id, 'approved', 'bench'
    from price_lists l, channels c`
  await sql`
    insert into price_entries (list_id, scope, variant_id, rule, value, actor, valid_from)
    select l.id, 'variant', v.id, 'fixed', 100 + l.id + v.id % 997 * 0.01, 'bench', clock_timestamp() from price_lists l, variants v
    where (hashint8(v.id) >> l.id::int) & 1 = 1`
  await sql`
    insert into price_entries (list_id, scope, rule, over, value, actor, valid_from) select id, 'all', 'margin', 'cost', 40, 'bench', clock_timestamp()
    from price_lists where code = 'list-2'`
  await sql`
    insert into channel_price_policies (channel_id, rounding, rounding_step, rounding_ending, actor) select id, 'ending', 1, 0.99, 'bench' from channels`
  await sql`insert into price_limits (kind, basis, scope, percent, actor) values ('floor', 'margin', 'all', 10, 'bench')`
  await sql`vacuum analyze`
}

/** Listings whose price is not that of the strongest list that prices them, found the simple way. */
async function wrong(sql: Sql): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    with strongest as (
      select distinct on (e.variant_id) e.variant_id, e.value from price_entries e join price_list_terms t on t.list_id = e.list_id
      where e.scope = 'variant' order by e.variant_id, (t.audience = 'channel') desc, t.priority desc)
    select count(*)::int as n from strongest s
    left join channel_price_3((select array_agg(id) from channels), (select array_agg(id) from variants), clock_timestamp(), false) p on p.variant_id = s.variant_id
    where (p.price->>'regular')::numeric is distinct from s.value`
  return row?.n ?? 0
}
