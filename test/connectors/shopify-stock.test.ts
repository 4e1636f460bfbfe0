import { afterAll, describe, expect, test } from 'vitest'
import { AccountTrouble, type PushItem } from '../../connectors/contract.ts'
import { makePace } from '../../connectors/pace.ts'
import { shopify } from '../../connectors/shopify/index.ts'
import { shownPrice } from '../../connectors/shopify/listings.ts'
import { amountsOf } from '../../connectors/shopify/prices.ts'
import { makeShopifySandbox } from '../../connectors/shopify/sandbox.ts'
import { virtualTime } from '../support/virtual-time.ts'
import { officialSchema, wrongWith } from './shopify-schema.ts'
import { BERLIN, exchanges, LOCATIONS, MALMO, onShopify, shopifyKeys, watched, withShopify } from './shopify-stage.ts'
import { drain, goods, listingOf, STARTED_AT, type Stage, seeded, shownOf } from './stage.ts'

const since = (mark: number, name: string) => exchanges.slice(mark).filter(one => one.operationName === name)
type Row = { readonly quantity: number; readonly changeFromQuantity: number; readonly locationId: string }
const rowsOf = (variables: Record<string, unknown>): Row[] => (variables.input as { quantities: Row[] }).quantities

async function itemOf(stage: Stage, sku: string, quantity: number): Promise<PushItem> {
  return { listing: await listingOf(stage, sku), stock: { quantity } }
}

afterAll(() => {
  const schema = officialSchema()
  if (schema !== null) expect(exchanges.flatMap(exchange => wrongWith(schema, exchange))).toEqual([])
})

