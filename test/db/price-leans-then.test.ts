import { expect, test } from 'vitest'
import { explainPrice } from '../../src/usecases/explain-price.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'

const { sql } = await freshDatabase()

/** An instant to the millisecond, apart from what happened before it and after it. */
const now = async (): Promise<string> => {
  await sql`select pg_sleep(0.005)`
  const [row] = await sql<{ at: string }[]>`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`
  await sql`select pg_sleep(0.005)`
  return row?.at ?? ''
}
const explained = async (at: string) =>
  (await explainPrice({ sql, actor: 'user:ana' } as Parameters<typeof explainPrice>[0], 'MUG', { at })).channels[0]?.amount
const resolved = async (at: string) => {
  const [row] = await sql<{ amount: string }[]>`
    select trim_scale(r.amount)::text as amount from channels c cross join lateral price_resolve_1(c.id, array(select id from variants where sku = 'MUG'), null, 1, 'regular',
      ${at}::text::timestamptz, ${at}::text::timestamptz) r`
  return row?.amount
}

test('a price of the past is explained by the cost and the category of then', async () => {
  await layIn(sql, { MUG: { a: 1 } }, '20')
  await quietChannel(sql, 'shop', ['a'])
  await sql`update variants set cost = 10, cost_currency = 'EUR'`
  await priceList(sql, { code: 'plus', entries: [{ rule: 'percent', over: 'cost', value: '50' }] })
  await sql`
    insert into price_limits (kind, basis, scope, category, currency, amount, actor) values ('floor', 'manual', 'category', 'Garden', 'EUR', 30, 'test')`
  const first = await now()
  await sql`update variants set cost = 12`
  const dearer = await now()
  await sql`update products set category = 'Garden'`
  const garden = await now()
  await sql`update products set category = null`
  const instants = [first, dearer, garden, await now()]
  expect([await Promise.all(instants.map(explained)), await Promise.all(instants.map(resolved))]).toEqual([
    ['15', '18', '30', '18'],
    ['15', '18', '30', '18'],
  ])
})
