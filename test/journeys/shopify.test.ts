import { expect, test } from 'vitest'
import { shopify } from '../../connectors/shopify/index.ts'
import { makeShopifySandbox } from '../../connectors/shopify/sandbox.ts'
import { TOPICS } from '../../connectors/shopify/subscriptions.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { shipOrder } from '../../src/usecases/act-on-order.ts'
import { changeChannel, createAccount } from '../../src/usecases/channels.ts'
import { check } from '../../src/usecases/check.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, layIn } from '../support/goods.ts'
import { jobDeps, lanes, openDoor, playPlatform, publishAll, testContext } from '../support/hub.ts'
import { until } from '../support/until.ts'

const KEYS = { accessToken: 'shpat_1', clientSecret: 'the secret of the app' }
const LOCATIONS = [
  { id: '70001', name: 'Berlin' },
  { id: '70002', name: 'Malmö' },
]
const channels = [
  { code: 'shop-berlin', name: 'Berlin', ref: '70001', currency: 'EUR', zone: 'Europe/Berlin' },
  { code: 'shop-malmo', name: 'Malmö', ref: '70002', currency: 'EUR', zone: 'Europe/Stockholm' },
]

test('a shop with two locations shows what lies in each, and sells it from there', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { berlin: 8, malmo: 3 } }, '9.5')
  const platform = await playPlatform(options => makeShopifySandbox({ ...options, ...KEYS, locations: LOCATIONS }))
  const { sandbox } = platform
  sandbox.seed([{ sku: 'MUG', title: 'Mug', gtin: null, quantity: 50, prices: { '70001': '1.00' }, parent: null }])
  const settings = { url: platform.address, scale: 20 }
  const { accountId } = await createAccount(
    context,
    platformShape(shopify),
    { name: 'shop', platform: 'shopify', settings, credentials: KEYS, channels },
    null,
  )
  await changeChannel(context, 'shop-berlin', { locations: ['berlin'] }, null)
  await changeChannel(context, 'shop-malmo', { locations: ['malmo'] }, null)
  lanes(jobDeps(context, await openDoor(context)))
  await publishAll(context, accountId)

  /** What the shop shows at a location, by its journal. */
  const at = (location: string): unknown =>
    sandbox
      .journal(0, 10_000)
      .filter(entry => entry.kind === 'quantity' && entry.ref === location)
      .at(-1)?.data.value
  const shows = (berlin: number, malmo: number) =>
    until(`${berlin} in Berlin, ${malmo} in Malmö`, () => at('70001') === berlin && at('70002') === malmo)
  await shows(8, 3)
  await until('the price is shown', () => sandbox.shown()[0]?.prices['70001']?.regular === '9.50')

  const subscribed = () => sandbox.journal(0, 10_000).filter(entry => entry.ref === 'Subscribe').length
  await until('the shop tells of its orders', () => subscribed() === TOPICS.length)

  sandbox.buy({ ref: 'b1', channelRef: '70001', lines: [{ sku: 'MUG', quantity: 2 }] })
  sandbox.buy({ ref: 'm1', channelRef: '70002', lines: [{ sku: 'MUG', quantity: 1 }] })
  await until(
    'both orders are booked',
    async () => (await balance(sql, 'MUG', 'berlin')).reserved === 2 && (await balance(sql, 'MUG', 'malmo')).reserved === 1,
  )
  await shows(6, 2)
  const booked = await sql<{ code: string }[]>`select c.code from orders o join channels c on c.id = o.channel_id order by 1`
  expect(booked.map(row => row.code)).toEqual(['shop-berlin', 'shop-malmo'])
  const [order] = await sql<{ id: number }[]>`select o.id from orders o join channels c on c.id = o.channel_id where c.code = 'shop-malmo'`
  await shipOrder(context, 'ship-1', Number(order?.id), { tracking: { carrier: 'DHL', number: 'T1' } })
  await until('the parcel is told', () => sandbox.journal(0, 10_000).some(entry => entry.kind === 'act' && entry.data.number === 'T1'))
  await until('its order is settled', async () => (await balance(sql, 'MUG', 'malmo')).onHand === 2)
  // Only a signature by the app's secret opens the door.
  const delivered = () => sandbox.journal(0, 10_000).filter(entry => entry.kind === 'webhook')
  await until('webhooks are taken', () => delivered().length >= 3 && delivered().every(entry => entry.data.status === 202))
  expect((await check(context)).findings.filter(finding => finding.violations > 0)).toEqual([])
})

test('a sale stands beside the regular price while it is in force, and goes out at its instants', async () => {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await layIn(sql, { MUG: { berlin: 8 } }, '9.5')
  const platform = await playPlatform(options => makeShopifySandbox({ ...options, ...KEYS, locations: LOCATIONS }))
  const { sandbox } = platform
  sandbox.seed([{ sku: 'MUG', title: 'Mug', gtin: null, quantity: 8, prices: { '70001': '9.50' }, parent: null }])
  const { accountId } = await createAccount(
    context,
    platformShape(shopify),
    {
      name: 'shop',
      platform: 'shopify',
      settings: { url: platform.address, scale: 100 },
      credentials: KEYS,
      channels: channels.slice(0, 1),
    },
    null,
  )
  lanes(jobDeps(context))
  await publishAll(context, accountId)
  await setGuardLimits(context, null, 'shop-berlin', { changedPercent: null, dropPercent: null })
  const intended = async () => (await sql`select intended from publications where field = 'price'`)[0]?.intended
  await until('the price is intended', async () => (await intended()) !== undefined)
  // Reckoned three seconds ahead: not while the first look is taken, and the end not while the sale is.
  const second = (inS: number) => new Date((Math.floor(Date.now() / 1000) + inS) * 1000).toISOString()
  const sale = { sku: 'MUG', channel: 'shop-berlin', currency: 'EUR', amount: '8.00', from: second(6), to: second(12) }
  await setPrices(context, null, [sale], { acceptWindow: true })
  const shown = () => sandbox.shown()[0]?.prices['70001']
  expect([shown()?.regular, shown()?.sale, await intended()]).toEqual(['9.50', null, { currency: 'EUR', regular: '9.5', sale: null }])
  await until('the sale shows', () => shown()?.sale === '8.00')
  expect([shown()?.regular, await intended()]).toEqual([
    '9.50',
    { currency: 'EUR', regular: '9.5', sale: { amount: '8', from: null, to: null } },
  ])
  await until('the sale is over', () => shown()?.sale === null)
  await until(
    'every price is proven',
    async () => (await sql`select 1 from publications where field = 'price' and state <> 'applied'`).length === 0,
  )
  expect(shown()?.regular).toBe('9.50')
  // Two changes, and nothing again and again.
  expect(sandbox.journal(0, 100_000).filter(entry => entry.ref === 'SetPrices').length).toBe(2)
})