describe('stock at Shopify', () => {
  test('every row says what it is to be changed from, every call has a key of its own, and no call has more than 250 rows', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed(Array.from({ length: 620 }, (_, n) => goods(stage, `S-${n}`, n)))
      const items = (await drain(stage.session.listings())).map((listing): PushItem => ({ listing, stock: { quantity: 7 } }))
      const mark = exchanges.length
      for (const group of stage.session.group(items)) await stage.session.push(group)
      const calls = since(mark, 'SetQuantities')
      // The one that shows 7 already is not written.
      expect(calls.flatMap(call => rowsOf(call.variables)).length).toBe(619)
      for (const { query, variables } of calls) {
        expect(rowsOf(variables).length).toBeLessThanOrEqual(250)
        expect(rowsOf(variables).every(row => Number.isInteger(row.changeFromQuantity))).toBe(true)
        expect(query).toContain('@idempotent(key: $key)')
      }
      expect(new Set(calls.map(call => call.variables.key)).size).toBe(calls.length)
      expect(stage.sandbox.shown().every(listing => listing.quantity === 7)).toBe(true)
    }))

  test('the shop refuses a row without it, a call without a key, and 251 rows', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const row = { inventoryItemId: 'gid://shopify/InventoryItem/50001', locationId: 'gid://shopify/Location/70001', quantity: 1 }
      const ask = async (directive: string, quantities: readonly object[]): Promise<string> => {
        const query = `mutation A($input: InventorySetQuantitiesInput!) { inventorySetQuantities(input: $input) ${directive} { userErrors { code field message } } }`
        const variables = { input: { name: 'available', reason: 'correction', quantities } }
        const headers = { 'x-shopify-access-token': shopifyKeys.accessToken }
        const body = JSON.stringify({ query, operationName: 'A', variables })
        return (
          await stage.sandbox.fetch(new Request('https://x.example/admin/api/2026-10/graphql.json', { method: 'POST', headers, body }))
        ).text()
      }
      const key = '@idempotent(key: "k1")'
      expect(await ask(key, [row])).toContain('changeFromQuantity')
      expect(await ask('', [{ ...row, changeFromQuantity: 5 }])).toContain('@idempotent')
      expect(
        await ask(
          key,
          Array.from({ length: 251 }, () => ({ ...row, changeFromQuantity: null })),
        ),
      ).toContain('250')
      expect(await ask(key, [{ ...row, changeFromQuantity: 5 }])).toContain('"userErrors":[]')
      expect(await ask(key, [{ ...row, changeFromQuantity: 4 }])).toContain('IDEMPOTENCY_KEY_PARAMETER_MISMATCH')
      expect(shownOf(stage, 'MUG').quantity).toBe(1)
    }))

  test.each([
    ['raised over a sale that just happened: it is not, until the hub knows of it', 9, 'retry', 3],
    ['lowered below what the sale left: it is, compared with what is there now', 1, 'accepted', 1],
    ['set to what the sale left: it is shown already', 3, 'accepted', 3],
  ])('stock that is to be %s', (_, quantity, status, shown) => {
    let isArmed = true
    return onShopify(
      {
        before: (operation, sandbox) => {
          if (operation !== 'SetQuantities' || !isArmed) return
          isArmed = false
          sandbox.buy({ ref: 'between', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 2 }] })
        },
      },
      async stage => {
        stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
        const outcomes = await stage.session.push([await itemOf(stage, 'MUG', quantity), await itemOf(stage, 'CAP', 8)])
        expect(outcomes.map(outcome => outcome.stock?.status)).toEqual([status, 'accepted'])
        expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'CAP').quantity]).toEqual([shown, 8])
      },
    )
  })

  test.each([
    ['raised over a sale since the hub looked: it is not, until the hub knows of it', 9, 'retry', 3],
    ['raised to less than the hub knew, and more than is left: it is not either', 4, 'retry', 3],
    ['lowered below what the sale left: it is', 1, 'accepted', 1],
  ])('stock that is to be %s', (_, quantity, status, shown) =>
    onShopify({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
      const [mug, cap] = [await itemOf(stage, 'MUG', quantity), await itemOf(stage, 'CAP', 8)]
      stage.sandbox.buy({ ref: 'since', channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 2 }] })
      const outcomes = await stage.session.push(
        [mug, cap].map(item => ({ ...item, stock: { quantity: item.stock?.quantity ?? 0, expected: 5 } })),
      )
      expect(outcomes.map(outcome => outcome.stock?.status)).toEqual([status, 'accepted'])
      expect([shownOf(stage, 'MUG').quantity, shownOf(stage, 'CAP').quantity]).toEqual([shown, 8])
    }),
  )

  test('is never written where Shopify does not track it, and says so', () =>
    withShopify(
      ({ name }) =>
        name === 'StockBefore'
          ? {
              nodes: [
                {
                  id: 'gid://shopify/ProductVariant/1',
                  inventoryItem: { id: 'gid://shopify/InventoryItem/2', tracked: false, inventoryLevel: null },
                },
              ],
            }
          : undefined,
      async (session, asked) => {
        const listing = { channelRef: BERLIN.ref, externalId: '1', externalParentId: '3', externalSku: 'MUG', productType: null }
        const [outcome] = await session.push([{ listing, stock: { quantity: 3 } }])
        expect(outcome?.stock).toMatchObject({ status: 'rejected', code: 'not_tracked', words: expect.stringContaining('MUG') })
        expect(asked.map(call => call.name)).toEqual(['StockBefore'])
      },
    ))

  test('lies at each location by itself: read, written and begun there', () =>
    onShopify({ channels: [BERLIN, MALMO], locations: LOCATIONS }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const quantities = async () => (await drain(stage.session.listings())).map(one => [one.channelRef, one.quantity])
      expect(await quantities()).toEqual([
        ['70001', 5],
        ['70002', 0],
      ])
      const there = await listingOf(stage, 'MUG', MALMO.ref)
      // Nothing is stocked in Malmö yet: zero is shown already, anything else is begun there.
      expect((await stage.session.push([{ listing: there, stock: { quantity: 0 } }]))[0]?.stock).toEqual({
        status: 'accepted',
        applied: true,
      })
      const mark = exchanges.length
      for (const quantity of [4, 6]) {
        const items = [{ listing: there, stock: { quantity } }, await itemOf(stage, 'MUG', 2)]
        for (const group of stage.session.group(items))
          for (const outcome of await stage.session.push(group)) expect(outcome.stock).toEqual({ status: 'accepted', applied: true })
        expect(await quantities()).toEqual([
          ['70001', 2],
          ['70002', quantity],
        ])
      }
      expect(since(mark, 'Activate').length).toBe(1)
      expect((await stage.session.readListings([there])).map(one => [one.channelRef, one.quantity])).toEqual([['70002', 6]])
    }))
})

