import { expect, test } from 'vitest'
import { medusa } from '../../connectors/medusa/index.ts'
import { makeMedusaSandbox } from '../../connectors/medusa/sandbox.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { changeChannel, createAccount } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn } from '../support/goods.ts'
import { jobDeps, lanes, playPlatform, publishAll, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const KEYS = { apiKey: 'sk_1' }
const PLACE = { id: 'sloc_1', name: 'Berlin', currency: 'EUR' }

test('a Medusa shop shows what may be sold, whatever it has reserved, and what it sells is booked once, sent and sent back', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { berlin: 8 } }, '9.5')
  const { sandbox, address } = await playPlatform(options => makeMedusaSandbox({ ...options, ...KEYS, locations: [PLACE] }))
  sandbox.seed([{ sku: 'MUG', title: 'Mug', gtin: null, quantity: 50, prices: { [PLACE.id]: '1.00' }, parent: null }])
  // Placed before anybody looked: Medusa has three units reserved that the hub learns of with the rest.
  sandbox.buy({ ref: 'early', channelRef: PLACE.id, lines: [{ sku: 'MUG', quantity: 3 }] })
  const { accountId } = await createAccount(
    context,
    platformShape(medusa),
    {
      ...{ name: 'medusa', platform: 'medusa', settings: { url: address, scale: 20 }, credentials: KEYS },
      channels: [{ code: 'shop', name: 'Shop', ref: PLACE.id, currency: 'EUR', zone: 'Europe/Berlin' }],
    },
    null,
  )
  await changeChannel(context, 'shop', { locations: ['berlin'] }, null)
  lanes(jobDeps(context))
  await publishAll(context, accountId)
  const shown = () => sandbox.shown()[0]
  const reserved = async (): Promise<number> => (await balance(sql, 'MUG', 'berlin')).reserved
  await until('what was sold before is booked', async () => (await reserved()) === 3)
  await until('five are left, and shown', () => shown()?.quantity === 5)
  await until('the price is shown', () => shown()?.prices[PLACE.id]?.regular === '9.5')

  sandbox.buy({ ref: 'b1', channelRef: PLACE.id, lines: [{ sku: 'MUG', quantity: 2 }] })
  await until('the order is booked', async () => (await reserved()) === 5)
  expect(shown()?.quantity).toBe(3)
  const orders = await sql<{ id: number }[]>`select id from orders order by id`
  expect(orders.length).toBe(2)
  const [first, second] = orders.map(order => Number(order.id))
  await shipOrder(context, 'ship-1', first ?? 0, { tracking: { carrier: 'DHL', number: 'T1' } })
  await cancelOrder(context, 'cancel-1', second ?? 0, { cause: 'stock' })
  const acts = () => sandbox.journal(0, 10_000).filter(entry => entry.kind === 'act')
  await until('the parcel and the cancellation are told', () => acts().length === 2)
  await until('the parcel has left', async () => (await balance(sql, 'MUG', 'berlin')).onHand === 5)
  await until('what was cancelled is sold again', () => shown()?.quantity === 5)
  await until('everything is proven', async () => (await sql`select 1 from publications where state <> 'applied'`).length === 0)
  expect([acts().length, await reserved()]).toEqual([2, 0])
  // Nothing was ever offered that was not there.
  const offered = sandbox
    .journal(0, 10_000)
    .flatMap(entry => (entry.kind === 'quantity' && entry.data.cause === 'push' ? [Number(entry.data.value)] : []))
  expect(Math.max(...offered)).toBeLessThanOrEqual(8)
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})
