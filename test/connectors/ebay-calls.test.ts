import { afterEach, describe, expect, test } from 'vitest'
import type { Act, PushItem } from '../../connectors/contract.ts'
import { orderStates } from '../../connectors/ebay/order-states.ts'
import { type EbayStage, type Exchange, GERMANY, openEbay } from './ebay-stage.ts'
import { goods, listingOf, shownOf } from './stage.ts'

const price = (regular: string) => [{ channelRef: GERMANY.id, price: { currency: 'EUR', regular, sale: null } }]

describe('eBay', () => {
  let stage: EbayStage
  const open = async (more: Parameters<typeof openEbay>[0] = {}): Promise<EbayStage> => {
    stage = await openEbay(more)
    return stage
  }
  afterEach(() => stage.close())

  const calls = (operation: string): number =>
    stage.sandbox.journal(0, 100_000).filter(entry => entry.kind === 'call' && entry.data.operation === operation).length

  test('gives its token to twenty calls for one request, renews it once before its end, and once when it is taken away', async () => {
    const { session, sandbox, clock } = await open()
    sandbox.seed([goods(stage, 'MUG', 5)])
    const many = () => Promise.all(Array.from({ length: 20 }, () => session.order('none')))
    await many()
    expect(calls('token')).toBe(1)
    clock.advance(7_000_000)
    await many()
    expect(calls('token')).toBe(1)
    clock.advance(150_000)
    await many()
    expect(calls('token')).toBe(2)
    sandbox.misbehave({ kind: 'unauthorized', operation: 'getOrder', times: 1 })
    expect(await session.order('none')).toBeNull()
    expect(calls('token')).toBe(3)
  })

  test('keeps every field of an offer that is replaced, also those that nobody here knows', async () => {
    const record: Exchange[] = []
    const { session, ebay } = await open({ record, settings: { contentLanguage: 'de-DE' } })
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    ebay.unpublish('MUG')
    const before = ebay.offerFields('MUG')
    const [outcome] = await session.push([{ listing, stock: { quantity: 7 }, prices: price('11.49') }])
    expect([outcome?.stock?.status, outcome?.prices?.[0]?.status]).toEqual(['accepted', 'accepted'])
    expect(Object.keys(before ?? {})).toEqual(
      expect.arrayContaining(['categoryId', 'listingPolicies', 'merchantLocationKey', 'tax', 'storeCategoryNames']),
    )
    expect(ebay.offerFields('MUG')).toEqual({ ...before, price: '11.49', availableQuantity: 7 })
    expect(shownOf(stage, 'MUG').quantity).toBe(7)
    const put = record.find(one => one.method === 'PUT')
    expect(put?.headers.get('content-language')).toBe('de-DE')
    for (const name of ['offerId', 'sku', 'status', 'listing', 'marketplaceId', 'format'])
      expect(JSON.parse(put?.asked ?? '{}')).not.toHaveProperty(name)
    expect((await listingOf(stage, 'MUG')).state).toBe('inactive')
  })

  test('sends 25 rows in a call, and one where eBay takes no more, which it keeps in mind', async () => {
    const { session, sandbox } = await open({ options: { oneSkuPerCall: true } })
    const skus = Array.from({ length: 30 }, (_, n) => `MUG-${n}`)
    sandbox.seed(skus.map(sku => goods(stage, sku, 5)))
    const items: PushItem[] = []
    for await (const page of session.listings()) items.push(...page.map(listing => ({ listing, stock: { quantity: 9 } })))
    const groups = session.group(items)
    expect(groups.map(group => group.length)).toEqual([25, 5])
    const outcomes = []
    for (const group of groups) outcomes.push(...(await session.push(group)))
    expect(outcomes.map(one => one.stock?.status)).toEqual(Array(30).fill('accepted'))
    expect(skus.map(sku => shownOf(stage, sku).quantity)).toEqual(Array(30).fill(9))
    expect(session.group(items).every(group => group.length === 1)).toBe(true)
    const before = calls('bulkUpdatePriceQuantity')
    for (const group of session.group(items.slice(0, 3))) await session.push(group)
    expect(calls('bulkUpdatePriceQuantity') - before).toBe(3)
  })

  test('lets a refused price hold no stock up, and tells each in eBay’s words', async () => {
    const { session, sandbox } = await open()
    sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
    const [mug, cap] = [await listingOf(stage, 'MUG'), await listingOf(stage, 'CAP')]
    const [first, second] = await session.push([
      { listing: mug, stock: { quantity: 0 }, prices: price('-1.00') },
      { listing: cap, stock: { quantity: 3 }, prices: price('9.00') },
    ])
    expect(first?.stock?.status).toBe('accepted')
    expect(first?.prices?.[0]).toMatchObject({ status: 'rejected', code: '25002', words: expect.stringContaining('above 0') })
    expect([second?.stock?.status, second?.prices?.[0]?.status]).toEqual(['accepted', 'accepted'])
    expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'CAP').quantity]).toEqual([0, 3])
  })

  test('refuses a price with more digits than its currency has, without a call', async () => {
    const { session, sandbox } = await open()
    sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    const [outcome] = await session.push([{ listing, prices: price('9.995') }])
    expect(outcome?.prices?.[0]).toMatchObject({ status: 'rejected', code: 'not_sendable' })
    expect(calls('bulkUpdatePriceQuantity')).toBe(0)
  })

  test('tells in its check when the consent ends, what it lacks, and what is left of the day', async () => {
    const ends = async (refreshTokenUntil: string) => {
      const { session } = await open({ settings: { refreshTokenUntil } })
      const finding = (await session.test()).findings.find(one => one.what === 'consent')
      await stage.close()
      return finding
    }
    expect(await ends('2027-11-22T08:00:00Z')).toMatchObject({ ok: true, words: expect.stringContaining('365 days') })
    expect(await ends('2026-12-02T08:00:00Z')).toMatchObject({ ok: false, words: expect.stringContaining('in 10 days') })
    expect(await ends('2026-11-01T00:00:00Z')).toMatchObject({ ok: false, words: expect.stringContaining('ended') })
    const { session } = await open({ options: { missingScopes: ['sell.fulfillment'], dailyCalls: 0.5 } })
    const { ok, findings } = await session.test()
    expect(ok).toBe(false)
    expect(findings.find(one => one.what === 'orders')).toMatchObject({ ok: false, words: expect.stringContaining('/sell.fulfillment') })
    expect(findings.find(one => one.what === 'quota')?.words).toMatch(/inventory sell\.inventory 499 of 500 until 2026-11-23T00:00:00/)
  })

  test('runs into the end of a day’s quota without losing anything, and says how long it waits', async () => {
    const { session, sandbox } = await open({ options: { dailyCalls: 0.003 } })
    sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    await session.push([{ listing, stock: { quantity: 4 } }])
    await expect(session.push([{ listing, stock: { quantity: 3 } }])).rejects.toMatchObject({ kind: 'throttled', maybeTookEffect: false })
    expect(shownOf(stage, 'MUG').quantity).toBe(4)
  })

  test('tells orders by how far they are shipped, paid and cancelled', async () => {
    const { session, sandbox } = await open()
    sandbox.seed([goods(stage, 'MUG', 100)])
    const buy = (ref: string, more: object = {}) => {
      const order = sandbox.buy({ ref, channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 3 }], ...more })
      if (!order) throw new Error('nothing was sold')
      return { id: order.externalId, line: order.lines[0]?.externalLineId ?? '' }
    }
    const ship = (order: { id: string; line: string }, quantity: number, number: string): Act => ({
      ...{
        key: number,
        kind: 'ship',
        externalOrderId: order.id,
        channelRef: GERMANY.id,
        lines: [{ externalLineId: order.line, quantity }],
      },
      tracking: { carrier: 'DHL', number, shippedAt: stage.clock.now().toISOString() },
    })
    const refund = (order: { id: string; line: string }, quantity: number) =>
      sandbox.refund(order.id, [{ externalLineId: order.line, quantity }])
    const told = async ({ id }: { id: string }) => {
      const order = await session.order(id)
      if (!order || !('effect' in order)) throw new Error(`order ${id} cannot be read`)
      expect(orderStates[order.platformState as keyof typeof orderStates]).toBe(order.effect)
      const [line] = order.lines
      return [order.platformState, order.effect, line?.shipped, line?.cancelled, line?.returned]
    }
    const unpaid = buy('unpaid', { unpaid: true })
    expect(await told(unpaid)).toEqual(['PAYMENT_PENDING', 'reserve', 0, 0, 0])
    sandbox.pay(unpaid.id)
    expect(await told(unpaid)).toEqual(['NOT_STARTED', 'reserve', 0, 0, 0])
    const part = buy('part')
    await session.act(ship(part, 1, 'P1'))
    expect(await told(part)).toEqual(['IN_PROGRESS', 'reserve', 1, 0, 0])
    sandbox.cancel(part.id)
    expect(await told(part)).toEqual(['CANCELED_PARTLY_SHIPPED', 'settle', 1, 2, 0])
    const whole = buy('whole')
    await session.act(ship(whole, 3, 'W1'))
    expect(await told(whole)).toEqual(['FULFILLED', 'settle', 3, 0, 0])
    refund(whole, 1)
    expect(await told(whole)).toEqual(['FULFILLED_PARTIALLY_REFUNDED', 'settle', 3, 0, 0])
    refund(whole, 2)
    expect(await told(whole)).toEqual(['FULFILLED_REFUNDED', 'settle', 3, 0, 0])
    const back = buy('back')
    refund(back, 1)
    expect(await told(back)).toEqual(['PARTIALLY_REFUNDED', 'reserve', 0, 0, 0])
    refund(back, 2)
    expect(await told(back)).toEqual(['REFUNDED', 'cancel', 0, 3, 0])
  })

  test('reads the orders of a long period in parts, and loses none', async () => {
    const { session, sandbox, clock } = await open()
    sandbox.seed([goods(stage, 'MUG', 5_000)])
    const from = clock.now()
    const sold = Array.from({ length: 1_300 }, (_, n) => {
      clock.advance(1_000)
      return sandbox.buy({ ref: `b${n}`, channelRef: GERMANY.id, lines: [{ sku: 'MUG', quantity: 1 }] })?.externalId
    })
    clock.advance(120_000)
    const seen: string[] = []
    for await (const page of session.orders(from)) seen.push(...page.orders.map(order => order.externalId))
    expect(new Set(seen)).toEqual(new Set(sold))
    expect(seen.length).toBeLessThan(1_310)
  })

  test('refuses to cancel and to acknowledge, and says where that is done', async () => {
    const { session } = await open()
    for (const kind of ['cancel', 'acknowledge'] as const)
      expect(await session.act({ key: 'k', kind, externalOrderId: '1', channelRef: GERMANY.id, lines: [] })).toMatchObject({
        status: 'refused',
        words: expect.stringContaining('Seller Hub'),
      })
  })
})