describe('prices at Shopify', () => {
  test('are what buyers pay, and what that is compared with', () => {
    const euros = (regular: string, amount: string | null) => ({
      ...{ currency: 'EUR', regular, sale: amount === null ? null : { amount, from: null, to: null } },
    })
    expect(amountsOf(euros('10.00', null))).toEqual({ price: '10.00', compareAtPrice: null })
    expect(amountsOf(euros('10.00', '8.00'))).toEqual({ price: '8.00', compareAtPrice: '10.00' })
    for (const shown of [euros('10.00', null), euros('10.00', '8.00')])
      expect(shownPrice(amountsOf(shown).price, amountsOf(shown).compareAtPrice, 'EUR')).toEqual(shown)
    // Shopify shows no sale where the price compared with is not higher.
    expect(shownPrice('10.00', '9.00', 'EUR')).toEqual(euros('10.00', null))
  })

  test('begin and end a sale, and leave the other variants of the product as they are', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed(['S', 'M', 'L'].map(size => goods(stage, `TEE-${size}`, 5, { parent: 'TEE' })))
      const listing = await listingOf(stage, 'TEE-M')
      for (const sale of [{ amount: '8.00', from: null, to: null }, null]) {
        const price = { currency: 'EUR', regular: '10.50', sale }
        const [outcome] = await stage.session.push([{ listing, prices: [{ channelRef: BERLIN.ref, price }] }])
        expect(outcome?.prices).toEqual([{ status: 'accepted', applied: true }])
        expect((await listingOf(stage, 'TEE-M')).price).toEqual(price)
      }
      expect(stage.sandbox.shown().map(one => [one.sku, one.prices[BERLIN.ref]?.regular])).toEqual([
        ['TEE-S', '10.00'],
        ['TEE-M', '10.50'],
        ['TEE-L', '10.00'],
      ])
    }))

  test('go product by product, and are refused one by one', () =>
    onShopify({}, async stage => {
      stage.sandbox.seed(['A-1', 'A-2', 'B-1', 'B-2'].map(sku => goods(stage, sku, 5, { parent: sku.slice(0, 1) })))
      const price = { currency: 'EUR', regular: '12.00', sale: null }
      const items = (await drain(stage.session.listings())).map(
        (listing): PushItem => ({ listing, prices: [{ channelRef: BERLIN.ref, price }] }),
      )
      expect(stage.session.group(items).map(group => group.map(item => item.listing.externalSku))).toEqual([
        ['A-1', 'A-2'],
        ['B-1', 'B-2'],
      ])
      stage.sandbox.misbehave({ kind: 'partial', operation: 'SetPrices', times: 1 })
      const outcomes = await stage.session.push(items)
      expect(outcomes.map(outcome => outcome.prices?.[0]?.status)).toEqual(['rejected', 'accepted', 'accepted', 'accepted'])
      expect(outcomes[0]?.prices?.[0]).toMatchObject({ code: 'INVALID_VALUE', words: expect.stringContaining('A-1') })
    }))

  test('are the shop’s own: not written from a second location, nor in another currency', () =>
    onShopify({ channels: [BERLIN, MALMO], locations: LOCATIONS }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const priced = async (channelRef: string, currency: string) => {
        const prices = [{ channelRef, price: { currency, regular: '3.00', sale: null } }]
        return (await stage.session.push([{ listing: await listingOf(stage, 'MUG', channelRef), prices }]))[0]?.prices?.[0]
      }
      expect(await priced(MALMO.ref, 'EUR')).toMatchObject({
        status: 'rejected',
        code: 'price_of_the_shop',
        words: expect.stringContaining('70001'),
      })
      expect(await priced(BERLIN.ref, 'USD')).toMatchObject({ status: 'rejected', words: expect.stringMatching(/MUG.*USD.*EUR/) })
      expect(shownOf(stage, 'MUG').prices[BERLIN.ref]?.regular).toBe('10.00')
      expect(await priced(BERLIN.ref, 'EUR')).toEqual({ status: 'accepted', applied: true })
    }))
})

