import { expect, test } from 'vitest'
import { vendure } from '../../connectors/vendure/index.ts'
import { makeVendureSandbox } from '../../connectors/vendure/sandbox.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { changeChannel, createAccount } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, change, layIn } from '../support/goods.ts'
import { jobDeps, lanes, playPlatform, publishAll, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const KEYS = { apiKey: 'lookup:secret' }
const channels = [
  { code: 'shop-eur', name: 'Shop', ref: 'EUR', currency: 'EUR', zone: 'Europe/Berlin' },
  { code: 'shop-usd', name: 'Shop in dollars', ref: 'USD', currency: 'USD', zone: 'America/New_York' },
]

test('a Vendure that takes its own orders off shows what may be sold, in two currencies, and is told what was sent', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { berlin: 8 } }, '9.5')
  const platform = await playPlatform(options => makeVendureSandbox({ ...options, ...KEYS, currencies: ['EUR', 'USD'] }))
  const { sandbox } = platform
  sandbox.seed([{ sku: 'MUG', title: 'Mug', gtin: null, quantity: 50, prices: { EUR: '1.00', USD: '1.20' }, parent: null }])
  const settings = { url: platform.address, scale: 20 }
  const told = { name: 'shop', platform: 'vendure', settings, credentials: KEYS, channels }
  const { accountId } = await createAccount(context, platformShape(vendure), told, null)
  for (const { code } of channels) await changeChannel(context, code, { locations: ['berlin'] }, null)
  lanes(jobDeps(context))
  await publishAll(context, accountId)

  const shelf = (): unknown[] => {
    const last = sandbox.journal(0, 10_000).findLast(entry => entry.kind === 'quantity')
    return [sandbox.shown()[0]?.quantity, last?.data.onHand, last?.data.allocated]
  }
  const shows = (...expected: number[]) => until(`the shop has ${expected}`, () => String(shelf()) === String(expected))
  await shows(8, 8, 0)
  await until('the price is shown', () => Number(sandbox.shown()[0]?.prices.EUR?.regular) === 9.5)

  // Three are sold for dollars: the shop takes them off by itself, and nothing is pushed for them.
  sandbox.buy({ ref: 'u1', channelRef: 'USD', lines: [{ sku: 'MUG', quantity: 3 }] })
  await until('the order is booked', async () => (await balance(sql, 'MUG', 'berlin')).reserved === 3)
  const booked = await sql<{ id: number; code: string }[]>`select o.id, c.code from orders o join channels c on c.id = o.channel_id`
  expect(booked.map(row => row.code)).toEqual(['shop-usd'])
  await shows(5, 8, 3)
  // More came in: what goes out are those that may be sold and those that are promised.
  await change(sql, [{ sku: 'MUG', location: 'berlin', quantity: 12, kind: 'count' }])
  await shows(9, 12, 3)
  await shipOrder(context, 'ship-1', Number(booked[0]?.id), { tracking: { carrier: 'DHL', number: 'T1' } })
  await until('the parcel is told', () => sandbox.journal(0, 10_000).some(entry => entry.kind === 'act' && entry.data.number === 'T1'))
  // Both numbers fall together, so what may be sold stays; nothing is given back.
  await shows(9, 9, 0)
  expect((await balance(sql, 'MUG', 'berlin')).onHand).toBe(9)
  const values = sandbox.journal(0, 10_000).flatMap(entry => (entry.kind === 'quantity' ? [Number(entry.data.value)] : []))
  expect(values.filter((value, n) => value !== values[n - 1])).toEqual([50, 8, 5, 9])
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})
