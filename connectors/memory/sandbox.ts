import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Sandbox, SandboxOptions } from '../sandbox.ts'
import { type SandboxTerms, shipByOf } from '../sandbox-bill.ts'
import { amountAt, recordPrice, SCHEDULE_LATE_MS } from '../sandbox-prices.ts'
import { cutAnswer, openSandboxStore, type SandboxStore } from '../sandbox-store.ts'
import { type Acted, acted, actedUpon } from './sandbox-acts.ts'
import { amended } from './sandbox-amend.ts'
import { withAmounts } from './sandbox-amounts.ts'
import { type MemoryFeeds, makeMemoryFeeds } from './sandbox-feeds.ts'
import { type WireListing, type WireOrder, wirePrice } from './wire.ts'

const PAGE = 50
const VISIBLE_AFTER_MS = 30_000

type Goods = Omit<WireListing, 'channelRef' | 'price' | 'quantity'> & {
  quantity: number
  prices: Map<string, WireListing['price']>
  lateMs: Map<string, number>
}
type Message = { id: string; body: string; visibleAt: number }
type Shop = {
  store: SandboxStore
  options: SandboxOptions
  goods: Map<string, Goods>
  orders: Map<string, WireOrder>
  byRef: Map<string, string>
  terms: Map<string, SandboxTerms>
  queue: Message[]
  feeds: MemoryFeeds
}

const taken = z.object({ lateMs: z.int().default(0) })
const pushed = z.object({
  listing: z.looseObject({ externalSku: z.string() }),
  stock: z.object({ quantity: z.int().min(0) }).optional(),
  prices: z.array(z.object({ channelRef: z.string(), price: wirePrice })).optional(),
})
const asked = z.object({
  from: z.int().default(0),
  after: z.string().default(''),
  externalId: z.string().default(''),
  skus: z.array(z.tuple([z.string(), z.string()])).default([]),
  items: z.array(pushed).default([]),
  act: acted.optional(),
  receipts: z.array(z.string()).default([]),
})
type Asked = z.infer<typeof asked>

/** The platform of the reference connector. Its goods and orders live in memory only; faults and journal are the common ones. */
export function makeMemorySandbox(options: SandboxOptions & { readonly key: string; readonly currency: string }): Sandbox {
  const store = openSandboxStore(options, '')
  const feeds = makeMemoryFeeds(store, options.now, items => push(shop, asked.parse({ items }).items, 'feed-start'))
  const shop: Shop = { store, options, goods: new Map(), orders: new Map(), byRef: new Map(), terms: new Map(), queue: [], feeds }
  return {
    platform: 'memory',
    fetch: request => answer(shop, options.key, request),
    seed: listings => {
      for (const { sku, title, gtin, quantity, prices, parent } of listings) {
        if (shop.goods.has(sku)) continue
        const priced = new Map(Object.entries(prices).map(([ref, regular]) => [ref, { currency: options.currency, regular, sale: null }]))
        const id = String(store.next('listing', 100))
        const named = { externalId: id, externalParentId: parent, externalSku: sku, productType: null, title, gtin }
        shop.goods.set(sku, { ...named, state: 'active', quantity, prices: priced, lateMs: new Map() })
      }
    },
    buy: ({ ref, channelRef, lines, placedAt, person, foreign, unpaid, terms = {} }) => {
      const known = shop.orders.get(shop.byRef.get(ref) ?? '')
      const wanted = new Map(lines.map(line => [line.sku, line.quantity]))
      if (known) return sold(known, wanted)
      const id = String(store.next('order', 1000))
      const [platformState, effect] = foreign
        ? (['ours', 'foreign'] as const)
        : unpaid
          ? (['unpaid', 'ignore'] as const)
          : (['open', 'reserve'] as const)
      const taken: WireOrder['lines'] = []
      for (const { sku, quantity, unitPrice } of lines) {
        const goods = shop.goods.get(sku)
        const units = Math.min(quantity, goods?.quantity ?? 0)
        if (!goods || units === 0) continue
        if (effect === 'reserve') setQuantity(shop, goods, goods.quantity - units, 'sold')
        const price = unitPrice ?? goods.prices.get(channelRef)?.regular ?? null
        const externalLineId = `${id}-${taken.length + 1}`
        taken.push({
          externalLineId,
          listingRef: goods.externalId,
          sku,
          title: goods.title,
          ordered: units,
          cancelled: 0,
          shipped: 0,
          returned: 0,
          unitPrice: price,
        })
      }
      if (taken.length === 0) return null
      const now = options.now().toISOString()
      const base = {
        externalId: id,
        number: `M${id}`,
        channelRef,
        currency: options.currency,
        total: null,
        acts: [],
        refundedCents: 0,
        stamp: now,
        placedAt: placedAt?.toISOString() ?? now,
        shipBy: shipByOf(terms, placedAt ?? options.now()),
      }
      const order: WireOrder = { ...base, platformState, effect, lines: taken, person: person ?? null }
      shop.byRef.set(ref, id)
      shop.terms.set(id, terms)
      changed(shop, order, 'order')
      return sold(order, wanted)
    },
    cancel: id => cancel(shop, id),
    pay: id => {
      const order = shop.orders.get(id)
      if (order?.platformState !== 'unpaid') return
      for (const line of order.lines) sell(shop, line.sku, -line.ordered)
      changed(shop, { ...order, platformState: 'open', effect: 'reserve' }, 'order')
    },
    amend: (id, amendment) => {
      const order = shop.orders.get(id)
      if (order?.platformState !== 'open') return
      const after = amended(order, amendment, sku => shop.goods.get(sku))
      const openOf = (line: WireOrder['lines'][number] | undefined): number => (line ? line.ordered - line.cancelled : 0)
      for (const [at, line] of after.lines.entries()) sell(shop, line.sku, openOf(order.lines[at]) - openOf(line))
      changed(shop, after, 'amend')
    },
    refund: (id, lines) => {
      const order = shop.orders.get(id)
      if (!order) return
      for (const line of lines) sell(shop, order.lines.find(each => each.externalLineId === line.externalLineId)?.sku ?? '', line.quantity)
      const units = new Map(lines.map(line => [line.externalLineId, line.quantity]))
      changed(
        shop,
        { ...order, lines: order.lines.map(line => ({ ...line, returned: line.returned + (units.get(line.externalLineId) ?? 0) })) },
        'refund',
      )
    },
    edit: ({ sku, quantity, prices }) => {
      const goods = shop.goods.get(sku)
      if (goods && quantity !== undefined) setQuantity(shop, goods, quantity, 'edited')
      for (const [ref, regular] of Object.entries(prices ?? {})) goods?.prices.set(ref, { currency: options.currency, regular, sale: null })
    },
    remove: sku => void shop.goods.delete(sku),
    misbehave: store.misbehave,
    behave: store.behave,
    journal: store.journal,
    shown: () =>
      [...shop.goods.values()].map(goods => ({
        sku: goods.externalSku,
        quantity: goods.quantity,
        prices: shownPrices(goods, options.now()),
      })),
    tick: async () => {
      for (const { kind, ref, data } of store.takeDue(10_000))
        if (!feeds.due(kind, ref)) apply(shop, pushed.parse(data), taken.parse(data).lateMs)
      return store.waiting()
    },
    close: store.close,
  }
}

