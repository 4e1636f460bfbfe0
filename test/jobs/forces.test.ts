import { expect, test } from 'vitest'
import type { Sandbox } from '../../connectors/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import type { Worker } from '../../jobs/worker.ts'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { forcePush } from '../../src/usecases/force.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { connectWoo, jobDeps, lanes, type Platform, playWoo, publishAll, shownOf, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const SKUS = ['MUG', 'CUP', 'JAR']
let sql: Sql
let context: Context
let platform: Platform
let account: number
let worker: Worker

/** A hub in step with a shop that shows 20 of each. */
async function inStep(): Promise<void> {
  sql = (await freshDatabase()).sql
  context = await testContext(sql)
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 20 }])))
  platform = await playWoo()
  platform.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 20, prices: { shop: '10' }, parent: null })))
  account = await connectWoo(context, platform, 4)
  worker = lanes(jobDeps(context))
  await publishAll(context, account)
  await until('the shop is in step', isQuiet)
}

const isQuiet = async () => {
  const [row] = await sql<
    { n: number }[]
  >`select count(*) filter (where waiting_since is null and state not in ('sent', 'accepted'))::int as n from publications`
  // Of stock and price each; before anything is intended, nothing waits either.
  return row?.n === SKUS.length * 2
}
/** Quantities that the platform was told of a SKU after an entry of its journal. */
const told = (sandbox: Sandbox, sku: string, after: number): number[] =>
  sandbox
    .journal(after, 10_000)
    .filter(entry => entry.kind === 'quantity' && entry.sku === sku)
    .map(entry => Number(entry.data.value ?? entry.data.quantity))
const lastOf = (sandbox: Sandbox): number => sandbox.journal(0, 10_000).at(-1)?.seq ?? 0

test('an equal value goes out once more, once; what the channel sold unseen is not given back; the quota is told', async () => {
  await inStep()
  const { sandbox } = platform
  sandbox.misbehave({ kind: 'webhook-drop' })
  sandbox.buy({ ref: 'unseen', channelRef: 'shop', lines: [{ sku: 'MUG', quantity: 4 }] })
  const before = lastOf(sandbox)
  expect(await forcePush(context, null, 'woo', { skus: ['MUG', 'CUP'], field: 'stock' })).toMatchObject({ forced: 2 })
  await until('both were answered', async () => (await sql`select 1 from publications where forced_at is not null`).length === 0)
  expect(told(sandbox, 'CUP', before)).toEqual([20])
  expect(told(sandbox, 'MUG', before).every(quantity => quantity === 16)).toBe(true)
  expect(shownOf(sandbox, 'MUG')).toBe(16)
  expect(told(sandbox, 'JAR', before)).toEqual([])
  await sql`insert into account_requests (account_id, kind, actor) values (${account}, 'poll', 'test')`
  await until('the order is booked and all is in step', async () => (await sql`select 1 from orders`).length === 1 && (await isQuiet()))
  expect(shownOf(sandbox, 'MUG')).toBe(16)
  const quota = await until(
    'the quota is told',
    async () => (await sql`select operation, calls_left, per_second, burst from account_quotas`)[0],
  )
  expect(quota?.burst).toBeGreaterThan(0)
  expect((await check(context)).violations).toBe(0)
}, 60_000)

test('what was asked and then cut short is carried on by the holder of the account', async () => {
  await inStep()
  await worker.stop()
  const [made] = await sql<{ answer: { force: number } }[]>`
    select publication_force_1(${sql.json({ actor: 'user:ana', channel: 'woo', field: 'price' })}) as answer`
  await sql`update publication_forces set asked_at = asked_at - interval '1 minute' where id = ${made?.answer.force ?? 0}`
  lanes(jobDeps(context))
  await until(
    'it is carried out and sent',
    async () =>
      (await sql`select 1 from publication_forces where ended_at is not null and forced = 3 and id = ${made?.answer.force ?? 0}`).length ===
        1 && (await isQuiet()),
    30_000,
  )
  const rows = await sql`
    select h.listing_id from publication_history h where h.event = 'sent' and h.field = 'price'
      and h.id > (select max(f.id) from publication_history f where f.event = 'forced' and f.listing_id = h.listing_id)`
  expect(rows).toHaveLength(3)
}, 60_000)
