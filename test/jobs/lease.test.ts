import { expect, onTestFinished, test } from 'vitest'
import { dropLease, holdLease } from '../../db/accounts.ts'
import { dueActs, markActSent } from '../../db/acts.ts'
import { close, connect } from '../../db/connect.ts'
import { markSent } from '../../db/publications.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn, quietChannel } from '../support/goods.ts'
import {
  connectAmazon,
  connectWoo,
  GERMANY,
  jobDeps,
  lanes,
  openDoor,
  playAmazon,
  playWoo,
  publishAll,
  shownOf,
  testContext,
} from '../support/hub.ts'
import { until } from '../support/until.ts'

const { sql } = await freshDatabase()

test('one holder at a time; the token grows when the lease changes hands; an old token sends nothing', async () => {
  await layIn(sql, { MUG: { main: 5 } })
  const { accountId } = await quietChannel(sql, 'quiet')
  const first = await holdLease(sql, accountId, 'one', 10_000)
  expect(first).toMatchObject({ isNew: true })
  expect(await holdLease(sql, accountId, 'two', 10_000)).toBeNull()
  expect(await holdLease(sql, accountId, 'one', 10_000)).toEqual({ token: first?.token, isNew: false })
  await dropLease(sql, accountId, 'one')
  const second = await holdLease(sql, accountId, 'two', 10_000)
  expect(second).toEqual({ token: (first?.token ?? 0) + 1, isNew: true })
  expect(await markSent(sql, accountId, first?.token ?? 0, [])).toBeNull()
  expect(await dueActs(sql, accountId, 5)).toEqual([])
  expect(await markActSent(sql, 1, first?.token ?? 0)).toBe(false)
})

test('lane-dies-after-send: the successor reads what was left in "sent" before it writes', async () => {
  const context = await testContext(sql)
  const woo = await playWoo()
  woo.sandbox.seed([{ sku: 'MUG', title: 'MUG', gtin: null, quantity: 5, prices: { shop: '1' }, parent: null }])
  const account = await connectWoo(context, woo)
  const publicUrl = await openDoor(context)
  const first = lanes(jobDeps(context, publicUrl))
  await publishAll(context, account)
  await until(
    'it is in step',
    async () => (await sql`select 1 from publications where account_id = ${account} and field = 'stock' and expected = 5`).length === 1,
  )
  await first.stop()

  // What a lane leaves behind that dies between its call and noting the answer: sent, took effect, then the shop sold two.
  await change(sql, [{ sku: 'MUG', location: 'main', quantity: 9, kind: 'count' }])
  await sql`select publications_intend_1(${account}, null, now())`
  await sql`update publications set state = 'sent', sent = '{"quantity": 9}', sent_at = clock_timestamp() where account_id = ${account} and field = 'stock'`
  const seq = woo.sandbox.journal(0, 10_000).length

  lanes(jobDeps(context, publicUrl))
  await until('the shop shows it', () => shownOf(woo.sandbox, 'MUG') === 9)
  const operations = woo.sandbox.journal(seq, 10_000).flatMap(entry => (entry.kind === 'call' ? [String(entry.ref)] : []))
  const firstWrite = operations.findIndex(operation => operation.startsWith('products.batch'))
  const firstRead = operations.findIndex(operation => operation.startsWith('products.list'))
  expect([firstRead >= 0, firstWrite === -1 || firstWrite > firstRead]).toEqual([true, true])
})

test('leases are renewed while a slow statement has every connection of the pool', async () => {
  const { sql: pool, url } = await freshDatabase({ max: 1 })
  const beside = connect(url, { max: 1, name: 'beside' })
  onTestFinished(() => close(beside, 1))
  const context = await testContext(pool)
  const account = await connectWoo(context, await playWoo())
  lanes(jobDeps(context, await openDoor(context)))
  const heldUntil = async (): Promise<number> => {
    const [row] = await beside<{ until: Date | null }[]>`select lease_until as until from accounts where id = ${account}`
    return row?.until?.getTime() ?? 0
  }
  await until('it is held', async () => (await heldUntil()) > Date.now())
  let isSlow = true
  const slow = pool`select pg_sleep(20)`.then(
    () => 'ended',
    () => 'broken off',
  )
  void slow.finally(() => {
    isSlow = false
  })
  const isSleeping = async () =>
    (await beside`select from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%' and state = 'active'`)
      .length === 1
  await until('the pool is taken', isSleeping)
  const before = await heldUntil()
  await until('it is renewed three times', async () => (await heldUntil()) > before + 1_500, 15_000)
  expect(isSlow).toBe(true)
  await beside`select pg_cancel_backend(pid) from pg_stat_activity where datname = current_database() and query like 'select pg_sleep%'`
  expect(await slow).toBe('broken off')
})

test('a hub that ends in good order leaves nothing in "sent": what left is noted, what did not is not doubted', async () => {
  const { sql: own } = await freshDatabase()
  const context = await testContext(own)
  const skus = Array.from({ length: 60 }, (_, n) => `END-${n}`)
  await layIn(own, Object.fromEntries(skus.map(sku => [sku, { main: 20 }])))
  const amazon = await playAmazon()
  amazon.sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: 20, prices: { [GERMANY.id]: '1' }, parent: null })))
  const account = await connectAmazon(context, amazon)
  const first = lanes(jobDeps(context))
  await publishAll(context, account)
  await until('all are in step', async () => (await own`select 1 from publications where waiting_since is not null`).length === 0)
  await change(
    own,
    skus.map(sku => ({ sku, location: 'main', quantity: 30, kind: 'count' })),
  )
  await until('some wait for their turn', async () => (await own`select 1 from publications where state = 'sent'`).length > 10)
  await first.stop()
  expect(await own`select 1 from publications where state = 'sent' or reason_code = 'unknown'`).toHaveLength(0)
  const begun = performance.now()
  lanes(jobDeps(context))
  await until('all are shown', () => skus.every(sku => shownOf(amazon.sandbox, sku) === 30))
  // No look at the orders was waited for: those come once in twelve seconds.
  expect(performance.now() - begun).toBeLessThan(8_000)
})
