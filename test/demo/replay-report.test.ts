import { describe, expect, test } from 'vitest'
import type { Books } from '../../db/replay-books.ts'
import type { Evidence } from '../../src/demo/replay/evidence.ts'
import { amazonTells, shopTells, type Told } from '../../src/demo/replay/journal.ts'
import { makeReport } from '../../src/demo/replay/report.ts'

const NOTHING: Told = {
  orders: new Map(),
  ordersTwice: [],
  shipments: [],
  refunds: [],
  written: 0,
  taken: 0,
  messages: { sent: 0, lost: 0 },
  calls: 0,
}

const lineInBooks = {
  externalLineId: '101',
  sku: 'MUG',
  matched: 'MUG',
  ordered: 5,
  reserved: 0,
  short: 1,
  shipped: 4,
  cancelled: 0,
  returned: 2,
}
const act = { platform: 'woocommerce', externalId: '12', kind: 'ship', key: 'k1', state: 'confirmed', reason: null, lines: [] }
const listing = { sku: 'MUG', quantity: 2, stockState: 'applied', price: '9.5', priceState: 'applied' }

/** One SKU, four in stock, five sold in the shop (one short), four shipped, two came back. */
const told: Told = {
  ...NOTHING,
  orders: new Map([['12', { invoice: '1', lines: [{ sku: 'MUG', quantity: 5, wanted: 5 }] }]]),
  shipments: [{ externalId: '12', key: 'k1', units: [{ lineId: '101', quantity: 4 }] }],
  refunds: [{ externalId: '12', units: [{ line: '101', quantity: 2 }] }],
}
const books: Books = {
  orders: [{ platform: 'woocommerce', externalId: '12', state: 'accepted', lines: [{ ...lineInBooks, short: 0, shipped: 5 }] }],
  stock: [{ sku: 'MUG', onHand: 1, reserved: 0, opening: 4, adjusted: 0, returnedToStock: 2, handedOver: 5, other: 0 }],
  shorts: [{ platform: 'woocommerce', order: '12', sku: 'MUG', ordered: 5, short: 0, cause: 'over_available', takenBy: null }],
  listings: [
    { ...listing, platform: 'woocommerce', channelRef: 'shop', quantity: 1 },
    { ...listing, platform: 'amazon', channelRef: 'A1F83G8C2ARO7P', quantity: 1 },
  ],
  acts: [act, { ...act, key: 'k2' }],
  leftovers: [],
  arrivals: {},
}
const good: Evidence = {
  plan: {
    items: [{ sku: 'MUG', title: 'Mug', price: '9.5', opening: 4, demand: 5, writtenOff: 0 }],
    events: [],
    counts: { unitsWanted: 5 },
  },
  done: {
    sold: new Map([['1', { externalId: '12', number: '12', lines: [] }]]),
    returned: [{ invoice: 'C1', sku: 'MUG', quantity: 2, undelivered: 0, of: { platform: 'woocommerce', externalId: '12' } }],
    adjusted: [],
    adjustmentsRefused: [],
  },
  // The unit that was short was filled by the return and shipped in a second package.
  told: {
    woocommerce: { ...told, shipments: [...told.shipments, { externalId: '12', key: 'k2', units: [{ lineId: '101', quantity: 1 }] }] },
    amazon: NOTHING,
  },
  shown: {
    woocommerce: [{ sku: 'MUG', quantity: 1, prices: { shop: { regular: '9.50', sale: null } } }],
    amazon: [{ sku: 'MUG', quantity: 1, prices: { A1F83G8C2ARO7P: { regular: '9.50', sale: null } } }],
  },
  books,
  check: { violations: 0, findings: [{ rule: 'the sums of the ledger equal the balances', violations: 0, examples: [] }] },
}

const RUN = { sellingSeconds: 1, jobs: 'PostgreSQL', seed: 's' }
const found = (change: Partial<Evidence>): string[] => makeReport({ ...good, ...change }, RUN).list.map(one => one.what)
const inBooks = (change: Partial<Books>): string[] => found({ books: { ...books, ...change } })
const inShop = (change: Partial<Told>): string[] => found({ told: { ...good.told, woocommerce: { ...good.told.woocommerce, ...change } } })
const [order] = books.orders
const [stock] = books.stock

