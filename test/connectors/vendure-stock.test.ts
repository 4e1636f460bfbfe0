import { expect, test } from 'vitest'
import type { PushItem, RemoteListing } from '../../connectors/contract.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { addFulfilment } from '../../connectors/vendure/operations.ts'
import { drain, goods, listingOf, type Stage, shownOf } from './stage.ts'
import { askedOf, EUR, exchanges, FACTS, onVendure, USD, vendureKeys, withVendure } from './vendure-stage.ts'

const JPY = { ref: 'JPY', currency: 'JPY', zone: 'Asia/Tokyo' }
const KWD = { ref: 'KWD', currency: 'KWD', zone: 'Asia/Kuwait' }

const priced = (listing: RemoteListing, regular: string, currency = listing.channelRef): PushItem => ({
  listing,
  prices: [{ channelRef: listing.channelRef, price: { currency, regular, sale: null } }],
})

/** What lies there and what of it is allocated, as the server last wrote it down. */
function shelf(stage: Stage, sku: string): [unknown, unknown] {
  const last = stage.sandbox.journal(0, 10_000).findLast(entry => entry.kind === 'quantity' && entry.sku === sku)
  return [last?.data.onHand, last?.data.allocated]
}

const writes = (stage: Stage): number => stage.sandbox.journal(0, 10_000).filter(entry => entry.ref === 'UpdateVariants').length

/** Somebody in the shop sends units of an order's first line. */
async function staffSends(sandbox: Sandbox, lineId: string, quantity: number): Promise<void> {
  const handler = { code: 'manual-fulfillment', arguments: [] }
  const variables = { input: { lines: [{ orderLineId: lineId, quantity }], handler } }
  const body = JSON.stringify({ query: addFulfilment.text, operationName: 'Staff', variables })
  const headers = { 'vendure-api-key': vendureKeys.apiKey }
  await sandbox.fetch(new Request('http://127.0.0.1/admin-api', { method: 'POST', body, headers }))
}

test('what may be sold goes out plus what is allocated, and is read less that: no unit of an open order is given back or kept back', async () => {
  await onVendure({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    stage.sandbox.buy({ ref: 'b1', channelRef: 'EUR', lines: [{ sku: 'MUG', quantity: 2 }] })
    expect((await stage.session.readListings([listing]))[0]?.quantity).toBe(3)
    const [outcome] = await stage.session.push([{ listing, stock: { quantity: 7 } }])
    expect(outcome?.stock).toEqual({ status: 'accepted', applied: true })
    expect([shownOf(stage, 'MUG').quantity, shelf(stage, 'MUG')]).toEqual([7, [9, 2]])
    expect((await stage.session.readListings([listing]))[0]?.quantity).toBe(7)
    // What shows already needs no call.
    const before = writes(stage)
    expect((await stage.session.push([{ listing, stock: { quantity: 7 } }]))[0]?.stock).toEqual({ status: 'accepted', applied: true })
    expect(writes(stage)).toBe(before)
  })
})

test('an order that is placed between the look and the write takes its units off by itself', async () => {
  let isOpen = false
  const before = (operation: string, sandbox: Sandbox): void => {
    if (isOpen && operation === 'UpdateVariants') sandbox.buy({ ref: 'meanwhile', channelRef: 'EUR', lines: [{ sku: 'MUG', quantity: 2 }] })
  }
  await onVendure({ before }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    isOpen = true
    expect((await stage.session.push([{ listing, stock: { quantity: 9 } }]))[0]?.stock).toEqual({ status: 'accepted', applied: false })
    expect([shownOf(stage, 'MUG').quantity, shelf(stage, 'MUG')]).toEqual([7, [9, 2]])
  })
})

test('units that leave between the look and the write are not shown again: the answer tells, and the row is written once more', async () => {
  const left: { line: string | null; sending: Promise<void> } = { line: null, sending: Promise.resolve() }
  const before = (operation: string, sandbox: Sandbox): void => {
    if (operation !== 'UpdateVariants' || left.line === null) return
    left.sending = staffSends(sandbox, left.line, 2)
    left.line = null
  }
  await onVendure({ before }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    const sold = stage.sandbox.buy({ ref: 'b1', channelRef: 'EUR', lines: [{ sku: 'MUG', quantity: 2 }] })
    left.line = sold?.lines[0]?.externalLineId ?? ''
    expect((await stage.session.push([{ listing, stock: { quantity: 6 } }]))[0]?.stock).toEqual({ status: 'accepted', applied: true })
    await left.sending
    expect([shownOf(stage, 'MUG').quantity, shelf(stage, 'MUG')]).toEqual([6, [6, 0]])
    expect(writes(stage)).toBe(2)
  })
})

