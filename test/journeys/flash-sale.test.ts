import { expect, test } from 'vitest'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { proposeCures } from '../../src/usecases/cures.ts'
import { setShortRule } from '../../src/usecases/short-rules.ts'
import { stageOf } from '../connectors/platform-stage.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, change, layIn } from '../support/goods.ts'
import { jobDeps, lanes, openDoor, playPlatform, publishAll, shownOf, testContext } from '../support/hub.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { delivery, made } from '../support/supply.ts'
import { until } from '../support/until.ts'

// Three channels still show what a count has just taken away, and all of it is bought at once, before any of them can be told.

/** So fast that what a platform lets through a second is not what is measured. */
const SCALE = 200
/** Amazon takes cancellations twenty at a time, each feed for seconds: in the long run alone. */
const PLATFORMS = ['woocommerce', 'shopify', isLong ? 'amazon' : 'medusa']
/** From the last booking to the last channel. The bar is for a run that has the machine to itself. */
const BOUND_MS = isLong ? 5_000 : 60_000
const WITHIN_MS = isLong ? 600_000 : 60_000

test('a flash sale in three channels promises each unit once, and no order stays without an end', { timeout: 900_000 }, async () => {
  const orders = repetitions('orders of a flash sale, on a tenth as many units', 90, 1_000)
  const units = Math.floor(orders / 10)
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { DROP: { main: orders } })
  const shops: { code: string; sandbox: Sandbox; ref: string; accountId: number }[] = []
  for (const name of PLATFORMS) {
    const { connector, live } = await stageOf(name)
    const { sandbox, address } = await playPlatform(live.make, { scale: SCALE })
    const { channels, ...access } = live.account(address, SCALE)
    const sold = channels.slice(0, 1).map(channel => ({ ...channel, code: name }))
    const ref = sold[0]?.ref ?? ''
    sandbox.seed([{ sku: 'DROP', title: 'Drop', gtin: null, quantity: orders, prices: { [ref]: '10.00' }, parent: null }])
    const account = { ...access, channels: sold, name, platform: name }
    const { accountId } = await createAccount(context, platformShape(connector), account, null)
    shops.push({ code: name, sandbox, ref, accountId })
  }
  lanes(jobDeps(context, await openDoor(context)))
  for (const { accountId } of shops) await publishAll(context, accountId)
  await until('all show what lies there', () => shops.every(({ sandbox }) => shownOf(sandbox, 'DROP') === orders))

  await change(sql, [{ sku: 'DROP', location: 'main', quantity: units, kind: 'count' }])
  for (let n = 0; n < orders; n += 1) {
    const shop = shops[n % shops.length]
    shop?.sandbox.buy({ ref: `f${n}`, channelRef: shop.ref, lines: [{ sku: 'DROP', quantity: 1, unitPrice: '10.00' }] })
  }
  const booked = async () => (await sql`select count(*)::int as n from orders`)[0]?.n
  await until('all are booked', async () => (await booked()) === orders, WITHIN_MS)
  const shorts = async () => (await sql`select sum(short)::int as n from order_lines`)[0]?.n
  expect(await sql`select sum(reserved)::int as promised, sum(short)::int as short from order_lines`).toEqual([
    { promised: units, short: orders - units },
  ])
  expect(await balance(sql, 'DROP', 'main')).toEqual({ onHand: units, reserved: units })
  const zeroFrom = performance.now()
  await until('all show none', () => shops.every(({ sandbox }) => shownOf(sandbox, 'DROP') === 0), BOUND_MS)
  const zeroMs = performance.now() - zeroFrom

  // Each has a cure, and nothing that is to come is proposed to two: it comes before any platform wants its orders shipped.
  const coming = Math.floor(units / 3)
  const arriving = made(
    await delivery(sql, 'create', {
      ...{
        reference: 'NEXT',
        location: 'main',
        expectedAt: new Date(Date.now() + 3_600_000).toISOString(),
        lines: [{ sku: 'DROP', quantity: coming }],
      },
    }),
  )
  const short = await sql<{ id: number }[]>`select distinct order_id as id from order_lines where short > 0`
  const cures = await proposeCures(
    context,
    short.map(({ id }) => id),
  )
  const proposed = Object.groupBy(cures, ({ cure }) => cure.cure)
  expect([short.length, proposed.wait?.length, proposed.cancel?.length]).toEqual([orders - units, coming, orders - units - coming])

  // By rule: one channel waits for what is to come, the others do not.
  for (const { code } of shops)
    await setShortRule(context, null, code, { becomes: code === 'shopify' ? 'incoming' : 'cancel', afterMinutes: 0 })
  await until('what nothing comes for is cancelled', async () => (await shorts()) === coming, WITHIN_MS)
  const line = { sku: 'DROP', quantity: coming }
  expect(await delivery(sql, 'receive', { id: arriving, lines: [line] })).toMatchObject({ outcome: 'received' })
  expect(await shorts()).toBe(0)
  expect(await sql`select state = 'cancelled' as cancelled, count(*)::int as n from orders group by 1 order by 1`).toEqual([
    { cancelled: false, n: units + coming },
    { cancelled: true, n: orders - units - coming },
  ])
  expect(
    await sql`
    select e.actor, a.body->>'cause' as cause, bool_and(e.reason like 'short of stock for 0 minutes%') as reasoned, count(*)::int as n
    from orders o join order_events e on e.order_id = o.id and e.transition = 'cancel' join acts a on a.order_id = o.id and a.kind = 'cancel'
    where o.state = 'cancelled' group by 1, 2`,
  ).toEqual([{ actor: 'rule', cause: 'stock', reasoned: true, n: orders - units - coming }])
  const confirmed = async () => (await sql`select count(*)::int as n from acts where kind = 'cancel' and state = 'confirmed'`)[0]?.n
  await until('the platforms know of each', async () => (await confirmed()) === orders - units - coming, WITHIN_MS)
  // What came is promised, what was cancelled comes back at the platform: still none is shown.
  await until('all show none', () => shops.every(({ sandbox }) => shownOf(sandbox, 'DROP') === 0), BOUND_MS)
  console.log(`${orders} orders on ${units} units: all channels showed 0 ${Math.round(zeroMs)} ms after the last was booked`)
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})
