import { expect, test } from 'vitest'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { check } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'
import {
  connectAmazon,
  connectWoo,
  GERMANY,
  jobDeps,
  lanes,
  type Platform,
  playAmazon,
  playWoo,
  publishAll,
  shownOf,
  testContext,
} from '../support/hub.ts'
import { repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// An absolute stock value that was worked out before the hub heard of the channel's own last order gives that order's units back, and
// the channel sells them a second time. Here the hub hears nothing of the order (no webhook, the queue loses it) until the next poll,
// while a person counts the stock and so makes the hub push.

const prices = { [GERMANY.id]: '1', shop: '1' }
type Case = {
  readonly name: string
  readonly channel: string
  readonly play: () => Promise<Platform>
  readonly connect: (context: Context, platform: Platform) => Promise<number>
}
const cases: readonly Case[] = [
  { name: 'WooCommerce', channel: 'shop', play: () => playWoo(), connect: (context, platform) => connectWoo(context, platform, 4) },
  { name: 'Amazon', channel: GERMANY.id, play: () => playAmazon(), connect: (context, platform) => connectAmazon(context, platform, 20) },
]

for (const { name, channel, play, connect } of cases)
  test(`push-over-unseen-order: ${name} is not given back what it just sold`, async () => {
    for (let round = 0; round < repetitions(`push-over-unseen-order ${name}`, 1, 10); round++) await raceOnce(channel, play, connect)
  })

async function raceOnce(channel: string, play: Case['play'], connect: Case['connect']): Promise<void> {
  const database = await freshDatabase()
  const context = await testContext(database.sql)
  await layIn(database.sql, { MUG: { main: 10 }, CUP: { main: 10 } })
  const platform = await play()
  platform.sandbox.seed(['MUG', 'CUP'].map(sku => ({ sku, title: sku, gtin: null, quantity: 10, prices, parent: null })))
  const account = await connect(context, platform)
  const worker = lanes(jobDeps(context))
  await publishAll(context, account)
  await until('both are in step', async () => {
    const [row] =
      await database.sql`select count(*) as n from publications where field = 'stock' and expected = 10 and waiting_since is null`
    return row?.n === 2
  })

  platform.sandbox.misbehave({ kind: 'webhook-drop' })
  platform.sandbox.buy({ ref: 'unseen', channelRef: channel, lines: [{ sku: 'MUG', quantity: 4 }] })
  // More came in: the hub's number rises above what the channel shows.
  await change(database.sql, [
    { sku: 'MUG', location: 'main', quantity: 11, kind: 'count' },
    { sku: 'CUP', location: 'main', quantity: 11, kind: 'count' },
  ])
  await until('the push went out', () => shownOf(platform.sandbox, 'CUP') === 11)
  await until('the push of the sold one went out', () => shownOf(platform.sandbox, 'MUG') === 7)
  expect(highestOf(platform.sandbox, 'MUG')).toBeLessThanOrEqual(10)

  await database.sql`insert into account_requests (account_id, kind, actor) values (${account}, 'poll', 'test')`
  await until('the order is booked', async () => {
    const [row] = await database.sql`select sum(reserved) as n from balances`
    return Number(row?.n) === 4
  })
  await until('nothing is withheld any more', async () => {
    const [row] = await database.sql`select count(*) as n from publications where withheld > 0 or waiting_since is not null`
    return row?.n === 0
  })
  expect(shownOf(platform.sandbox, 'MUG')).toBe(7)
  expect((await check(context)).violations).toBe(0)
  await worker.stop()
  await database.drop()
}

/** The most that the platform showed at any time after the order. */
function highestOf(sandbox: Sandbox, sku: string): number {
  const entries = sandbox.journal(0, 10_000)
  const order = entries.find(entry => entry.kind === 'order')
  const values = entries.filter(entry => entry.kind === 'quantity' && entry.sku === sku && entry.seq > (order?.seq ?? 0))
  return Math.max(0, ...values.map(entry => Number(entry.data.value ?? entry.data.quantity ?? 0)))
}
