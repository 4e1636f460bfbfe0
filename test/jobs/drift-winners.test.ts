import { expect, test } from 'vitest'
import { listDrifts } from '../../db/drift-list.ts'
import type { PlatformShape } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { decideDrift, setDriftWinners, showDrift } from '../../src/usecases/drift.ts'
import { setPriceLimits } from '../../src/usecases/price-limits.ts'
import { freshDatabase } from '../support/database.ts'
import { quietChannel } from '../support/goods.ts'
import { GERMANY, shownOf, testContext } from '../support/hub.ts'
import { checked, drifts, inStep } from '../support/in-step.ts'
import { until } from '../support/until.ts'

const SHAPE: PlatformShape = { platform: 'amazon', stockPerAccount: true, readSettings: () => ({}), readCredentials: () => ({}) }

test('where a person is asked, a price stays as the platform shows it until it is decided, for the hub or for the platform', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const { platform, account } = await inStep(sql, context, ['MUG', 'CUP', 'CAP'], 'woo')
  await setDriftWinners(context, null, 'woo', { price: 'ask', stock: 'ask' }, () => true)
  platform.sandbox.edit({ sku: 'MUG', prices: { shop: '12.50' } })
  platform.sandbox.edit({ sku: 'CUP', prices: { shop: '12.75' } })
  platform.sandbox.edit({ sku: 'CAP', quantity: 13 })
  await checked(sql, account)
  await until('what is not there is not offered', () => shownOf(platform.sandbox, 'CAP') === 10)
  const priceOf = (sku: string) => Number(platform.sandbox.shown().find(one => one.sku === sku)?.prices.shop?.regular)
  const held = await listDrifts(sql, { state: 'held', field: 'price' }, null, 10)
  expect(held.map(row => row.sku).sort()).toEqual(['CUP', 'MUG'])
  // Another value of ours does not decide it.
  await sql`select prices_set_1(${sql.json({ actor: 'test', prices: [{ sku: 'MUG', currency: 'EUR', amount: '9' }] })})`
  await until('it is reckoned', async () => (await sql`select 1 from publications where intended->>'regular' = '9'`).length === 1)
  await checked(sql, account)
  expect([priceOf('MUG'), priceOf('CUP')]).toEqual([12.5, 12.75])
  const idOf = (sku: string) => held.find(row => row.sku === sku)?.id ?? 0
  await expect(decideDrift(context, null, idOf('CUP'), { winner: 'platform' }, scope => scope !== 'prices:write')).rejects.toThrow(
    /prices:write/,
  )
  await expect(decideDrift(context, null, idOf('CUP'), { winner: 'seen' }, () => true)).rejects.toThrow(/hub or platform/)
  await decideDrift(context, null, idOf('MUG'), { winner: 'hub', note: 'ours' }, () => true)
  await decideDrift(context, null, idOf('CUP'), { winner: 'platform' }, () => true)
  await until('both are done', async () => {
    const rows = await listDrifts(sql, { field: 'price' }, null, 10)
    return rows.every(row => row.endedAt !== null)
  })
  expect([priceOf('MUG'), priceOf('CUP')]).toEqual([9, 12.75])
  const [typed] =
    await sql`select p.amount, p.actor from prices p join variants v on v.id = p.variant_id where v.sku = 'CUP' and p.superseded_at is null and p.channel_id is not null`
  expect([Number(typed?.amount), typed?.actor]).toEqual([12.75, 'user:test'])
  const acts = await sql`select act, subject from audit where act like 'drift.%' order by id`
  expect(acts.map(row => `${row.act} ${row.subject}`)).toEqual([
    'drift.policy woo',
    'drift.policy woo',
    'drift.decide MUG',
    'drift.decide CUP',
    'drift.take CUP',
  ])
})