async function answer(shop: Shop, key: string, request: Request): Promise<Response> {
  const { store } = shop
  const operation = new URL(request.url).pathname.slice(1)
  const text = await request.text()
  if (store.strikes('timeout-before', operation)) return cutAnswer(0)
  if (request.headers.get('x-key') !== key || store.strikes('unauthorized', operation)) return new Response('', { status: 401 })
  if (store.strikes('throttle', operation)) return new Response('', { status: 429, headers: { 'retry-after': '2' } })
  if (store.strikes('error', operation)) return new Response('oops', { status: 500 })
  store.record('call', { ref: operation })
  const result = shop.feeds.run(operation, JSON.parse(text)) ?? run(shop, operation, asked.parse(JSON.parse(text)))
  if (store.strikes('timeout-after', operation)) return cutAnswer(0)
  return store.strikes('garbage', operation) ? new Response('<html>') : Response.json(result)
}

function run(shop: Shop, operation: string, ask: Asked): object {
  const listings = [...shop.goods.values()].flatMap(goods =>
    [...goods.prices].map(([channelRef, price]) => ({ ...goods, channelRef, price, prices: undefined, lateMs: undefined })),
  )
  if (operation === 'listings')
    return { listings: listings.slice(ask.from, ask.from + PAGE), next: ask.from + PAGE < listings.length ? ask.from + PAGE : null }
  if (operation === 'read')
    return {
      listings: listings.filter(each => ask.skus.some(([ref, sku]) => ref === each.channelRef && sku === each.externalSku)),
      next: null,
    }
  if (operation === 'push') return { verdicts: push(shop, ask.items, 'push') }
  if (operation === 'order') return { orders: [...shop.orders.values()].filter(order => order.externalId === ask.externalId), next: null }
  if (operation === 'orders') {
    // The cursor is stamp and id, so that orders of one instant neither vanish nor repeat between pages.
    const at = (order: WireOrder): string => `${order.stamp}/${order.externalId.padStart(12, '0')}`
    const after = ask.after.includes('/') ? ask.after : `${ask.after}/~`
    const found = [...shop.orders.values()].filter(order => at(order) > after).sort((a, b) => (at(a) < at(b) ? -1 : 1))
    const orders = found.slice(0, PAGE)
    const last = orders.at(-1)
    return { orders, next: last && found.length > PAGE ? at(last) : null }
  }
  if (operation === 'act' && ask.act) return { refused: act(shop, ask.act) }
  const now = shop.options.now().getTime()
  if (operation === 'receive') {
    const messages = shop.queue.filter(message => message.visibleAt <= now).slice(0, 10)
    for (const message of messages) message.visibleAt = now + VISIBLE_AFTER_MS
    return { messages: messages.map(({ id, body }) => ({ id, receipt: id, topic: 'order', body })) }
  }
  if (operation === 'delete') shop.queue = shop.queue.filter(message => !ask.receipts.includes(message.id))
  return {}
}

