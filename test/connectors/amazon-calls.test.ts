import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { credentialsShape, settingsShape } from '../../connectors/amazon/access.ts'
import { makeTokens } from '../../connectors/amazon/auth.ts'
import { amazon } from '../../connectors/amazon/index.ts'
import { patchCall } from '../../connectors/amazon/push.ts'
import { AccountTrouble, type ListingKey, type PushItem } from '../../connectors/contract.ts'
import { makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import { accessTo, type Exchange, GERMANY, KEYS, openAmazon, SELLER, SWEDEN } from './amazon-stage.ts'
import { drain, goods, listingOf, type Stage, shownOf } from './stage.ts'

const SETTINGS = { endpoint: 'https://a.example', tokenEndpoint: 'https://a.example/token', sellerId: SELLER }
const key: ListingKey = { channelRef: GERMANY.id, externalId: 'MUG', externalParentId: null, externalSku: 'MUG', productType: 'HOME' }
const euro = (regular: string) => ({ channelRef: GERMANY.id, price: { currency: 'EUR', regular, sale: null } })
const krona = (regular: string) => ({ channelRef: SWEDEN.id, price: { currency: 'SEK', regular, sale: null } })

describe('a push to Amazon', () => {
  test('carries stock and the prices of all marketplaces in one call', () => {
    const sale = { amount: '8.50', from: '2026-11-27T00:00:00.000Z', to: null }
    const price = { channelRef: GERMANY.id, price: { currency: 'EUR', regular: '10.00', sale } }
    const call = patchCall(SETTINGS, { listing: key, stock: { quantity: 7 }, prices: [price, krona('110.00')] })
    expect(call.query?.marketplaceIds).toBe([GERMANY.id, SWEDEN.id].sort().join(','))
    expect(call.body).toEqual({
      productType: 'HOME',
      patches: [
        { op: 'merge', path: '/attributes/fulfillment_availability', value: [{ fulfillment_channel_code: 'DEFAULT', quantity: 7 }] },
        {
          op: 'replace',
          path: '/attributes/purchasable_offer',
          value: [
            {
              marketplace_id: GERMANY.id,
              currency: 'EUR',
              audience: 'ALL',
              our_price: [{ schedule: [{ value_with_tax: 10 }] }],
              discounted_price: [
                { schedule: [{ value_with_tax: 8.5, start_at: '2026-11-27T00:00:00.000Z', end_at: '2099-12-31T23:59:59.000Z' }] },
              ],
            },
            { marketplace_id: SWEDEN.id, currency: 'SEK', audience: 'ALL', our_price: [{ schedule: [{ value_with_tax: 110 }] }] },
          ],
        },
      ],
    })
  })

  test('does not name the price when only stock changes', () => {
    const call = patchCall(SETTINGS, { listing: { ...key, productType: null }, stock: { quantity: 0 } })
    expect(call.body).toMatchObject({ productType: 'PRODUCT', patches: [{ op: 'merge', value: [{ quantity: 0 }] }] })
    expect(JSON.stringify(call.body)).not.toContain('purchasable_offer')
  })
})

describe('calls to Amazon', () => {
  const wire: Exchange[] = []
  let stage: Stage

  beforeEach(async () => {
    wire.length = 0
    stage = await openAmazon({ record: wire })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
  })
  afterEach(() => stage.close())
  const tokens = () => wire.filter(one => one.url.pathname === '/auth/o2/token').length

  test('share one token, and renew it a minute before it ends', async () => {
    const listing = await listingOf(stage, 'MUG')
    await Promise.all([1, 2, 3].map(() => stage.session.readListings([listing])))
    expect(tokens()).toBe(1)
    stage.clock.advance(58 * 60_000)
    await stage.session.readListings([listing])
    expect(tokens()).toBe(1)
    stage.clock.advance(61_000)
    await stage.session.readListings([listing])
    expect(tokens()).toBe(2)
  })

  test('ask for one new token when a token is refused, and go on', async () => {
    const listing = await listingOf(stage, 'MUG')
    stage.sandbox.misbehave({ kind: 'unauthorized', operation: 'patchListingsItem', times: 1 })
    expect(await stage.session.push([{ listing, stock: { quantity: 3 } }])).toEqual([{ stock: { status: 'accepted', applied: false } }])
    expect(tokens()).toBe(2)
  })

  test('ask for one new token when it is taken away while many are under way', async () => {
    let given = 0
    const http = async () => ({ status: 200, headers: {}, text: JSON.stringify({ access_token: `token-${++given}`, expires_in: 3600 }) })
    const { settings, credentials } = accessTo('https://a.example')
    const tools = { http, pace: makePace(amazon.limits, { scale: 1000, full: true }), now: () => new Date() }
    const made = makeTokens(settingsShape.parse(settings), credentialsShape.parse(credentials), tools)
    const old = await made.current()
    const renewed = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        // Each learns at a time of its own that the token is refused, some after it was renewed.
        for (let turn = 0; turn < n; turn++) await Promise.resolve()
        made.forget(old)
        return made.current()
      }),
    )
    expect(new Set(renewed)).toEqual(new Set(['token-2']))
    expect(given).toBe(2)
  })

  test('refuse the account after the second refusal, and do not storm the token endpoint', async () => {
    const listing = await listingOf(stage, 'MUG')
    stage.sandbox.misbehave({ kind: 'unauthorized', operation: 'patchListingsItem' })
    await expect(stage.session.push([{ listing, stock: { quantity: 3 } }])).rejects.toMatchObject({ kind: 'auth', maybeTookEffect: false })
    expect(tokens()).toBe(2)
  })

  test('refuse a price without holding back the stock that was sent with it', async () => {
    const listing = await listingOf(stage, 'MUG')
    const item: PushItem = { listing, stock: { quantity: 3 }, prices: [euro('-1.00'), krona('120.00')] }
    const [outcome] = await stage.session.push([item])
    expect(outcome?.prices?.[0]).toEqual({ status: 'rejected', code: '18155', words: 'The price -1 must be above 0.' })
    expect(outcome?.prices?.[1]).toMatchObject({ status: 'retry', afterMs: 0 })
    expect(outcome?.stock).toMatchObject({ status: 'retry', afterMs: 0 })
    const again: PushItem = { listing, stock: { quantity: 3 }, prices: [krona('120.00')] }
    expect((await stage.session.push([again]))[0]).toEqual({
      stock: { status: 'accepted', applied: false },
      prices: [{ status: 'accepted', applied: false }],
    })
    await stage.settle()
    expect(shownOf(stage, 'MUG')).toMatchObject({
      quantity: 3,
      prices: { [GERMANY.id]: { regular: '10.00' }, [SWEDEN.id]: { regular: '120.00' } },
    })
  })

  test('show an open sale as open when it is read back', async () => {
    const sale = { amount: '8.50', from: null, to: null }
    const listing = await listingOf(stage, 'MUG')
    await stage.session.push([{ listing, prices: [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular: '10.00', sale } }] }])
    await stage.settle()
    const [read] = await stage.session.readListings([listing])
    expect(read?.price).toEqual({ currency: 'EUR', regular: '10.00', sale })
  })

  test('wait by the bucket that Amazon names in its header', async () => {
    const learned: [string, number][] = []
    const { http, close } = makeHttp()
    const pace = makePace(amazon.limits, { scale: 1000, full: true })
    const session = amazon.open(accessTo(wire[0]?.url.origin ?? (await originOf(stage, wire))), {
      http,
      now: stage.clock.now,
      pace: { ...pace, learn: (operation, ratePerS) => void learned.push([operation, ratePerS]) },
    })
    await drain(session.listings())
    await drain(session.listings())
    await close()
    expect(learned).toEqual([['searchListingsItems', 5000]])
  })

  test.each(['A/B', 'A B', '50%', 'ä&ö=1', 'A+B', 'A,B', '#1'])('reach a listing whose SKU is %s', async sku => {
    stage.sandbox.seed([goods(stage, sku, 5), goods(stage, 'B', 1)])
    const listing = await listingOf(stage, sku)
    expect((await stage.session.readListings([listing])).map(one => one.externalSku)).toEqual([sku])
    await stage.session.push([{ listing, stock: { quantity: 8 } }])
    await stage.settle()
    expect(shownOf(stage, sku).quantity).toBe(8)
  })

  test('list more SKUs than one search of Amazon reaches, each once', async () => {
    const skus = Array.from({ length: 2100 }, (_, n) => `S-${n}`)
    stage.sandbox.seed(skus.map(sku => goods(stage, sku, 1)))
    const listed = (await drain(stage.session.listings())).filter(one => one.channelRef === GERMANY.id).map(one => one.externalSku)
    expect(listed.length).toBe(2101)
    expect(new Set(listed)).toEqual(new Set([...skus, 'MUG']))
  })

  test('refuse to read more listings at once than Amazon answers', async () => {
    const keys = Array.from({ length: 21 }, (_, n) => ({ ...key, externalSku: `S-${n}` }))
    await expect(stage.session.readListings(keys)).rejects.toThrow('At most 20 listings')
  })

  test.each([
    ['a wrong seller id', { sellerId: 'A00000000000000' }, 'seller id', 'check the seller id'],
    ['a queue that is not there', { queueUrl: '/000000000000/other' }, 'notification queue', 'QueueDoesNotExist'],
  ])('name %s in the test of the account', async (_title, wrong, what, words) => {
    const origin = await originOf(stage, wire)
    const access = accessTo(origin)
    const settings = { ...access.settings, ...wrong, ...('queueUrl' in wrong ? { queueUrl: `${origin}${wrong.queueUrl}` } : {}) }
    const { http, close } = makeHttp()
    const session = amazon.open(
      { ...access, settings },
      { http, now: stage.clock.now, pace: makePace(amazon.limits, { scale: 1000, full: true }) },
    )
    const check = await session.test()
    await close()
    expect(check.ok).toBe(false)
    expect(check.findings.filter(one => !one.ok)).toEqual([{ what, ok: false, words: expect.stringContaining(words) }])
  })

  test('name a marketplace that the seller does not sell in, and a currency that is not its own', async () => {
    const access = accessTo(await originOf(stage, wire))
    const channels = [
      { ref: 'ATVPDKIKX0DER', currency: 'USD', zone: 'America/New_York' },
      { ref: SWEDEN.id, currency: 'EUR', zone: 'Europe/Stockholm' },
    ]
    const { http, close } = makeHttp()
    const session = amazon.open(
      { ...access, channels },
      { http, now: stage.clock.now, pace: makePace(amazon.limits, { scale: 1000, full: true }) },
    )
    const words = (await session.test()).findings.filter(one => one.what.startsWith('marketplace')).map(one => one.words)
    await close()
    expect(words[0]).toContain('does not sell in ATVPDKIKX0DER')
    expect(words[1]).toBe('Amazon SE sells in SEK, but the channel is set to EUR.')
  })

  test('are signed for AWS on the queue where a key is stored, and bare where none is', async () => {
    const origin = await originOf(stage, wire)
    const access = accessTo(origin, { ...KEYS, queueKeyId: 'AKIDEXAMPLE', queueSecret: 'queue-secret-x' })
    const { http, close } = makeHttp()
    const session = amazon.open(access, { http, now: stage.clock.now, pace: makePace(amazon.limits, { scale: 1000, full: true }) })
    await session.receive?.()
    await stage.session.receive?.()
    await close()
    const signed = wire.filter(one => one.target === 'AmazonSQS.ReceiveMessage').map(one => one.authorization)
    expect(signed[0]).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261122\/us-east-1\/sqs\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, /,
    )
    expect(signed[1]).toBeNull()
  })

  test('say that an address which nobody answers is down, not that the value was taken', async () => {
    const { http, close } = makeHttp()
    const session = amazon.open(accessTo('http://127.0.0.1:9'), {
      http,
      now: stage.clock.now,
      pace: makePace(amazon.limits, { scale: 1000, full: true }),
    })
    const trouble = await session.push([{ listing: key, stock: { quantity: 1 } }]).catch((error: unknown) => error)
    await close()
    expect(trouble).toBeInstanceOf(AccountTrouble)
    expect(trouble).toMatchObject({ kind: 'down', maybeTookEffect: false })
  })
})

/** The sandbox's address, learnt from a call. */
async function originOf(stage: Stage, wire: readonly Exchange[]): Promise<string> {
  await stage.session.readListings([key])
  const [first] = wire
  if (!first) throw new Error('no call was recorded')
  return first.url.origin
}