test('our own shipment never comes between the look at the stock and the write that rests on it', async () => {
  const calls: string[] = []
  await onVendure({ before: operation => calls.push(operation) }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 50)])
    const listing = await listingOf(stage, 'MUG')
    const orders = [1, 2, 3].map(n => stage.sandbox.buy({ ref: `b${n}`, channelRef: 'EUR', lines: [{ sku: 'MUG', quantity: 2 }] }))
    const ships = orders.map((order, n) =>
      stage.session.act({
        ...{ key: `s${n}`, kind: 'ship', externalOrderId: order?.externalId ?? '', channelRef: 'EUR' },
        lines: [{ externalLineId: order?.lines[0]?.externalLineId ?? '', quantity: 2 }],
        tracking: { carrier: 'DHL', number: `T${n}`, shippedAt: stage.clock.now().toISOString() },
      }),
    )
    const pushes = [11, 12, 13].map(quantity => stage.session.push([{ listing, stock: { quantity } }]))
    await Promise.all([...ships, ...pushes])
    const stock = calls.filter(one => ['StockBefore', 'UpdateVariants', 'AddFulfilment'].includes(one))
    expect(stock.filter(one => one === 'AddFulfilment').length).toBe(3)
    for (const [at, one] of stock.entries()) if (one === 'StockBefore') expect(stock[at + 1]).toBe('UpdateVariants')
    expect(shownOf(stage, 'MUG').quantity).toBe(13)
  })
})

test('one unknown variant refuses a whole call: the one that is named is left out, and nothing of the refused call stayed', async () => {
  await onVendure({}, async stage => {
    const skus = ['A', 'B', 'C', 'D', 'E']
    stage.sandbox.seed(skus.map(sku => goods(stage, sku, 5)))
    const listings = (await drain(stage.session.listings())).toSorted((a, b) => a.externalSku.localeCompare(b.externalSku))
    const items = listings.map(listing => priced(listing, '12.00'))
    for (const sku of ['B', 'D']) stage.sandbox.remove(sku)
    const outcomes = await stage.session.push(items)
    expect(outcomes.map(one => one.prices?.[0]?.status)).toEqual(['accepted', 'rejected', 'accepted', 'rejected', 'accepted'])
    expect(outcomes[1]?.prices?.[0]).toMatchObject({ code: 'not_found', words: expect.stringContaining('match the listing anew') })
    expect(writes(stage)).toBe(3)
  })
})

test('a refusal that names no variant is found by halving', async () => {
  const wrong = { errors: [{ message: 'something of it is wrong', extensions: { code: 'USER_INPUT_ERROR' } }], data: null }
  const answer = (input: readonly { id: string; prices: { currencyCode: string; price: number }[] }[]) =>
    input.some(one => one.id === '6')
      ? wrong
      : { data: { updateProductVariants: input.map(one => ({ ...one, trackInventory: 'TRUE', stockLevels: [] })) } }
  await withVendure(
    ({ name, variables }) => (name === 'Facts' ? FACTS : answer((variables as { input: Parameters<typeof answer>[0] }).input)),
    async (session, asked) => {
      const listing = (id: number) => ({
        ...{ channelRef: 'EUR', externalId: String(id), externalParentId: '1' },
        externalSku: `S${id}`,
        productType: null,
      })
      const items = Array.from(
        { length: 8 },
        (_, n): PushItem => ({
          ...{ listing: listing(n + 1) },
          prices: [{ channelRef: 'EUR', price: { currency: 'EUR', regular: '3.00', sale: null } }],
        }),
      )
      const statuses = (await session.push(items)).map(one => one.prices?.[0])
      expect(statuses.map(one => one?.status)).toEqual([...Array(5).fill('accepted'), 'rejected', 'accepted', 'accepted'])
      expect(statuses[5]).toMatchObject({ code: 'USER_INPUT_ERROR', words: expect.stringContaining('S6') })
      expect(askedOf(asked, 'UpdateVariants')).toBe(7)
    },
  )
})

