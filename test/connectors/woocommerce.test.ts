import { describe, expect, test } from 'vitest'
import { AccountTrouble, type PushItem } from '../../connectors/contract.ts'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { conformance } from './conformance.ts'
import { drain, goods, listingOf, type Stage, shownOf } from './stage.ts'
import { onWoo, stage, withServer, wooChannels } from './woocommerce-stage.ts'

conformance('WooCommerce', stage)

const json = (body: unknown, status = 200): Response => Response.json(body, { status })

async function itemOf(stage: Stage, sku: string, quantity: number): Promise<PushItem> {
  return { listing: await listingOf(stage, sku), stock: { quantity } }
}

describe('pushing to WooCommerce', () => {
  test('sends simple products together and variations by their parent, at most 100 in a call', () =>
    onWoo({}, async stage => {
      const simple = Array.from({ length: 130 }, (_, n) => goods(stage, `S-${n}`, 1))
      stage.sandbox.seed([...simple, ...['A-1', 'A-2', 'B-1'].map(sku => goods(stage, sku, 1, { parent: sku.slice(0, 1) }))])
      const items = (await drain(stage.session.listings())).map(listing => ({ listing, stock: { quantity: 2 } }))
      expect(
        stage.session.group(items).map(group => [group.length, new Set(group.map(item => item.listing.externalParentId)).size]),
      ).toEqual([
        [100, 1],
        [30, 1],
        [2, 1],
        [1, 1],
      ])
      const before = stage.sandbox.journal(0, 10_000).length
      const outcomes = await stage.session.push(items)
      expect(outcomes.every(outcome => outcome.stock?.status === 'accepted' && outcome.stock.applied)).toBe(true)
      const calls = stage.sandbox.journal(before, 10_000).filter(entry => entry.kind === 'call' && entry.ref?.endsWith('.batch'))
      expect(calls.map(call => call.ref)).toEqual(['products.batch', 'products.batch', 'variations.batch', 'variations.batch'])
    }))

  test('halves a batch that the host finds too large, and the bad item alone is refused', () =>
    onWoo({ batchMax: 3 }, async stage => {
      stage.sandbox.seed(Array.from({ length: 8 }, (_, n) => goods(stage, `S-${n}`, 1)))
      const items: PushItem[] = []
      for (let n = 0; n < 8; n += 1) items.push(await itemOf(stage, `S-${n}`, 40 + n))
      expect((await stage.session.push(items)).map(outcome => outcome.stock?.status)).toEqual(Array.from({ length: 8 }, () => 'accepted'))
      expect(stage.sandbox.shown().map(listing => listing.quantity)).toEqual([40, 41, 42, 43, 44, 45, 46, 47])
    }))

  test('sends fewer in a call to a shop whose settings say so', () =>
    withServer(
      () => json({ update: [] }),
      async (session, calls) => {
        const items = Array.from({ length: 5 }, (_, n) => ({ ...pushOne, listing: { ...listing, externalId: String(n + 1) } }))
        expect(session.group(items).map(group => group.length)).toEqual([2, 2, 1])
        await session.push(items)
        expect(calls.length).toBe(3)
      },
      { batchMax: 2 },
    ))

  test('refuses a price of another currency and an id that is none, without a call for them', () =>
    onWoo({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const { listing } = await itemOf(stage, 'MUG', 1)
      const price = { currency: 'USD', regular: '3.00', sale: null }
      const [dollars, nonsense, good] = await stage.session.push([
        { listing, prices: [{ channelRef: 'shop', price }] },
        { listing: { ...listing, externalId: 'B0-ASIN' }, stock: { quantity: 1 } },
        { listing, stock: { quantity: 1 } },
      ])
      expect(dollars?.prices?.[0]).toMatchObject({ status: 'rejected', words: expect.stringMatching(/MUG.*USD.*EUR/) })
      expect(nonsense?.stock).toMatchObject({ status: 'rejected', words: expect.stringContaining('B0-ASIN') })
      expect(good?.stock).toEqual({ status: 'accepted', applied: true })
      expect(Number(shownOf(stage, 'MUG').prices.shop?.regular)).toBe(10)
    }))

  test('names the SKU and the next step when a product is gone', () =>
    onWoo({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const { listing } = await itemOf(stage, 'MUG', 1)
      const [outcome] = await stage.session.push([{ listing: { ...listing, externalId: '424242' }, stock: { quantity: 1 } }])
      expect(outcome?.stock).toEqual({
        status: 'rejected',
        code: 'woocommerce_rest_product_invalid_id',
        words: 'WooCommerce refuses MUG: Invalid ID. It is no longer in the shop: match the listing anew.',
      })
    }))

  const listing = { channelRef: 'shop', externalId: '7', externalParentId: null, externalSku: 'MUG', productType: 'simple' }
  const pushOne = { listing, stock: { quantity: 3 } }

  test('retries an item whose own error is the server’s, and one that the answer leaves out', () =>
    withServer(
      () => json({ update: [{ id: 7, error: { code: 'db_update_error', message: 'Deadlock found', data: { status: 500 } } }] }),
      async session => {
        const other = { ...pushOne, listing: { ...listing, externalId: '8' } }
        const outcomes = await session.push([pushOne, other])
        expect(outcomes.map(outcome => outcome.stock)).toEqual([
          { status: 'retry', words: 'MUG: Deadlock found', afterMs: 5000 },
          { status: 'retry', words: expect.stringContaining('MUG'), afterMs: 5000 },
        ])
      },
    ))

  test('says accepted but not applied when the shop echoes another number', () =>
    withServer(
      () =>
        json({
          update: [
            { id: 7, name: 'Mug', status: 'publish', sku: 'MUG', manage_stock: true, stock_quantity: 2, regular_price: '', sale_price: '' },
          ],
        }),
      async session => expect((await session.push([pushOne]))[0]?.stock).toEqual({ status: 'accepted', applied: false }),
    ))

  test.each([
    ['a page of HTML', () => new Response('<!doctype html><h1>Hello</h1>')],
    ['JSON that is cut off', () => new Response('{"update":[{"id":7,')],
    ['JSON of another shape', () => json({ success: true })],
    ['a PHP notice before the JSON', () => new Response('<b>Notice</b>: x in y {"update":[]}')],
  ])('takes %s for trouble after which the value must be read again', (_, answer) =>
    withServer(answer, async session => {
      await expect(session.push([pushOne])).rejects.toMatchObject({ kind: 'down', maybeTookEffect: true })
      await expect(drain(session.listings())).rejects.toMatchObject({ kind: 'down', maybeTookEffect: false })
    }),
  )
})

