import { beforeAll, describe, expect, test } from 'vitest'
import { connectors } from '../../connectors/registry.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { pushPaces } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { setPriceEntries } from '../../src/usecases/price-entries.ts'
import { approvePriceList, setPriceList, showPriceList } from '../../src/usecases/price-lists.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { Fault } from '../../src/values/fault.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const SKUS = Array.from({ length: 60 }, (_, n) => `SKU-${n}`)
const START = '2030-05-01T00:00:00.000Z'
let context: Context

/** An account of a platform with one channel that shows these SKUs and publishes prices; SKUs may share a parent. */
async function channelOf(platform: string, code: string, skus: readonly string[], parent: string | null = null): Promise<void> {
  const { accountId, channelId } = await quietChannel(sql, code)
  await sql`update accounts set platform = ${platform} where id = ${accountId}`
  await sql`update channels set publish_prices = true where id = ${channelId}`
  await sql`
    insert into listings (account_id, channel_id, external_id, external_parent_id, external_sku, title, variant_id)
    select ${accountId}, ${channelId}, sku, ${parent}, sku, sku, id from variants where sku = any(${skus as string[]}::text[])`
}

beforeAll(async () => {
  context = { ...(await testContext(sql)), pushPaceOf: pushPaces(connectors.map(platformShape)) }
  await layIn(sql, Object.fromEntries(SKUS.map(sku => [sku, { main: 1 }])))
  await channelOf('woocommerce', 'shop', SKUS)
  await channelOf('amazon', 'amazon-de', SKUS.slice(0, 40))
})

const sale = (skus: readonly string[], more: object = {}) => skus.map(sku => ({ sku, currency: 'EUR', amount: '9', from: START, ...more }))
const refusal = (act: Promise<unknown>): Promise<Fault> =>
  act.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => {
      if (error instanceof Fault) return error
      throw error
    },
  )

describe('dated prices', () => {
  test('that fit into a second of every channel are taken, with what is forecast', async () => {
    const { changed, forecast } = await setPrices(context, null, sale(SKUS.slice(0, 5)))
    expect(changed).toBe(5)
    expect(forecast.map(({ at, channel, listings, calls, isOnTime }) => ({ at, channel, listings, calls, isOnTime }))).toEqual([
      { at: START, channel: 'amazon-de', listings: 5, calls: 5, isOnTime: true },
      { at: START, channel: 'shop', listings: 5, calls: 1, isOnTime: true },
    ])
    expect(forecast[1]).toMatchObject({
      firstAt: '2030-05-01T00:00:00.350Z',
      lastAt: '2030-05-01T00:00:00.352Z',
      datesSentAhead: true,
      showsWithinS: 0,
    })
  })

  test('that do not, together with what begins then already, are refused with the forecast until the window is taken', async () => {
    const late = await refusal(setPrices(context, 'k1', sale(SKUS.slice(5, 20))))
    expect(late.code).toBe('late_flip')
    // 20 calls: 5 at once, 15 at three quarters of 5 a second; a call takes 0.25 s, to begin 0.1 s and 20 listings 0.008 s.
    expect(late.detail.forecast).toMatchObject([
      { channel: 'amazon-de', listings: 20, calls: 20, isOnTime: false, lastAt: '2030-05-01T00:00:04.358Z' },
      { channel: 'shop', listings: 20, calls: 1, isOnTime: true },
    ])
    expect(late.message).toContain('amazon-de cannot show 20 prices within a second of 2030-05-01T00:00:00.000Z')
    expect(await sql`select 1 from prices where starts_at is not null`).toHaveLength(5)
    const { changed } = await setPrices(context, 'k1', sale(SKUS.slice(5, 20)), { acceptWindow: true })
    expect(changed).toBe(15)
    expect(await setPrices(context, 'k1', sale(SKUS.slice(5, 20)))).toMatchObject({ changed: 15, replayed: true })
  })

  test('are forecast for their end, too, and not where nothing is published or the currency is another', async () => {
    const { forecast } = await setPrices(
      context,
      null,
      sale([SKUS[50] ?? ''], { from: '2030-06-01T00:00:00Z', to: '2030-06-02T00:00:00Z' }),
    )
    expect(forecast.map(one => [one.at, one.channel])).toEqual([
      ['2030-06-01T00:00:00.000Z', 'shop'],
      ['2030-06-02T00:00:00.000Z', 'shop'],
    ])
    expect((await setPrices(context, null, sale([SKUS[50] ?? ''], { currency: 'SEK' }))).forecast).toEqual([])
    await sql`update channels set publish_prices = false where code = 'shop'`
    expect((await setPrices(context, null, sale([SKUS[50] ?? ''], { from: '2030-07-01T00:00:00Z' }))).forecast).toEqual([])
    await sql`update channels set publish_prices = true where code = 'shop'`
  })

  test('of variations take a call for each parent, and an account with a scale of its own is so much faster', async () => {
    await channelOf('woocommerce', 'colours', SKUS.slice(0, 2), '71')
    await sql`update accounts set settings = '{"scale": 20}' where name = 'amazon-de'`
    const { forecast } = await setPrices(context, null, sale(SKUS.slice(0, 30), { from: '2030-08-01T00:00:00Z' }))
    expect(forecast.map(one => [one.channel, one.calls, one.isOnTime])).toEqual([
      ['amazon-de', 30, true],
      ['colours', 1, true],
      ['shop', 1, true],
    ])
    await sql`update accounts set settings = '{}' where name = 'amazon-de'`
  })
})

describe('price lists', () => {
  const from = '2030-09-01T00:00:00Z'
  const terms = { currency: 'EUR', kind: 'sale', from, audience: { kind: 'channel', code: 'amazon-de' } } as const

  test('are judged when they are approved, with all that they speak of', async () => {
    await setPriceList(context, null, 'autumn', terms)
    await setPriceEntries(context, null, 'autumn', [{ all: true, rule: 'percent', over: 'plain', value: '-10' }], undefined)
    const { version } = await showPriceList(context, 'autumn')
    const late = await refusal(approvePriceList(context, null, 'autumn', version))
    expect(late.detail.forecast).toMatchObject([{ channel: 'amazon-de', listings: 40, calls: 40, isOnTime: false }])
    expect((await showPriceList(context, 'autumn')).state).toBe('draft')
    const { list, forecast } = await approvePriceList(context, null, 'autumn', version, { acceptWindow: true })
    expect([list.state, forecast.length]).toEqual(['approved', 1])
  })

  test('that hold are judged when their dates are changed, for the audience that they are about to have', async () => {
    const late = await refusal(setPriceList(context, null, 'autumn', { to: '2030-09-03T00:00:00Z' }))
    expect(late.detail.forecast).toMatchObject([
      { at: '2030-09-01T00:00:00.000Z', channel: 'amazon-de' },
      { at: '2030-09-03T00:00:00.000Z', channel: 'amazon-de' },
    ])
    const moved = await setPriceList(context, null, 'autumn', { audience: { kind: 'channel', code: 'shop' }, from: '2030-10-01T00:00:00Z' })
    expect(moved.forecast).toMatchObject([{ channel: 'shop', listings: 60, calls: 1, isOnTime: true }])
  })
})