test('where the platform wins its price and the units of its own location become ours, and what cannot is held with the reason', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const { platform, account } = await inStep(sql, context, ['MUG', 'CUP', 'CAP', 'TUB', 'JAR'], 'woo')
  await setDriftWinners(context, null, 'woo', { price: 'platform', stock: 'platform' }, () => true)
  await setPriceLimits(context, null, [{ kind: 'floor', basis: 'manual', sku: 'CUP', amount: '8', currency: 'EUR' }])
  platform.sandbox.edit({ sku: 'MUG', prices: { shop: '12.5' } })
  platform.sandbox.edit({ sku: 'CUP', prices: { shop: '5' } })
  platform.sandbox.edit({ sku: 'CAP', quantity: 13 })
  platform.sandbox.edit({ sku: 'TUB', quantity: 4 })
  // No look at the orders comes before the check.
  platform.sandbox.misbehave({ kind: 'timeout-before', operation: 'orders.list' })
  platform.sandbox.buy({ ref: 'b', channelRef: 'shop', lines: [{ sku: 'JAR', quantity: 2 }] })
  await checked(sql, account)
  platform.sandbox.behave()
  const rows = await until('all but one have ended', async () => {
    const all = await drifts(sql)
    return all.filter(row => ['taken', 'explained', 'repaired'].includes(row.state)).length === 5 ? all : null
  })
  expect(rows.map(row => [row.sku, row.state])).toEqual([
    ['CAP', 'taken'],
    ['CUP', 'repaired'],
    ['JAR', 'explained'],
    ['MUG', 'taken'],
    ['TUB', 'taken'],
  ])
  expect(rows.find(row => row.sku === 'CUP')?.words).toMatch(/below its floor/)
  const stock =
    await sql`select v.sku, b.on_hand from balances b join variants v on v.id = b.variant_id where v.sku in ('CAP', 'TUB', 'JAR') order by 1`
  expect(stock.map(row => [row.sku, row.on_hand])).toEqual([
    ['CAP', 13],
    ['JAR', 10],
    ['TUB', 4],
  ])
  expect(platform.sandbox.shown().map(one => [one.sku, one.quantity, Number(one.prices.shop?.regular)])).toEqual([
    ['MUG', 10, 12.5],
    ['CUP', 10, 10],
    ['CAP', 13, 10],
    ['TUB', 4, 10],
    ['JAR', 8, 10],
  ])
  expect((await check(context)).violations).toBe(0)
})

test("a stock that others sell from, too, cannot be the platform's to decide", async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await inStep(sql, context, ['MUG'], 'woo')
  await quietChannel(sql, 'other', ['main'])
  await expect(setDriftWinners(context, null, 'woo', { stock: 'platform' }, () => true)).rejects.toThrow(/not the platform's own/)
  await expect(setDriftWinners(context, null, 'woo', { stock: 'platform' }, () => false)).rejects.toThrow(/stock:write/)
})

test('what was accepted and never came to show is told as lost, and written again', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  const { platform, account } = await inStep(sql, context, ['MUG'], 'amazon')
  platform.sandbox.misbehave({ kind: 'not-applied', operation: 'patchListingsItem', times: 1 })
  await sql`select prices_set_1(${sql.json({ actor: 'test', prices: [{ sku: 'MUG', channel: 'amazon-de', currency: 'EUR', amount: '9' }] })})`
  await until(
    'it is accepted',
    async () => (await sql`select 1 from publications where state = 'accepted' and accepted->>'regular' = '9'`).length === 1,
  )
  const standing = await showDrift(context, 'amazon-de', [{ ...SHAPE, provenWithinMs: 600_000 }])
  expect(standing).toMatchObject({ unproven: 1, provenWithinMs: 30_000 })
  // The time in which it might have come to show is over.
  await sql`update publications set accepted_at = accepted_at - interval '10 minutes', sent_at = sent_at - interval '10 minutes', applied_at = applied_at - interval '10 minutes' where accepted->>'regular' = '9'`
  await checked(sql, account)
  const [lost] = await drifts(sql)
  expect(lost).toMatchObject({ sku: 'MUG', field: 'price', cause: 'lost' })
  await until('it shows', () => Number(platform.sandbox.shown()[0]?.prices[GERMANY.id]?.regular) === 9)
  await until('it is proven', async () => (await showDrift(context, 'amazon-de', [])).unproven === 0)
})
