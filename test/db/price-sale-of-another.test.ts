import { expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { priceList } from '../support/price-lists.ts'

test('what a channel shows of a SKU does not depend on the SKUs that are asked for beside it', async () => {
  const { sql } = await freshDatabase()
  await layIn(sql, { LID: { main: 1 }, MUG: { main: 1 } }, '20')
  const { channelId } = await quietChannel(sql, 'shop', ['main'])
  // A sale over what the lid cost, in a currency whose rate begins in an hour, just when a dated price of the mug does.
  await sql`update variants set cost = 1, cost_currency = 'JPY' where sku = 'LID'`
  await priceList(sql, { code: 'over-cost', kind: 'sale', entries: [{ rule: 'margin', over: 'cost', value: '10' }] })
  await sql`insert into exchange_rates (from_currency, to_currency, rate, starts_at, actor) values ('JPY', 'EUR', 0.5, date_trunc('hour', now()) + interval '1 hour', 'test')`
  await sql`
    insert into prices (variant_id, currency, amount, starts_at, actor)
    select id, 'EUR', 15, date_trunc('hour', now()) + interval '1 hour', 'test' from variants where sku = 'MUG'`
  const shown = await sql<{ sku: string; sale: string | null }[]>`
    select v.sku, s.price->'sale'->>'amount' as sale
    from channel_price_3(array[${channelId}::bigint], (select array_agg(id) from variants), date_trunc('hour', now()), false) s join variants v on v.id = s.variant_id order by 1`
  expect(shown.map(row => ({ ...row }))).toEqual([
    { sku: 'LID', sale: null },
    { sku: 'MUG', sale: '15' },
  ])
})
