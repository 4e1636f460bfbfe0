import { expect, test } from 'vitest'
import { holdLease } from '../../db/accounts.ts'
import { intend, markSent } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { freshDatabase } from '../support/database.ts'
import { guardedChannel } from '../support/guarded.ts'

const { sql } = await freshDatabase({ max: 1 })
const LISTINGS = 2_000
const shop = await guardedChannel(sql, 'many', LISTINGS)

test('to count the prices of an account that turn takes a few blocks of each, also while the planner knows nothing of the tables yet', async () => {
  const from = new Date(Date.now() + 1_800_000).toISOString()
  await sql`select prices_set_2(${sql.json({ actor: 'ana', prices: shop.skus.map(sku => ({ sku, currency: 'EUR', amount: '9', from })) })})`
  const blocks = async (most: number): Promise<number> => {
    const [told] = await sql<{ listings: number }[]>`select listings from due_turns_2(${shop.accountId}, 3600000, ${most})`
    expect(told?.listings).toBe(Math.min(most, LISTINGS))
    const [row] = await sql<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }] }[]>`
      explain (analyze, buffers, format json) select listings from due_turns_2(${shop.accountId}, 3600000, ${most})`
    const plan = row?.['QUERY PLAN'][0].Plan
    return plan === undefined ? Number.NaN : plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
  }
  expect((await blocks(LISTINGS)) / LISTINGS).toBeLessThan(12)
  // No more than can be kept back are counted.
  expect(await blocks(100)).toBeLessThan((await blocks(LISTINGS)) / 5)
})

test('a chunk is noted as sent by what it asks for, and not by looking through all that waits', async () => {
  // As the planner mostly knows it: nothing waits.
  await sql`analyze publications`
  await shop.setPrices('9.5')
  await intend(sql, shop.accountId, null)
  const lease = await holdLease(sql, shop.accountId, 'test', 3_600_000)
  const work = await waitingByLoss(sql, shop.accountId, 100)
  const looked = async (): Promise<number> => {
    await sql`select pg_stat_force_next_flush()`
    const [row] = await sql<{ n: number }[]>`select idx_tup_read as n from pg_stat_user_indexes where indexrelname = 'publications_waiting'`
    return row?.n ?? Number.NaN
  }
  const before = await looked()
  const sent = await markSent(sql, shop.accountId, lease?.token ?? 0, work)
  expect(sent?.send).toHaveLength(100)
  expect((await looked()) - before).toBeLessThan(LISTINGS / 2)
})
