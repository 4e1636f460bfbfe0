import { expect, test } from 'vitest'
import type { SandboxFault } from '../../connectors/sandbox.ts'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { forcePush } from '../../src/usecases/force.ts'
import { freshDatabase } from '../support/database.ts'
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
import { until } from '../support/until.ts'

// A platform misbehaves while the hub publishes and sells; afterwards it shows what the hub intends, every order is booked once, and the
// books are clean.

const SKUS = Array.from({ length: 12 }, (_, n) => `SKU-${n}`)
const prices = { [GERMANY.id]: '1', shop: '1' }
const faults: readonly SandboxFault[] = [
  { kind: 'throttle', times: 3 },
  { kind: 'error', times: 4 },
  { kind: 'timeout-before', times: 2 },
  { kind: 'timeout-after', times: 2 },
  { kind: 'partial', times: 3 },
  { kind: 'not-applied', times: 3 },
  { kind: 'garbage', times: 2 },
  { kind: 'webhook-drop', chance: 0.3 },
  { kind: 'webhook-double', chance: 0.3 },
  { kind: 'webhook-late', chance: 0.3 },
]

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

for (const { name, channel, play, connect } of cases)
  test(`${name} misbehaves in every way it knows and still comes to show what the hub intends`, async () => {
    const { sql } = await freshDatabase()
    const context = await testContext(sql)
    await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 20 }])))
    const platform = await play()
    platform.sandbox.seed(SKUS.map(sku => ({ sku, title: sku, gtin: null, quantity: 20, prices, parent: null })))
    const account = await connect(context, platform)
    lanes(jobDeps(context, await openDoor(context)))
    await publishAll(context, account)
    const channels = await sql<{ code: string }[]>`select code from channels where publish_stock or publish_prices`
    let bought = 0
    for (const fault of faults) {
      platform.sandbox.misbehave(fault)
      const sku = SKUS[bought % SKUS.length] ?? ''
      if (platform.sandbox.buy({ ref: `r${bought}`, channelRef: channel, lines: [{ sku, quantity: 1 }] })) bought += 1
      await change(
        sql,
        SKUS.map((each, n) => ({ sku: each, location: 'main', quantity: 20 + ((bought + n) % 7), kind: 'count' })),
      )
      await until(
        `the round with ${fault.kind} is over`,
        async () => {
          const [row] = await sql`select count(*) as n from publications where waiting_since is not null or state in ('sent', 'refused')`
          // Whoever looks after the channel sends again what was refused.
          if (row?.n !== 0) for (const { code } of channels) await forcePush(context, null, code, { state: 'refused' })
          return row?.n === 0
        },
        30_000,
      )
    }
    platform.sandbox.behave()
    await until(
      'every order is booked',
      async () => (await sql`select count(*) as n from orders where content_hash <> ''`)[0]?.n === bought,
      30_000,
    )
    await until(
      'the platform shows what is intended',
      async () => {
        const rows = await sql<{ sku: string; intended: number }[]>`
          select l.external_sku as sku, (p.intended->>'quantity')::int as intended from publications p join listings l on l.id = p.listing_id where p.field = 'stock'`
        return rows.length === SKUS.length && rows.every(row => shownOf(platform.sandbox, row.sku) === row.intended)
      },
      40_000,
    )
    expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
  }, 120_000)

test('a shipment whose answer is lost is found at the platform and not sent again', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { main: 5 } })
  const platform = await playAmazon({ scale: 100 })
  platform.sandbox.seed([{ sku: 'MUG', title: 'MUG', gtin: null, quantity: 5, prices, parent: null }])
  const account = await connectAmazon(context, platform, 100)
  lanes(jobDeps(context))
  await publishAll(context, account)
  platform.sandbox.buy({ ref: 'r', channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 2 }] })
  const order = await until(
    'the order is booked',
    async () => (await sql<{ id: number }[]>`select id from orders where state in ('accepted', 'routed')`)[0],
  )
  platform.sandbox.misbehave({ kind: 'timeout-after', operation: 'confirmShipment', times: 1 })
  await sql`select order_ship_1(${sql.json({ actor: 'test', orderId: order.id, tracking: { carrier: 'DHL', number: '00340' } })})`
  await until('the act is confirmed', async () => (await sql`select state from acts`)[0]?.state === 'confirmed', 30_000)
  expect(platform.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'act')).toHaveLength(1)
  expect((await check(context)).violations).toBe(0)
})