describe('the report of a replay', () => {
  test('finds no difference where journals, ledger and shop windows agree, and counts', () => {
    expect(makeReport(good, RUN)).toMatchObject({
      ...{ differences: 0, list: [] },
      units: { sold: 5, shipped: 5, returned: 2, onHand: 1, lostDemand: 0 },
      shorts: { lines: 1, linesStillShort: 0, causes: { 'sold in woocommerce beyond what there was': 1 } },
    })
  })

  test.each<[string, () => string[]]>([
    ['an order was sold and not booked', () => inBooks({ orders: [] })],
    ['an order was booked more than once', () => inBooks({ orders: [...books.orders, ...books.orders] })],
    ['an order was booked that nobody sold', () => inShop({ orders: new Map() })],
    ['a line was booked with another quantity', () => inShop({ orders: new Map([['12', { invoice: '1', lines: [] }]]) })],
    ['an order is twice in the journal', () => inShop({ ordersTwice: ['12'] })],
    ['a shipment was told more than once', () => inShop({ shipments: [...good.told.woocommerce.shipments, ...told.shipments] })],
    ['not every shipment was told once', () => inShop({ shipments: told.shipments })],
    ['other units were shipped than booked', () => inShop({ shipments: told.shipments })],
    [
      'an act was not confirmed',
      () =>
        inBooks({
          acts: [
            { ...act, state: 'refused' },
            { ...act, key: 'k2' },
          ],
        }),
    ],
    [
      'promised units were not shipped',
      () => inBooks({ orders: [{ ...must(order), lines: [{ ...lineInBooks, short: 0, reserved: 1 }] }] }),
    ],
    ['a line is neither shipped nor short', () => inBooks({ orders: [{ ...must(order), lines: [{ ...lineInBooks, short: 0 }] }] })],
    ['other units came back than were refunded', () => inShop({ refunds: [] })],
    ['on hand is not opening − sold + returned', () => inBooks({ stock: [{ ...must(stock), onHand: 2 }] })],
    ['units are still promised', () => inBooks({ stock: [{ ...must(stock), reserved: 1 }] })],
    ['other units are short than were sold beyond the supply', () => inBooks({ orders: [{ ...must(order), lines: [lineInBooks] }] })],
    ['units were handed over twice, or not at all', () => inBooks({ stock: [{ ...must(stock), handedOver: 6 }] })],
    ['the ledger has another supply', () => inBooks({ stock: [{ ...must(stock), opening: 5 }] })],
    ['units moved for no reason of the replay', () => inBooks({ stock: [{ ...must(stock), other: 1 }] })],
    ['a SKU is missing', () => inBooks({ stock: [] })],
    ['a SKU came from nowhere', () => inBooks({ stock: [...books.stock, { ...must(stock), sku: 'CUP' }] })],
    ['a listing is missing', () => inBooks({ listings: books.listings.slice(1) })],
    ['the hub intends another stock than there is', () => inBooks({ listings: books.listings.map(one => ({ ...one, quantity: 3 })) })],
    [
      'the platform shows another stock than the hub intends',
      () => found({ shown: { ...good.shown, amazon: [{ ...must(good.shown.amazon[0]), quantity: 0 }] } }),
    ],
    ['the hub intends another price than was set', () => inBooks({ listings: books.listings.map(one => ({ ...one, price: '9' })) })],
    [
      'the platform shows another price than the hub intends',
      () => found({ shown: { ...good.shown, amazon: [{ ...must(good.shown.amazon[0]), prices: {} }] } }),
    ],
    ['messages not understood', () => inBooks({ leftovers: [{ what: 'messages not understood', n: 1, example: null }] })],
    ['check: a rule', () => found({ check: { violations: 1, findings: [{ rule: 'a rule', violations: 1, examples: [{ sku: 'MUG' }] }] } })],
    ['a line is short without a cause', () => inBooks({ shorts: [], orders: [{ ...must(order), lines: [lineInBooks] }] })],
  ])('tells of it: %s', (what, differences) => expect(differences()).toContain(what))
})

describe('a journal', () => {
  const at = '2026-11-02T12:00:00.000Z'
  const entry = (kind: string, ref: string | null, data: Record<string, unknown>, seq = 1) => ({ seq, at, kind, sku: null, ref, data })

  test('of the shop tells orders by invoice, the hub’s shipments by their marks, and which messages were lost', () => {
    const mark = { key: '_concord_act_k1', value: JSON.stringify({ kind: 'ship', lines: { 101: 4 } }) }
    const read = shopTells([
      entry('order', '12', { name: '536365', lines: [{ sku: 'MUG', quantity: 2, wanted: 5 }] }),
      // Paying tells of the same order once more.
      entry('order', '12', { status: 'processing', paid: true }),
      entry('act', '12', { status: null, meta: [mark] }),
      entry('act', '12', { status: 'cancelled', meta: [{ key: '_concord_act_k2', value: JSON.stringify({ kind: 'cancel', lines: {} }) }] }),
      entry('webhook', '1:12', { topic: 'order.created', lost: true }),
      entry('webhook', '1:12', { topic: 'order.updated', status: 202 }),
    ])
    expect(read.orders.get('12')).toEqual({ invoice: '536365', lines: [{ sku: 'MUG', quantity: 2, wanted: 5 }] })
    expect(read).toMatchObject({ ordersTwice: [], messages: { sent: 1, lost: 1 } })
    expect(read.shipments).toEqual([{ externalId: '12', key: 'k1', units: [{ lineId: '101', quantity: 4 }] }])
  })

  test('of Amazon tells packages with their units, and messages by their copies', () => {
    const read = amazonTells([
      entry('order', '305-1', { purchase: '536366', lines: [{ sku: 'MUG', quantity: 1, wanted: 1 }] }),
      entry('order', '305-1', { purchase: '536366', lines: [] }),
      entry('act', '305-1', { kind: 'ship', reference: '77', items: [{ orderItemId: '9', quantity: 1 }] }),
      ...[0, 1, 2].map(copies => entry('webhook', '305-1', { copies })),
    ])
    expect(read).toMatchObject({ ordersTwice: ['305-1'], messages: { sent: 3, lost: 1 } })
    expect(read.shipments).toEqual([{ externalId: '305-1', key: '77', units: [{ lineId: '9', quantity: 1 }] }])
  })
})

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the evidence of this test lacks it')
  return value
}
