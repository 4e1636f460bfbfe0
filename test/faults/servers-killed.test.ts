import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { close, connect, type Sql } from '../../db/connect.ts'
import { startEmbedded } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { isConnectionLost } from '../../db/once-more.ts'
import { makeQueues } from '../../jobs/queues.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { workJobs } from '../../src/main-jobs.ts'
import { check } from '../../src/usecases/check.ts'
import { seeded } from '../connectors/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'
import {
  connectAmazon,
  connectWoo,
  GERMANY,
  jobDeps,
  lanes,
  onLoopback,
  playAmazon,
  playWoo,
  publishAll,
  testContext,
} from '../support/hub.ts'
import { suiteWith } from '../support/needs.ts'
import { onPath } from '../support/path-search.ts'
import { startRedis } from '../support/redis-server.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// The servers that the hub stands on die in the middle of sales, stock changes and pushes, and come back: PostgreSQL as after a power cut (F05), Redis with all that it
// held lost (F11, F12). Whatever was acknowledged is there once, every order is booked once, and both platforms show what is intended.

const SKUS = Array.from({ length: 8 }, (_, n) => `SKU-${n}`)
const prices = { [GERMANY.id]: '1', shop: '1' }
const OPENING = 1_000
const WRITERS = 6
const timeout = isLong ? 3_600_000 : 240_000
/** The bar is measured in the long run, where one file has the machine. */
const BACK_WITHIN_MS = isLong ? 10_000 : 30_000

test('PostgreSQL dies and comes back, again and again: what was acknowledged is there once, and all goes on within 10 s', {
  timeout,
}, async () => {
  const rounds = repetitions('PostgreSQL killed', 2, 300)
  const dir = folder()
  const server = await startEmbedded({ dir, durable: true, say: () => {} })
  onTestFinished(server.stop)
  await migrate(server.url)
  const sql = connect(server.url, { name: 'test' })
  onTestFinished(() => close(sql, 1))
  const hub = await openHub(sql, server.url, null)
  for (let round = 0; round < rounds; round += 1) {
    const writing = hub.load(`r${round}`)
    await wait(400 * hub.chance())
    await server.crash()
    await wait(400 * hub.chance())
    await server.revive()
    const at = performance.now()
    await writing
    expect(performance.now() - at, `round ${round}`).toBeLessThan(BACK_WITHIN_MS)
    await hub.isWell(`round ${round}`)
  }
  await hub.isRight()
})

suiteWith('redis-server', onPath('redis-server'), 'the hub with jobs on Redis', program => {
  test('goes on while Redis loses everything or dies, again and again: nothing is lost or done twice', { timeout }, async () => {
    const rounds = repetitions('Redis emptied, or killed', 2, 200)
    const dir = folder()
    const { sql, url } = await freshDatabase()
    let redis = await startRedis(program, dir)
    onTestFinished(() => redis.stop())
    const hub = await openHub(sql, url, redis.url)
    for (let round = 0; round < rounds; round += 1) {
      const writing = hub.load(`r${round}`)
      await wait(400 * hub.chance())
      if (round % 2 === 0) await flush(redis.url)
      else {
        await redis.kill()
        await wait(400 * hub.chance())
        redis = await startRedis(program, dir, redis.port)
      }
      await writing
      await hub.isWell(`round ${round}`)
    }
    await hub.isRight()
  })
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'concord-servers-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

async function flush(url: string): Promise<void> {
  const client = await createClient({ url }).connect()
  await client.flushAll()
  client.destroy()
}

/** A hub as `npm start` runs it, without its pages: lanes, jobs and the door for webhooks, between a shop and Amazon. */
async function openHub(sql: Sql, databaseUrl: string, redisUrl: string | null) {
  const seed = Number(process.env.CONCORD_SEED ?? 7)
  const chance = seeded(seed)
  const context = await testContext(sql)
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: OPENING }])))
  const [shop, amazon] = [await playWoo({ scale: 100 }), await playAmazon({ scale: 100 })]
  const platforms = [
    { sandbox: shop.sandbox, channel: 'shop' },
    { sandbox: amazon.sandbox, channel: GERMANY.id },
  ] as const
  for (const { sandbox } of platforms)
    sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: OPENING, prices, parent: null })))
  const accounts = [await connectWoo(context, shop, 100), await connectAmazon(context, amazon, 100)]
  const log = { warn: () => {} }
  const queues = await makeQueues({ databaseUrl, redisUrl: redisUrl ?? undefined, log, prefix: `test-${process.pid}` })
  onTestFinished(() => queues.close(2_000))
  const ring = (accountId: number): void => void queues.ring('intake', { accountId })
  const door = await onLoopback(webhookRoutes({ sql, keyring: context.keyring, ring, log: () => {} }).fetch)
  onTestFinished(door.close)
  const deps = jobDeps(context, door.address)
  lanes(deps)
  await workJobs(queues, deps)
  for (const account of accounts) await publishAll(context, account)
  let [acknowledged, bought] = [0, 0]

  /** Adds one unit, under a key of its own, until somebody says that it is done. */
  const addOne = async (key: string, sku: string): Promise<void> => {
    const head = { scope: 'test', key, kind: 'stock.change', hash: key }
    for (;;)
      try {
        const answer = await change(sql, [{ sku, location: 'main', quantity: 1, kind: 'adjust' }], head)
        expect(answer.outcome, key).toBe('done')
        acknowledged += 1
        return
      } catch (error) {
        if (!isConnectionLost(error)) throw error
        await wait(50)
      }
  }
  const anySku = (): string => SKUS[Math.floor(chance() * SKUS.length)] ?? ''
  return {
    chance,
    /** People and shoppers, for most of a second; resolved when all of them were answered. */
    load: async (name: string): Promise<void> => {
      const people = Array.from({ length: WRITERS }, async (_, n) => {
        await wait(800 * chance())
        await addOne(`${name}-${n}`, anySku())
      })
      for (const { sandbox, channel } of platforms) {
        if (sandbox.buy({ ref: `${name}-${channel}`, channelRef: channel, lines: [{ sku: anySku(), quantity: 1 }] })) bought += 1
        await wait(400 * chance())
      }
      await Promise.all(people)
    },
    isWell: async (when: string): Promise<void> => {
      await until(`${when}: every order is booked`, async () => (await sql`select from orders`).length === bought, 30_000)
      await until(
        `${when}: both platforms show what is intended`,
        async () => {
          const rows = await sql<{ account: number; sku: string; intended: number }[]>`
            select p.account_id as account, l.external_sku as sku, (p.intended->>'quantity')::int as intended
            from publications p join listings l on l.id = p.listing_id
            where p.field = 'stock' and p.waiting_since is null and p.state <> 'sent' and p.withheld = 0`
          return accounts.every((account, n) => {
            const shown = new Map(platforms[n]?.sandbox.shown().map(one => [one.sku, one.quantity]))
            const own = rows.filter(row => row.account === account)
            return new Set(own.map(row => row.sku)).size === SKUS.length && own.every(row => shown.get(row.sku) === row.intended)
          })
        },
        30_000,
      )
    },
    isRight: async (): Promise<void> => {
      const [row] = await sql<{ orders: number; units: number; here: number; free: number }[]>`
        select (select count(*)::int from orders) as orders, (select sum(ordered)::int from order_lines) as units,
          (select sum(on_hand)::int from balances) as here, (select sum(on_hand - reserved)::int from balances) as free`
      const here = OPENING * SKUS.length + acknowledged
      expect(row).toEqual({ orders: bought, units: bought, here, free: here - bought })
      expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
    },
  }
}