function push(shop: Shop, items: Asked['items'], carrier: 'push' | 'feed-start'): { refused: string | null }[] {
  const { store } = shop
  const partial = store.strikes('partial', carrier)
  const dropped = store.strikes('not-applied', carrier)
  const lateMs = items.some(item => item.prices) && store.strikes('schedule-late', carrier) ? SCHEDULE_LATE_MS : 0
  const afterMs = store.strikes('late', carrier) ? store.lateMs : store.lag()
  return items.map((item, at) => {
    const sku = item.listing.externalSku
    if (!shop.goods.has(sku)) return { refused: `${sku} is not sold here` }
    if (partial && at % 2 === 0) return { refused: `${sku} cannot be changed now` }
    if (!dropped) store.later('push', sku, { ...item, lateMs }, afterMs)
    return { refused: null }
  })
}

function apply(shop: Shop, item: z.infer<typeof pushed>, lateMs: number): void {
  const goods = shop.goods.get(item.listing.externalSku)
  if (!goods) return
  if (item.stock) setQuantity(shop, goods, item.stock.quantity, 'pushed')
  for (const { channelRef, price } of item.prices ?? []) {
    goods.prices.set(channelRef, price)
    goods.lateMs.set(channelRef, lateMs)
    recordPrice(shop.store, { sku: goods.externalSku, data: price }, { channelRef, ...takenOf(price), lateMs })
  }
}

function act(shop: Shop, wanted: Acted): string | null {
  const order = shop.orders.get(wanted.externalOrderId)
  if (!order) return `there is no order ${wanted.externalOrderId}`
  if (order.acts.includes(wanted.key)) return null
  const after = actedUpon(order, wanted)
  if (typeof after === 'string') return after
  const { key, kind, tracking, cause, refund } = wanted
  shop.store.record('act', { ref: order.externalId, data: { key, kind, tracking, cause, refund } })
  for (const [at, line] of order.lines.entries()) sell(shop, line.sku, (after.lines[at]?.cancelled ?? 0) - line.cancelled)
  changed(shop, after, kind === 'cancel' ? 'cancel' : 'order')
  return null
}

function cancel(shop: Shop, id: string): void {
  const order = shop.orders.get(id)
  if (!order || (order.platformState !== 'open' && order.platformState !== 'unpaid')) return
  if (order.platformState === 'open') for (const line of order.lines) sell(shop, line.sku, line.ordered - line.shipped - line.cancelled)
  const lines = order.lines.map(line => ({ ...line, cancelled: line.ordered - line.shipped }))
  changed(shop, { ...order, lines, platformState: 'cancelled', effect: 'cancel' }, 'cancel')
}

function changed(shop: Shop, order: WireOrder, kind: string): void {
  const priced = withAmounts(order, shop.terms.get(order.externalId) ?? {})
  shop.orders.set(order.externalId, { ...priced, stamp: shop.options.now().toISOString() })
  shop.queue.push({ id: randomUUID(), body: JSON.stringify({ externalId: order.externalId }), visibleAt: 0 })
  shop.store.record(kind, { ref: order.externalId, data: { state: order.platformState } })
}

function sell(shop: Shop, sku: string, by: number): void {
  const goods = shop.goods.get(sku)
  if (goods && by !== 0) setQuantity(shop, goods, goods.quantity + by, by < 0 ? 'sold' : 'given back')
}

function setQuantity(shop: Shop, goods: Goods, value: number, cause: string): void {
  goods.quantity = value
  shop.store.record('quantity', { sku: goods.externalSku, data: { value, cause } })
}

function shownPrices(goods: Goods, now: Date): Record<string, { regular: string; sale: string | null }> {
  return Object.fromEntries(
    [...goods.prices].map(([ref, price]) => {
      const amount = amountAt({ ...takenOf(price), lateMs: goods.lateMs.get(ref) ?? 0 }, now.getTime())
      return [ref, { regular: price.regular, sale: amount === price.regular ? null : amount }]
    }),
  )
}

function takenOf({ regular, sale }: WireListing['price']) {
  return { regular, sale: sale?.amount ?? null, from: sale?.from ?? null, to: sale?.to ?? null }
}

function sold(order: WireOrder, wanted: Map<string, number>): NonNullable<ReturnType<Sandbox['buy']>> {
  const lines = order.lines.map(line => ({
    sku: line.sku,
    quantity: line.ordered,
    wanted: wanted.get(line.sku) ?? line.ordered,
    externalLineId: line.externalLineId,
  }))
  return { externalId: order.externalId, number: order.number, lines }
}