test('prices are merged by currency: a price that is not named stays', async () => {
  await onVendure({ currencies: ['EUR', 'USD'], channels: [EUR, USD] }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const [eur, usd] = [await listingOf(stage, 'MUG', 'EUR'), await listingOf(stage, 'MUG', 'USD')]
    await stage.session.push([priced(eur, '11.49')])
    expect(shownOf(stage, 'MUG').prices).toEqual({ EUR: { regular: '11.49', sale: null }, USD: { regular: '10', sale: null } })
    const before = writes(stage)
    // Both currencies and the stock of a variant are one row of one call.
    const outcomes = await stage.session.push([{ ...priced(eur, '12.00'), stock: { quantity: 3 } }, priced(usd, '13.00')])
    expect(outcomes.map(one => [one.stock?.status, one.prices?.[0]])).toEqual([
      ['accepted', { status: 'accepted', applied: true }],
      [undefined, { status: 'accepted', applied: true }],
    ])
    expect([writes(stage) - before, shownOf(stage, 'MUG')]).toMatchObject([
      1,
      { quantity: 3, prices: { EUR: { regular: '12' }, USD: { regular: '13' } } },
    ])
  })
})

test('amounts are whole numbers of one size for all currencies of a server, whatever digits a currency has', async () => {
  await onVendure({ currencies: ['EUR', 'JPY', 'KWD'], channels: [EUR, JPY, KWD] }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const items = [
      priced(await listingOf(stage, 'MUG', 'EUR'), '11.4'),
      priced(await listingOf(stage, 'MUG', 'JPY'), '500'),
      priced(await listingOf(stage, 'MUG', 'KWD'), '1.234'),
    ]
    const [eur, jpy, kwd] = (await stage.session.push(items)).map(one => one.prices?.[0])
    expect([eur, jpy]).toEqual([
      { status: 'accepted', applied: true },
      { status: 'accepted', applied: true },
    ])
    expect(kwd).toMatchObject({
      status: 'rejected',
      words: expect.stringContaining('Vendure keeps 2 digits behind the point (15 in all), not 1.234'),
    })
    expect(sentPrices()).toEqual([
      { currencyCode: 'EUR', price: 1140 },
      { currencyCode: 'JPY', price: 50_000 },
    ])
    expect([(await listingOf(stage, 'MUG', 'EUR')).price?.regular, (await listingOf(stage, 'MUG', 'JPY')).price?.regular]).toEqual([
      '11.40',
      '500',
    ])
  })
  await onVendure({ currencies: ['KWD'], precision: 3, channels: [KWD] }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    await stage.session.push([priced(await listingOf(stage, 'MUG'), '1.234')])
    expect(sentPrices()).toEqual([{ currencyCode: 'KWD', price: 1234 }])
    expect((await listingOf(stage, 'MUG')).price?.regular).toBe('1.234')
  })
})

test('no gross price goes into a channel that states prices without tax, unless the account says that its prices are such', async () => {
  await onVendure({ pricesIncludeTax: false }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const listing = await listingOf(stage, 'MUG')
    const [outcome] = await stage.session.push([{ ...priced(listing, '11.49'), stock: { quantity: 2 } }])
    expect(outcome?.prices?.[0]).toMatchObject({
      status: 'rejected',
      code: 'tax_basis',
      words: expect.stringContaining('pricesIncludeTax'),
    })
    expect([outcome?.stock?.status, shownOf(stage, 'MUG')]).toMatchObject(['accepted', { quantity: 2, prices: { EUR: { regular: '10' } } }])
    expect((await stage.session.test()).findings.find(one => one.what === 'tax')?.ok).toBe(false)
  })
  await onVendure({ pricesIncludeTax: false, settings: { pricesIncludeTax: false } }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    expect((await stage.session.push([priced(await listingOf(stage, 'MUG'), '11.49')]))[0]?.prices?.[0]?.status).toBe('accepted')
  })
})

test('a currency that the channel does not sell in is refused before a call is lost by it', async () => {
  await onVendure({ channels: [EUR, USD] }, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 5)])
    const usd = await listingOf(stage, 'MUG', 'USD')
    expect(usd.price).toBeNull()
    expect((await stage.session.push([priced(usd, '5.00')]))[0]?.prices?.[0]).toMatchObject({ status: 'rejected', code: 'currency' })
    expect(writes(stage)).toBe(0)
  })
})

test('no list asks for more than the thousand that Vendure hands out', () => {
  const takes = exchanges.flatMap(({ variables }) => {
    const { take } = (variables.options ?? {}) as { take?: number }
    return take === undefined ? [] : [take]
  })
  expect(takes.length).toBeGreaterThan(20)
  expect(Math.max(...takes)).toBeLessThanOrEqual(1000)
})

/** The prices of the last write. */
function sentPrices(): unknown {
  const last = exchanges.findLast(one => one.operationName === 'UpdateVariants')
  return ((last?.variables.input ?? []) as { prices: unknown[] }[]).flatMap(one => one.prices)
}
