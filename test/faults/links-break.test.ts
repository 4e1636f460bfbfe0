import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { check } from '../../src/usecases/check.ts'
import { seeded } from '../connectors/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { type FaultProxy, faultProxy } from '../support/fault-proxy.ts'
import { change, layIn } from '../support/goods.ts'
import { connectWoo, jobDeps, lanes, openDoor, playWoo, publishAll, shownOf, testContext } from '../support/hub.ts'
import { inStages, isLong, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

const SKUS = Array.from({ length: 8 }, (_, n) => `SKU-${n}`)

const WAYS: readonly (readonly [string, (proxy: FaultProxy) => void])[] = [
  ['nothing gets there', proxy => proxy.spoil({ isBlackHole: true }, 'up')],
  ['nothing comes back', proxy => proxy.spoil({ isBlackHole: true }, 'down')],
  [
    'it is not there',
    proxy => {
      proxy.refuse(true)
      proxy.resetAll()
    },
  ],
  ['nothing gets through', proxy => proxy.spoil({ isBlackHole: true })],
  ['every connection is reset', proxy => void proxy.resetAll()],
  ['it is far away', proxy => proxy.spoil({ latencyMs: 300, jitterMs: 200 })],
]

/** Longer than any lease and any statement may take, each time in another way, and once two minutes. */
const longBreakMs = (round: number, chance: number): number => (round === 29 ? 120_000 : 10_000 + 20_000 * chance)

// The link of the workers, or of the door for webhooks, to PostgreSQL breaks in one direction or both while a shop sells and stock moves. Once it is whole, within
// 30 s every order is booked once and the shop shows what the hub intends (F27; the link to a platform: wire-faults.test.ts, the link to Redis: queues.test.ts).
for (const link of ['workers', 'door'] as const)
  test(`the link of the ${link} to the database breaks in every way, and 30 s after it is whole nothing is lost`, {
    timeout: 3_600_000,
  }, async () => {
    await inStages(repetitions(`the link of the ${link} breaks`, 1, 60), 4, rounds => breakAgain(link, rounds))
  })

async function breakAgain(link: 'workers' | 'door', rounds: readonly number[]): Promise<void> {
  const chance = seeded(Number(process.env.CONCORD_SEED ?? 3) + (rounds[0] ?? 0))
  const { sql, url } = await freshDatabase()
  const context = await testContext(sql)
  const proxy = await faultProxy({ port: Number(new URL(url).port) }, chance)
  onTestFinished(proxy.close)
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  const far = connect(through.href, { name: 'far' })
  onTestFinished(() => close(far, 1))
  const distant = { ...context, sql: far }
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 500 }])))
  const platform = await playWoo({ scale: 100 })
  platform.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 500, prices: { shop: '1' }, parent: null })))
  const account = await connectWoo(context, platform, 100)
  lanes(jobDeps(link === 'workers' ? distant : context, await openDoor(link === 'door' ? distant : context)))
  await publishAll(context, account)
  let bought = 0
  for (const round of rounds) {
    const [what, inflict] = WAYS[round % WAYS.length] ?? ['nothing', () => {}]
    inflict(proxy)
    const forMs = isLong && round % 5 === 4 ? longBreakMs(round, chance()) : 600 + 1_400 * chance()
    for (let n = 0; n < 3; n += 1) {
      await change(
        sql,
        SKUS.map(sku => ({ sku, location: 'main', quantity: 300 + ((round + n) % 9), kind: 'count' })),
      )
      const sku = SKUS[Math.floor(chance() * SKUS.length)] ?? ''
      if (platform.sandbox.buy({ ref: `r${bought}`, channelRef: 'shop', lines: [{ sku, quantity: 1 }] })) bought += 1
      await wait(forMs / 3)
    }
    proxy.spoil(null)
    proxy.refuse(false)
    const at = performance.now()
    await until(`all is well after ${what}: orders`, async () => (await sql`select from orders`).length === bought, 60_000)
    await until(
      `all is well after ${what}: the shop`,
      async () => {
        const rows = await sql<{ sku: string; intended: number }[]>`
            select l.external_sku as sku, (p.intended->>'quantity')::int as intended from publications p join listings l on l.id = p.listing_id
            where p.field = 'stock' and p.waiting_since is null and p.state <> 'sent'`
        return rows.length === SKUS.length && rows.every(row => shownOf(platform.sandbox, row.sku) === row.intended)
      },
      60_000,
    )
    expect(performance.now() - at, what).toBeLessThan(30_000)
  }
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
}
