import { expect, test } from 'vitest'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { noteAccountHealth } from '../../db/accounts.ts'
import type { Sql } from '../../db/connect.ts'
import { check } from '../../src/usecases/check.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'
import {
  connectAmazon,
  connectWoo,
  GERMANY,
  jobDeps,
  lanes,
  playAmazon,
  playWoo,
  publishAll,
  shownOf,
  testContext,
} from '../support/hub.ts'
import { until } from '../support/until.ts'

const SKUS = Array.from({ length: 40 }, (_, n) => `SKU-${String(n).padStart(2, '0')}`)
const prices = { [GERMANY.id]: '1', shop: '1' }

async function stage(platform: 'woo' | 'amazon', scale: number) {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 20 }])))
  const played = await (platform === 'woo' ? playWoo({ scale }) : playAmazon({ scale }))
  played.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 20, prices, parent: null })))
  const account = await (platform === 'woo' ? connectWoo(context, played, scale) : connectAmazon(context, played, scale))
  lanes(jobDeps(context))
  await publishAll(context, account)
  await until('all are in step', async () => (await waiting(sql)) === 0)
  return { sql, context, sandbox: played.sandbox, account }
}

const waiting = async (sql: Sql): Promise<number> =>
  (await sql<{ n: number }[]>`select count(*)::int as n from publications where waiting_since is not null and state <> 'refused'`)[0]?.n ??
  0
const countAll = (sql: Sql, quantity: number) =>
  change(
    sql,
    SKUS.map(sku => ({ sku, location: 'main', quantity, kind: 'count' })),
  )
const health = async (sql: Sql) =>
  (await sql<{ state: string; reason: string | null }[]>`select state, state_reason as reason from accounts`)[0]
const calls = (sandbox: Sandbox, operation: RegExp, afterSeq = 0) =>
  sandbox
    .journal(afterSeq, 100_000)
    .filter(entry => entry.kind === 'call' && operation.test(String(entry.ref ?? entry.data.operation)))
    .map(entry => ({ atMs: Date.parse(entry.at), status: Number(entry.data.status) }))

test('an item that the shop dies of is found by halving and refused with its reason; the others of its calls go', {
  timeout: 60_000,
}, async () => {
  const { sql, context, sandbox } = await stage('woo', 100)
  sandbox.misbehave({ kind: 'poison', sku: 'SKU-17' })
  await countAll(sql, 13)
  await until('the others are shown', () => SKUS.every(sku => sku === 'SKU-17' || shownOf(sandbox, sku) === 13))
  const [refused] = await until('it is refused', async () => {
    const rows = await sql<{ sku: string; code: string; reason: string }[]>`
      select l.external_sku as sku, reason_code as code, reason from publications p join listings l on l.id = p.listing_id where p.state = 'refused'`
    return rows.length > 0 ? rows : null
  })
  expect(refused).toMatchObject({ sku: 'SKU-17', code: 'platform_fails', reason: expect.stringContaining('SKU-17, alone too: ') })
  expect(await waiting(sql)).toBe(0)
  expect((await health(sql))?.state).toBe('active')
  const tries = calls(sandbox, /batch/).filter(one => one.status === 500).length
  expect(tries).toBeLessThanOrEqual(7 + 8)
  // Mended, it goes again with its next value.
  sandbox.behave()
  await countAll(sql, 11)
  await until('all are shown', () => SKUS.every(sku => shownOf(sandbox, sku) === 11))
  expect((await check(context)).violations).toBe(0)
})

test('a platform that fails is left alone after a few calls, tried by one at a time, and told as the account’s trouble', {
  timeout: 60_000,
}, async () => {
  const { sql, sandbox } = await stage('amazon', 20)
  const [last] = sandbox.journal(0, 100_000).slice(-1)
  sandbox.misbehave({ kind: 'error', operation: 'patchListingsItem' })
  await countAll(sql, 13)
  await until('the account fails', async () => (await health(sql))?.state === 'failing')
  expect((await health(sql))?.reason).toMatch(/^down: Amazon patchListingsItem answered 500/)
  const failed = () => calls(sandbox, /patchListingsItem/, last?.seq).filter(one => one.status === 500)
  await until('it was tried eight times more', () => failed().length >= 16)
  const at = failed().map(one => one.atMs)
  // Four open it, while others may be under way; from then on one tries at a time, after ever longer pauses.
  expect(at.filter(ms => ms - (at[0] ?? 0) < 200).length).toBeLessThanOrEqual(20)
  const gaps = at.slice(-6).map((ms, n) => ms - (at.at(n - 7) ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThan(45)
  expect((await sql`select 1 from publications where state = 'refused'`).length).toBe(0)
  sandbox.behave()
  await until('all are shown', () => SKUS.every(sku => shownOf(sandbox, sku) === 13))
  await until('the account is well', async () => (await health(sql))?.state === 'active')
  expect((await health(sql))?.reason).toBeNull()
})

test('orders that cannot be fetched hold up no stock', { timeout: 60_000 }, async () => {
  const { sql, sandbox } = await stage('amazon', 20)
  sandbox.misbehave({ kind: 'error', operation: 'receiveMessages' })
  await until('the account tells of it', async () => (await health(sql))?.reason?.includes('SQS ReceiveMessage') === true)
  await countAll(sql, 12)
  await until('all are shown', () => SKUS.every(sku => shownOf(sandbox, sku) === 12))
  expect((await health(sql))?.state).toBe('failing')
  sandbox.behave()
  await until('the account is well, though there is no order', async () => (await health(sql))?.state === 'active')
})

test('refused credentials stop everything, are told apart, and one call at a time tries whether they are good again', {
  timeout: 60_000,
}, async () => {
  const { sql, sandbox } = await stage('woo', 100)
  const [last] = sandbox.journal(0, 100_000).slice(-1)
  sandbox.misbehave({ kind: 'unauthorized' })
  await countAll(sql, 13)
  await until('the account fails', async () => (await health(sql))?.reason?.startsWith('auth: ') === true)
  const refused = () => calls(sandbox, /./, last?.seq).filter(one => one.status === 401)
  // Half of 30 s at 100 times the pace, at the least, once those that were under way have ended.
  const lastGaps = (): number[] => {
    const at = refused().map(one => one.atMs)
    return at.slice(-3).map((ms, n) => ms - (at.at(n - 4) ?? ms))
  }
  await until('one tries at a time', () => refused().length > 4 && lastGaps().every(ms => ms > 140))
  expect(refused().length).toBeLessThan(25)
  sandbox.behave()
  await until('all are shown', () => SKUS.every(sku => shownOf(sandbox, sku) === 13))
  await until('the account is well', async () => (await health(sql))?.state === 'active')
})

test('a person’s pause is not undone by trouble that is told late', async () => {
  const { sql } = await stage('woo', 100)
  const [row] = await sql<{ id: number; token: number }[]>`update accounts set state = 'paused' returning id, lease_token as token`
  await noteAccountHealth(sql, row?.id ?? 0, row?.token ?? 0, { reason: 'down: late', forMs: 1 })
  expect((await health(sql))?.state).toBe('paused')
  await sql`update accounts set state = 'active'`
  await noteAccountHealth(sql, row?.id ?? 0, (row?.token ?? 0) - 1, { reason: 'down: by a former holder', forMs: 1 })
  expect((await health(sql))?.state).toBe('active')
})
