import { describe, expect, test } from 'vitest'
import { intend } from '../../db/publications.ts'
import { learnStakes, weighWaiting } from '../../db/stakes.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { expectedLoss } from '../../src/domain/sync/expected-loss.ts'
import { stakesOf } from '../../src/domain/sync/stakes.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { freshDatabase } from '../support/database.ts'
import { type Guarded, guardedChannel } from '../support/guarded.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const DAYS = 28

/** So many units of a SKU were sold in the channel in the last four weeks, none of them in the last day. */
const sold = (shop: Guarded, sku: string, units: number) =>
  sql`insert into demand (scope_id, sold_id, part_id, units, recent, since) select ${shop.channelId}, id, id, ${units}, 0, clock_timestamp() - interval '28 days' from variants where sku = ${sku}
    on conflict (part_id, scope_id, sold_id) do update set units = excluded.units`
const stakes = async (shop: Guarded, sku: string) => {
  const [row] = await sql<{ mean: number; margin: number; cancellation: number }[]>`
    select s.mean, s.margin, s.cancellation from stakes s join variants v on v.id = s.variant_id where s.channel_id = ${shop.channelId} and v.sku = ${sku}`
  return row
}
const loss = async (shop: Guarded, sku: string, field: 'stock' | 'price') => {
  const [row] = await sql<{ loss: number }[]>`
    select p.loss from publications p join variants v on v.id = p.variant_id where p.channel_id = ${shop.channelId} and v.sku = ${sku} and p.field = ${field}`
  return row?.loss
}

describe('what is at stake', () => {
  test('is learnt from what the channel sold, from price and cost, and from its policy', async () => {
    const shop = await guardedChannel(sql, 'learn', 3)
    const [quick = '', slow = '', costly = ''] = shop.skus
    await sold(shop, quick, 560)
    await sold(shop, slow, 2)
    await sql`update variants set cost = 9, cost_currency = 'EUR' where sku = ${costly}`
    await learnStakes(sql, new Date(), DAYS)
    const known = { units: 560, days: DAYS, recent: 0, price: 10, cost: null, terms: null }
    expect((await stakes(shop, quick))?.mean).toBeCloseTo(stakesOf(known).mean, 4)
    expect((await stakes(shop, slow))?.mean).toBeCloseTo(stakesOf({ ...known, units: 2 }).mean, 4)
    expect(await stakes(shop, quick)).toMatchObject({ margin: 3, cancellation: 60 })
    expect(await stakes(shop, costly)).toMatchObject({ margin: 1, cancellation: 20 })

    await changeChannel(await testContext(sql), shop.code, { bufferRisk: { margin: '4', cancellation: '96' } }, null)
    await learnStakes(sql, new Date(), DAYS)
    expect(await stakes(shop, costly)).toMatchObject({ margin: 4, cancellation: 96 })
    expect(await learnStakes(sql, new Date(), DAYS)).toBe(0)
  })

  test('weighs what waits, as it comes to wait and as rates are learnt', async () => {
    const shop = await guardedChannel(sql, 'weigh', 2)
    const [sku = '', other = ''] = shop.skus
    await sold(shop, sku, 560)
    await learnStakes(sql, new Date(), DAYS)
    await shop.setStock(0)
    await shop.setPrices('12', [sku])
    await intend(sql, shop.accountId, null)
    const known = { units: 560, days: DAYS, recent: 0, price: 10, cost: null, terms: null }
    expect(await loss(shop, sku, 'stock')).toBeCloseTo(expectedLoss({ field: 'stock', shown: 10, target: 0 }, stakesOf(known)), 3)
    expect(await loss(shop, sku, 'price')).toBeCloseTo(expectedLoss({ field: 'price', shown: 10, target: 12 }, stakesOf(known)), 3)
    const before = (await loss(shop, other, 'stock')) ?? 0

    await sold(shop, other, 5_600)
    await learnStakes(sql, new Date(), DAYS)
    expect(await loss(shop, other, 'stock')).toBe(before)
    await weighWaiting(sql)
    expect((await waitingByLoss(sql, shop.accountId, 10)).map(row => [row.externalSku, row.field])).toEqual([
      [other, 'stock'],
      [sku, 'stock'],
      [sku, 'price'],
    ])
    expect((await loss(shop, other, 'stock')) ?? 0).toBeGreaterThan(100 * before)
  })

  test('is money of one currency in the whole account', async () => {
    const shop = await guardedChannel(sql, 'euro', 1)
    const [sku = ''] = shop.skus
    await sql`insert into channels (account_id, code, name, external_ref, currency) values (${shop.accountId}, 'krona', 'krona', 'krona', 'SEK')`
    await sql`insert into exchange_rates (from_currency, to_currency, rate, starts_at, actor) values ('SEK', 'EUR', 0.09, '2020-01-01', 'test')`
    await sql`
      insert into listings (account_id, channel_id, external_id, external_sku, title, variant_id, shown_quantity, shown_price)
      select ${shop.accountId}, c.id, ${sku}, ${sku}, '', v.id, 10, '{"currency": "SEK", "regular": "100", "sale": null}' from channels c, variants v where c.code = 'krona' and v.sku = ${sku}`
    await sql`select prices_set_1(${sql.json({ actor: 'test', prices: [{ sku, currency: 'SEK', amount: '120' }] })})`
    await intend(sql, shop.accountId, null)
    await learnStakes(sql, new Date(), DAYS)
    await weighWaiting(sql)
    const [row] = await sql<{ loss: number; mean: number; margin: number }[]>`
      select p.loss, s.mean, s.margin from publications p join channels c on c.id = p.channel_id join stakes s on s.channel_id = c.id and s.variant_id = p.variant_id
      where c.code = 'krona' and p.field = 'price'`
    expect(row?.margin).toBeCloseTo(0.3 * 120 * 0.09, 6)
    expect(row?.loss).toBeCloseTo((row?.mean ?? 0) * 20 * 0.09, 6)
  })
})
