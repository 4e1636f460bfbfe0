import { randomInt } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Sandbox, SandboxOptions } from '../../connectors/sandbox.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { everyStage } from '../connectors/platform-stage.ts'
import { seeded } from '../connectors/stage.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'
import { jobDeps, lanes, playPlatform, publishAll, shownOf, testContext } from '../support/hub.ts'
import { repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

// An absolute stock value that was worked out before the hub heard of the channel's own last order gives that order's units back, and
// the channel sells them a second time. Here the hub hears nothing of the order (no webhook, the queue loses it) until the next poll,
// while a person counts the stock and so makes the hub push.

/**
 * Where a platform compares before it sets: the calls of a push at whose arrival it may sell, too. Elsewhere the moment between the look and the write is the
 * platform's own gap.
 */
const COMPARES: Readonly<Record<string, readonly string[]>> = { shopify: ['StockBefore', 'SetQuantities'] }

const SEED = Number(process.env.CONCORD_SEED ?? randomInt(1_000_000))

const BEFORE = 10
const COUNTED = 11
const SOLD = 4
const RIGHT = COUNTED - SOLD

for (const { connector, live } of await everyStage()) {
  const name = connector.title
  test(`push-over-unseen-order: ${name} is not given back what it just sold (seed ${SEED})`, { timeout: 300_000 }, async () => {
    const races = repetitions(`push-over-unseen-order ${name}, seed ${SEED}`, 20, 500)
    const random = seeded(SEED)
    const compares = COMPARES[connector.platform] ?? []
    const skus = Array.from({ length: races }, (_, n) => `MUG-${String(n).padStart(3, '0')}`)
    const { sql, drop } = await freshDatabase()
    const context = await testContext(sql)
    await layIn(sql, Object.fromEntries([...skus, 'CUP'].map(sku => [sku, { main: BEFORE }])))
    // What the platform sells when such a call arrives.
    const atCalls = new Map<string, Set<string>>(compares.map(operation => [operation, new Set()]))
    const watched = (made: Sandbox): Sandbox => ({
      ...made,
      fetch: async request => {
        const due = atCalls.get(request.url.endsWith('/graphql.json') ? JSON.parse(await request.clone().text()).operationName : '')
        for (const sku of due ?? []) sell(sku)
        due?.clear()
        return made.fetch(request)
      },
    })
    const make = compares.length === 0 ? live.make : (options: SandboxOptions) => watched(live.make(options))
    const { sandbox, address } = await playPlatform(make, { scale: live.scale })
    const { channels, ...told } = live.account(address, live.scale)
    const [channel] = channels.map(one => one.ref)
    if (channel === undefined) throw new Error(`the account of ${name} has no channel`)
    const sell = (sku: string) => sandbox.buy({ ref: `unseen-${sku}`, channelRef: channel, lines: [{ sku, quantity: SOLD }] })
    const prices = Object.fromEntries(channels.map(one => [one.ref, '1']))
    sandbox.seed([...skus, 'CUP'].map(sku => ({ sku, title: sku, gtin: null, quantity: BEFORE, prices, parent: null })))
    const made = { ...told, channels, name: 'account', platform: connector.platform }
    const { accountId: account } = await createAccount(context, platformShape(connector), made, null)
    const worker = lanes({ ...jobDeps(context), random })
    await publishAll(context, account)
    await until('all are in step', async () => {
      const [row] =
        await sql`select count(*) as n from publications where field = 'stock' and expected = ${BEFORE} and waiting_since is null`
      return Number(row?.n) === races + 1
    })

    sandbox.misbehave({ kind: 'webhook-drop' })
    // Side by side with others in all their stages. More came in: the hub's number rises above what the channel shows.
    const race = async (sku: string): Promise<void> => {
      const atCall = atCalls.get(['', ...compares][Math.floor(random() * (compares.length + 1))] ?? '')
      await wait(random() * races * 5)
      if (atCall) atCall.add(sku)
      else sell(sku)
      await change(sql, [{ sku, location: 'main', quantity: COUNTED, kind: 'count' }])
    }
    await Promise.all([...skus.map(race), change(sql, [{ sku: 'CUP', location: 'main', quantity: COUNTED, kind: 'count' }])])
    await until('what was not sold is pushed', () => shownOf(sandbox, 'CUP') === COUNTED)
    await until('what was sold is pushed', () => skus.every(sku => shownOf(sandbox, sku) === RIGHT), 60_000)

    await sql`insert into account_requests (account_id, kind, actor) values (${account}, 'poll', 'test')`
    // Of Amazon's lists of orders, a hundred in each, one may be asked for every nine seconds at this pace.
    const areBooked = async () => Number((await sql`select sum(reserved) as n from balances`)[0]?.n) === SOLD * races
    await until('the orders are booked', areBooked, 120_000)
    await until('nothing is withheld any more', async () => {
      const [row] = await sql`select count(*) as n from publications where withheld > 0 or waiting_since is not null`
      return Number(row?.n) === 0
    })
    expect(skus.filter(sku => shownOf(sandbox, sku) !== RIGHT)).toEqual([])
    expect(givenBack(sandbox)).toEqual([])
    expect((await check(context)).violations).toBe(0)
    await worker.stop()
    await drop()
  })
}

/** The SKUs of which the platform showed more than what was left, at any time after their order. */
function givenBack(sandbox: Sandbox): string[] {
  const sold = new Set<string>()
  const found = new Set<string>()
  for (const { kind, sku, data } of sandbox.journal(0, 1_000_000)) {
    if (kind !== 'quantity' || sku === null) continue
    // No number of ours is this one: it is the platform's own, when it sold them.
    if (Number(data.value) === BEFORE - SOLD) sold.add(sku)
    else if (sold.has(sku) && Number(data.value) > RIGHT) found.add(sku)
  }
  expect(sold.size).toBe(sandbox.journal(0, 1_000_000).filter(({ kind }) => kind === 'order').length)
  return [...found]
}
