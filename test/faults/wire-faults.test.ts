import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { seeded } from '../connectors/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { type FaultProxy, faultProxy, type WireFault } from '../support/fault-proxy.ts'
import { change, layIn } from '../support/goods.ts'
import {
  connectAmazon,
  connectWoo,
  GERMANY,
  jobDeps,
  lanes,
  openDoor,
  type Platform,
  playAmazon,
  playWoo,
  publishAll,
  shownOf,
  testContext,
} from '../support/hub.ts'
import { inStages, repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// Real sockets break between the hub and a platform while it publishes and sells (F18, F19, F27, F28 of the platform's side). Whatever got through and whatever
// did not: once the wire is whole, the platform shows what the hub intends, every order is booked once, and no unit was given back.

const SKUS = Array.from({ length: 10 }, (_, n) => `SKU-${n}`)
const prices = { [GERMANY.id]: '1', shop: '1' }

/** What is done to the wire, in one direction or both. */
const faults: readonly (readonly [string, (proxy: FaultProxy, chance: number) => void])[] = [
  ['latency', spoil({ latencyMs: 200, jitterMs: 200 })],
  ['a narrow wire', spoil({ bytesPerSecond: 4_000, sliceBytes: 100 })],
  ['a hole in the way there', spoil({ isBlackHole: true }, 'up')],
  ['a hole in the way back', spoil({ isBlackHole: true }, 'down')],
  ['resets of requests', (proxy, chance) => proxy.spoil({ resetAfterBytes: Math.floor(chance * 2_000) }, 'up')],
  ['resets of answers', (proxy, chance) => proxy.spoil({ resetAfterBytes: Math.floor(chance * 2_000) }, 'down')],
  ['answers that end too soon', (proxy, chance) => proxy.spoil({ endAfterBytes: Math.floor(chance * 1_000) }, 'down')],
  ['requests that end too soon', (proxy, chance) => proxy.spoil({ endAfterBytes: Math.floor(chance * 1_000) }, 'up')],
  ['nobody there', proxy => proxy.refuse(true)],
  ['every connection reset', proxy => void proxy.resetAll()],
]

function spoil(fault: WireFault, direction?: 'up' | 'down') {
  return (proxy: FaultProxy) => proxy.spoil(fault, direction)
}

type Case = {
  readonly name: string
  readonly channel: string
  readonly play: () => Promise<Platform>
  readonly connect: (context: Context, platform: Platform) => Promise<number>
}
const cases: readonly Case[] = [
  {
    name: 'WooCommerce',
    channel: 'shop',
    play: () => playWoo({ scale: 100 }),
    connect: (context, platform) => connectWoo(context, platform, 60),
  },
  {
    name: 'Amazon',
    channel: GERMANY.id,
    play: () => playAmazon({ scale: 100 }),
    connect: (context, platform) => connectAmazon(context, platform, 100),
  },
]

for (const one of cases)
  test(`the wire to ${one.name} breaks in every way that wires break, and nothing is lost, doubled or given back`, {
    timeout: 3_600_000,
  }, async () => {
    await inStages(repetitions(`faults of the wire to ${one.name}`, faults.length, 120), 4, rounds => breakAgain(one, rounds))
  })

async function breakAgain({ channel, play, connect }: Case, rounds: readonly number[]): Promise<void> {
  const chance = seeded(Number(process.env.CONCORD_SEED ?? 1) + (rounds[0] ?? 0))
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 2_000 }])))
  const platform = await play()
  platform.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 2_000, prices, parent: null })))
  const proxy = await faultProxy({ port: Number(new URL(platform.address).port) }, chance)
  onTestFinished(proxy.close)
  const account = await connect(context, { ...platform, address: `http://127.0.0.1:${proxy.port}` })
  lanes(jobDeps(context, await openDoor(context)))
  await publishAll(context, account)
  let bought = 0
  for (const round of rounds) {
    const [what, inflict] = faults[round % faults.length] ?? ['nothing', () => {}]
    await change(
      sql,
      SKUS.map((sku, n) => ({ sku, location: 'main', quantity: 1_000 + ((round * 7 + n) % 11), kind: 'count' })),
    )
    inflict(proxy, chance())
    for (let n = 0; n < 2; n++) {
      const sku = SKUS[Math.floor(chance() * SKUS.length)] ?? ''
      if (platform.sandbox.buy({ ref: `r${bought}`, channelRef: channel, lines: [{ sku, quantity: 1 }] })) bought += 1
      // The wire stays broken for as long as this: what is under way feels it.
      await wait(100 + 400 * chance())
    }
    proxy.spoil(null)
    proxy.refuse(false)
    await until(
      `the round with ${what} is over`,
      async () => (await sql`select count(*) as n from publications where waiting_since is not null or state = 'sent'`)[0]?.n === 0,
      60_000,
    )
  }
  await until('every order is booked', async () => (await sql`select count(*) as n from orders`)[0]?.n === bought, 60_000)
  await until(
    'the platform shows what is intended',
    async () => {
      const rows = await sql<{ sku: string; intended: number }[]>`
          select l.external_sku as sku, (p.intended->>'quantity')::int as intended from publications p join listings l on l.id = p.listing_id where p.field = 'stock'`
      return rows.length === SKUS.length && rows.every(row => shownOf(platform.sandbox, row.sku) === row.intended)
    },
    60_000,
  )
  const [units] = await sql`select sum(l.ordered)::int as n from order_lines l`
  expect(units?.n).toBe(bought)
  expect((await sql`select state from publications where state = 'refused'`).length).toBe(0)
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
}
