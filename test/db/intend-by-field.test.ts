import { expect, onTestFinished, test } from 'vitest'
import { close, connect, type Sql } from '../../db/connect.ts'
import { intend, intendMoved } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'
import { until } from '../support/until.ts'

/** A SKU with 10 units at 20 EUR, listed and intended. */
async function shop(): Promise<{ readonly sql: Sql; readonly url: string; readonly account: number; readonly mug: number }> {
  const { sql, url } = await freshDatabase()
  await layIn(sql, { MUG: { main: 10 } }, '20')
  const { accountId: account } = await quietChannel(sql, 'shop', ['main'])
  await sql`
    insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
    select c.id, c.account_id, v.sku, v.sku, v.sku, v.id from channels c, variants v`
  await intend(sql, account, null)
  const [row] = await sql<{ id: number }[]>`select id from variants`
  return { sql, url, account, mug: row?.id ?? 0 }
}
const reprice = (sql: Sql, mug: number, amount: string) =>
  sql`with gone as (update prices set superseded_at = clock_timestamp() where variant_id = ${mug} and superseded_at is null returning id)
    insert into prices (variant_id, currency, amount, actor) select ${mug}, 'EUR', ${amount}::numeric, 'test' from (select count(*) from gone) g`
const shown = (sql: Sql) =>
  sql<
    { told: string }[]
  >`select field || ' ' || coalesce(intended->>'quantity', intended->>'regular') as told from publications order by field`.then(rows =>
    rows.map(row => row.told),
  )

test('a change of one field leaves the other as it was intended', async () => {
  const { sql, account, mug } = await shop()
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 7, kind: 'count' }])
  await reprice(sql, mug, '25')
  expect(await intendMoved(sql, account, { stock: [mug], prices: [] })).toBe(1)
  expect(await shown(sql)).toEqual(['price 20', 'stock 7'])
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 6, kind: 'count' }])
  expect(await intendMoved(sql, account, { stock: [], prices: [mug] })).toBe(1)
  expect(await shown(sql)).toEqual(['price 25', 'stock 7'])
  expect(
    await sql`select field from publication_history where event = 'intended' order by id`.then(rows => rows.map(row => row.field)),
  ).toEqual(['stock', 'price', 'stock', 'price'])
})

test('a stock change that waits while a new price is intended does not bring the old price back', async () => {
  const { sql, url, account, mug } = await shop()
  const [blocker, waiter] = [connect(url, { max: 1 }), connect(url, { max: 1, name: 'counts' })]
  onTestFinished(async () => {
    await Promise.all([blocker, waiter].map(one => close(one, 1)))
  })
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 7, kind: 'count' }])
  await blocker.unsafe('begin')
  await blocker`select publications_intend_stock_1(${account}, array[${mug}]::bigint[], clock_timestamp())`
  const waiting = intendMoved(waiter, account, { stock: [mug], prices: [] })
  await until(
    'the second waits for the first',
    async () =>
      (
        await sql`select 1 from pg_stat_activity where application_name like '%counts%' and datname = current_database() and wait_event_type = 'Lock'`
      ).length === 1,
  )
  await reprice(blocker, mug, '25')
  await blocker`select publications_intend_prices_1(${account}, array[${mug}]::bigint[], clock_timestamp())`
  await blocker.unsafe('commit')
  await waiting
  expect(await shown(sql)).toEqual(['price 25', 'stock 7'])
})

test('a receipt that moves what a SKU cost tells a price change where a rule leans on cost, and none where not', async () => {
  const { sql, account, mug } = await shop()
  const told = () =>
    sql<{ n: number }[]>`select count(*)::int as n from change where kind = 'price' and variant_id = ${mug}`.then(([row]) => row?.n ?? 0)
  const receive = (unitCost: string) => sql`select cost_average(${mug}, 5, ${unitCost}::numeric, 'EUR', '{"actor": "test"}')`
  const before = await told()
  await receive('8')
  expect(await told()).toBe(before)
  await priceList(sql, { code: 'plus', entries: [{ rule: 'percent', over: 'cost', value: '50' }] })
  await intend(sql, account, null)
  const asked = await told()
  await receive('20')
  expect(await told()).toBe(asked + 1)
  await intendMoved(sql, account, { stock: [mug], prices: [mug] })
  const [cost] = await sql<
    { price: string }[]
  >`select trim_scale(round(average * 1.5, 2))::text as price from variant_costs where valid_to is null`
  expect((await shown(sql))[0]).toBe(`price ${cost?.price}`)
})