describe('waiting as the host asks', () => {
  test.each([
    [429, '7', 7000],
    [429, 'Sun, 22 Nov 2026 08:00:20 GMT', 20_000],
    [429, undefined, 30_000],
    [429, '999999', 999_999_000],
    [503, '5', 5000],
  ])('HTTP %i with Retry-After %s waits %i ms', (status, header, afterMs) =>
    withServer(
      () => new Response('busy', { status, ...(header ? { headers: { 'retry-after': header } } : {}) }),
      async session => {
        const trouble = await session
          .readListings([{ channelRef: 'shop', externalId: '7', externalParentId: null, externalSku: 'M', productType: null }])
          .catch(error => error)
        expect(trouble).toBeInstanceOf(AccountTrouble)
        expect([trouble.kind, trouble.afterMs]).toEqual(['throttled', afterMs])
      },
    ),
  )

  test('a 503 that asks for no wait is a shop that is down', () =>
    withServer(
      () => new Response('maintenance', { status: 503 }),
      async session => expect(session.order('7')).rejects.toMatchObject({ kind: 'down', maybeTookEffect: false }),
    ))
})

describe('testing a WooCommerce account', () => {
  const failed = (check: { findings: readonly { what: string; ok: boolean; words: string }[] }): string[] =>
    check.findings.filter(finding => !finding.ok).map(finding => `${finding.what}: ${finding.words}`)

  test('names plain permalinks, where there is no API at all', () =>
    withServer(
      () => new Response('<h1>Not found</h1>', { status: 404 }),
      async session => expect(failed(await session.test())).toEqual([expect.stringMatching(/^address: .*Permalinks/)]),
    ))

  test('names a key that may only read', () =>
    onWoo({ permissions: 'read' }, async stage => {
      expect(failed(await stage.session.test())).toEqual([expect.stringMatching(/^write permission: .*Read\/Write/)])
    }))

  test('names a wrong key', () =>
    onWoo({}, async stage => expect(failed(await stage.stranger.test())).toEqual([expect.stringMatching(/^key: .*REST API/)])))

  test('names a shop in another currency than the channel', () =>
    onWoo({ currency: 'CHF' }, async stage =>
      expect(failed(await stage.session.test())).toEqual(['currency: the shop sells in CHF, the channel is set to EUR']),
    ))

  test('names a shop that cannot be reached', () =>
    withServer(
      () => json({}),
      async session => {
        const check = await session.test()
        expect(failed(check)).toEqual([expect.stringMatching(/^address: /)])
      },
      { url: 'http://127.0.0.1:9' },
    ))

  test('takes only settings that it knows', () => {
    expect(woocommerce.settings.safeParse({ url: 'https://shop.example', orderStates: { 'awaiting-pickup': 'reserve' } }).success).toBe(
      true,
    )
    for (const bad of [{}, { url: 'shop.example' }, { url: 'ftp://shop.example' }, { url: 'https://shop.example', user: 'x' }])
      expect(woocommerce.settings.safeParse(bad).success).toBe(false)
    expect(wooChannels.length).toBe(1)
  })
})