describe('Shopify’s bucket of points', () => {
  const throttled = { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }] }
  const listing = { channelRef: BERLIN.ref, externalId: '1', externalParentId: '3', externalSku: 'MUG', productType: null }

  test('says "throttled" in a 200; the wait is what is missing by what comes back', () =>
    withShopify(
      () => {
        const throttleStatus = { maximumAvailable: 2000, currentlyAvailable: 12, restoreRate: 100 }
        return Response.json({ ...throttled, extensions: { cost: { requestedQueryCost: 412, actualQueryCost: null, throttleStatus } } })
      },
      async session => {
        const trouble = await session.push([{ listing, stock: { quantity: 1 } }]).catch((error: unknown) => error)
        expect(trouble).toBeInstanceOf(AccountTrouble)
        expect(trouble).toMatchObject({ kind: 'throttled', afterMs: 4000, maybeTookEffect: false })
      },
    ))

  /** A session in virtual time with a shop of the smallest plan, counting what the shop refused. */
  async function pushing(): Promise<{ readonly refused: number; readonly seconds: number; readonly shown: number }> {
    const time = virtualTime()
    const now = () => new Date(STARTED_AT.getTime() + time.now())
    const options = { file: ':memory:', now, scale: 1, random: seeded(1), deliver: async () => 200, lagMs: 0, ...shopifyKeys }
    const sandbox = watched(makeShopifySandbox(options))
    sandbox.seed(
      Array.from({ length: 1500 }, (_, n) => ({
        sku: `S-${n}`,
        title: `S-${n}`,
        gtin: null,
        quantity: 1,
        prices: { '70001': '10.00' },
        parent: null,
      })),
    )
    const pace = makePace(shopify.limits, { timer: time.timer })
    const http = async (call: { url: string; method: string; headers?: Readonly<Record<string, string>>; body?: string }) => {
      const { url, method, headers = {}, body = '' } = call
      const answer = await sandbox.fetch(new Request(url, { method, headers: { ...headers }, body }))
      return { status: answer.status, headers: {}, text: await answer.text() }
    }
    const access = { settings: { url: 'https://x.example' }, credentials: shopifyKeys, channels: [BERLIN] }
    const session = shopify.open(access, { http, pace, now })
    const work = (async () => {
      const items = (await drain(session.listings())).map((one): PushItem => ({ listing: one, stock: { quantity: 2 } }))
      for (const group of session.group(items)) await session.push(group)
    })().catch((error: unknown) => error)
    let isOver = false
    void work.then(() => {
      isOver = true
    })
    await time.runTo(600_000, () => isOver)
    const refused = sandbox.journal(0, 10_000).filter(entry => entry.kind === 'call' && entry.data.refused === true).length
    const shown = sandbox.shown().filter(one => one.quantity === 2).length
    sandbox.close()
    return { refused, seconds: time.now() / 1000, shown }
  }

  test('never refuses the hub, which paces by points', async () => {
    const { refused, seconds, shown } = await pushing()
    expect([refused, shown]).toEqual([0, 1500])
    // 1,500 listings at 5 points to read, 4 to compare and 2 to set are 16,500 points and some, of which 100 come back each second.
    expect(seconds).toBeGreaterThan(140)
    expect(seconds).toBeLessThan(220)
  })
})
