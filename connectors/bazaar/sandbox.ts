import { z } from 'zod'
import { type Charge, NO_CHARGE } from '../../src/values/order-amounts.ts'
import type { Sandbox, SandboxListing, SandboxOptions, SandboxOrder, SandboxPurchase } from '../sandbox.ts'
import { billOf } from '../sandbox-bill.ts'
import { makeBuckets } from '../sandbox-buckets.ts'
import { playable } from '../sandbox-played.ts'
import { recordPrice } from '../sandbox-prices.ts'
import { cutAnswer, openSandboxStore, type SandboxStore } from '../sandbox-store.ts'
import type { WireCharge, WireGood, WireOrder } from './wire.ts'

export type BazaarSandboxOptions = SandboxOptions & { readonly token: string; readonly currency: string }
type Shop = { readonly options: BazaarSandboxOptions; readonly store: SandboxStore; readonly mayCall: () => boolean }
type GoodRow = { id: number; sku: string; title: string; parent: string | null; gtin: string | null; quantity: number; price: string }
type OrderRow = { id: number; ref: string; changed_at: string; body: string }
type Taken = {
  readonly id: string
  readonly good: string
  readonly sku: string
  readonly title: string
  readonly quantity: number
  readonly price: string
}
type Change = z.infer<typeof CHANGES>['changes'][number]

const SCHEMA = `
  create table if not exists good (id integer primary key, sku text not null unique, title text not null, parent text, gtin text,
    quantity integer not null, price text not null);
  create table if not exists sale (id integer primary key, ref text not null unique, changed_at text not null, body text not null);
`
/** As Bazaar publishes it, before the scale. */
const RATE = { ratePerS: 10, burst: 20 }
const CHANNEL = 'shop'
const PAGE = 50
const DUE_MAX = 500
const CHANGES = z.object({
  changes: z.array(z.object({ sku: z.string(), quantity: z.int().min(0).optional(), price: z.string().optional() })),
})
const SKUS = z.object({ skus: z.array(z.string()) })

/** People shop there in English. */
export const played = playable({
  options: z.strictObject({ token: z.string(), currency: z.string() }),
  make: (base, own) => makeBazaarSandbox({ ...base, ...own }),
  stalls: () => [{ channelRef: CHANNEL, share: 1, country: 'GB', holdsStock: false }],
})

/** A shop at Bazaar: its API, its shoppers, and its own decrement of stock. Every order is paid at once; nothing is shipped through the API, so nothing comes back. */
export function makeBazaarSandbox(options: BazaarSandboxOptions): Sandbox {
  const store = openSandboxStore(options, SCHEMA)
  const enter = makeBuckets(options, store)
  const shop: Shop = { options, store, mayCall: () => enter('call', RATE) }
  return {
    platform: 'bazaar',
    fetch: request => serve(shop, request),
    seed: listings => store.change(() => seed(shop, listings)),
    buy: purchase => store.change(() => buy(shop, purchase)),
    cancel: id => store.change(() => cancel(shop, Number(id))),
    pay: () => {},
    refund: () => {},
    edit: ({ sku, quantity, prices }) => store.change(() => set(shop, { sku, quantity, price: prices?.[CHANNEL] }, 'edited')),
    remove: sku => void store.run('delete from good where sku = ?', sku),
    misbehave: store.misbehave,
    behave: store.behave,
    journal: store.journal,
    shown: () => goods(shop).map(({ sku, quantity, price }) => ({ sku, quantity, prices: { [CHANNEL]: { regular: price, sale: null } } })),
    tick: async () => {
      store.change(() => {
        for (const { data } of store.takeDue(DUE_MAX)) set(shop, data as Change, 'pushed')
      })
      return store.waiting()
    },
    close: store.close,
  }
}

/** One call: its faults, its token, then its work and its journal entry in one transaction. */
async function serve(shop: Shop, request: Request): Promise<Response> {
  const { store, options } = shop
  const { pathname, searchParams } = new URL(request.url)
  const operation = `${request.method} ${pathname.replace(/^\/orders\/.+$/, '/orders/id')}`
  const text = await request.text()
  const answered = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response => {
    store.record('call', { ref: operation, data: { status } })
    return Response.json(body, { status, headers })
  }
  if (store.strikes('timeout-before', operation)) return cutAnswer(0)
  if (store.strikes('throttle', operation) || !shop.mayCall()) return answered(429, { error: 'too many calls' }, { 'retry-after': '2' })
  const failing = store.failing(operation)
  if (failing !== null) return answered(failing, { error: 'Bazaar has a problem' })
  const isRefused = store.strikes('unauthorized', operation) || request.headers.get('authorization') !== `Bearer ${options.token}`
  if (isRefused) return answered(401, { error: 'the token is not known' })
  const body = store.change(() => work(shop, operation, text, pathname, searchParams.get('after') ?? ''))
  const answer = answered(body === null ? 404 : 200, body ?? { error: 'there is no such thing' })
  if (store.strikes('timeout-after', operation)) return cutAnswer(0)
  return store.strikes('garbage', operation) ? new Response('<html>') : answer
}

function work(shop: Shop, operation: string, text: string, pathname: string, after: string): object | null {
  if (operation === 'GET /goods') {
    const page = goods(shop).filter(good => good.id > Number(after))
    return { goods: page.slice(0, PAGE).map(good => wireOf(shop, good)), next: page.length > PAGE ? String(page[PAGE - 1]?.id) : null }
  }
  if (operation === 'POST /goods/read') {
    const { skus } = SKUS.parse(JSON.parse(text))
    const found = goods(shop).filter(good => skus.includes(good.sku))
    return { goods: found.map(good => wireOf(shop, good)), next: null }
  }
  if (operation === 'POST /goods/changes') return { verdicts: take(shop, CHANGES.parse(JSON.parse(text)).changes) }
  if (operation === 'GET /orders') return ordersAfter(shop, after)
  if (operation === 'GET /orders/id') return orderOf(shop, Number(pathname.split('/').at(-1)))
  return null
}

/** Changes are taken at once and live a moment later. */
function take({ store }: Shop, changes: readonly Change[]): { readonly error: string | null }[] {
  const operation = 'POST /goods/changes'
  const [isPartial, isLost] = [store.strikes('partial', operation), store.strikes('not-applied', operation)]
  const afterMs = store.strikes('late', operation) ? store.lateMs : store.lag()
  return changes.map((change, at) => {
    if (store.one('select 1 as yes from good where sku = ?', change.sku) === undefined) return { error: `${change.sku} is not sold here` }
    if (isPartial && at % 2 === 0) return { error: `${change.sku} cannot be changed now` }
    if (!isLost) store.later('change', change.sku, change, afterMs)
    return { error: null }
  })
}

/** By the last change and then the number, so that orders of one instant neither vanish nor repeat between pages. */
function ordersAfter({ store }: Shop, place: string): object {
  const [stamp = '', id] = place.split('/')
  const found = store.all<OrderRow>(
    'select * from sale where changed_at > ?1 or (changed_at = ?1 and id > ?2) order by changed_at, id limit ?3',
    stamp,
    Number(id ?? Number.MAX_SAFE_INTEGER),
    PAGE,
  )
  const last = found.at(-1)
  return { orders: found.map(row => JSON.parse(row.body)), next: found.length < PAGE || !last ? null : `${last.changed_at}/${last.id}` }
}

function seed({ store }: Shop, listings: readonly SandboxListing[]): void {
  for (const { sku, title, gtin, quantity, prices, parent } of listings)
    store.run(
      'insert into good (sku, title, parent, gtin, quantity, price) values (?, ?, ?, ?, ?, ?) on conflict (sku) do nothing',
      ...([sku, title, parent, gtin, quantity, prices[CHANNEL] ?? '0'] as const),
    )
}

function buy(shop: Shop, { ref, lines, placedAt, person, terms = {} }: SandboxPurchase): SandboxOrder | null {
  const { store, options } = shop
  const known = store.one<OrderRow>('select * from sale where ref = ?', ref)
  if (known !== undefined) return soldOf(JSON.parse(known.body), lines)
  const id = store.next('sale', 1000)
  const taken: Taken[] = []
  for (const { sku, quantity, unitPrice } of lines) {
    const good = goods(shop).find(one => one.sku === sku)
    const units = Math.min(quantity, good?.quantity ?? 0)
    if (good === undefined || units === 0) continue
    set(shop, { sku, quantity: good.quantity - units }, 'sold')
    const line = { id: `${id}-${taken.length + 1}`, good: String(good.id), sku, title: good.title, quantity: units }
    taken.push({ ...line, price: unitPrice ?? good.price })
  }
  if (taken.length === 0) return null
  const { taxIncluded, total, shipping, lines: charges, text } = billOf(terms, taken, options.currency)
  const inText = ({ price, discount, tax }: Charge): WireCharge => ({ price: text(price), discount: text(discount), tax: text(tax) })
  const now = options.now().toISOString()
  const buyer = person ? { name: person.name, email: person.email } : null
  const order: WireOrder = {
    ...{ id: String(id), state: 'open', placedAt: placedAt?.toISOString() ?? now, changedAt: now, currency: options.currency },
    ...{ total: text(total), taxIncluded, shipping: inText(shipping), buyer },
    lines: taken.map((line, n) => ({ ...line, charge: inText(charges[n] ?? NO_CHARGE) })),
  }
  store.run('insert into sale values (?, ?, ?, ?)', id, ref, now, JSON.stringify(order))
  store.record('order', { ref: String(id) })
  return soldOf(order, lines)
}

function cancel(shop: Shop, id: number): void {
  const order = orderOf(shop, id)
  if (order?.state !== 'open') return
  for (const { sku, quantity } of order.lines) {
    const good = goods(shop).find(one => one.sku === sku)
    if (good) set(shop, { sku, quantity: good.quantity + quantity }, 'given back')
  }
  const now = shop.options.now().toISOString()
  const cancelled: WireOrder = { ...order, state: 'cancelled', changedAt: now }
  shop.store.run('update sale set changed_at = ?, body = ? where id = ?', now, JSON.stringify(cancelled), id)
  shop.store.record('cancel', { ref: String(id) })
}

/** What takes effect, with its entry in the journal. */
function set({ store }: Shop, { sku, quantity, price }: Partial<Change> & Pick<Change, 'sku'>, cause: string): void {
  if (quantity !== undefined && store.run('update good set quantity = ? where sku = ?', quantity, sku) > 0)
    store.record('quantity', { sku, data: { value: quantity, cause } })
  if (price !== undefined && store.run('update good set price = ? where sku = ?', price, sku) > 0)
    recordPrice(store, { sku }, { channelRef: CHANNEL, regular: price, sale: null, from: null, to: null, lateMs: 0 })
}

function goods({ store }: Shop): GoodRow[] {
  return store.all<GoodRow>('select * from good order by id')
}

function orderOf({ store }: Shop, id: number): WireOrder | null {
  const row = store.one<OrderRow>('select * from sale where id = ?', id)
  return row === undefined ? null : (JSON.parse(row.body) as WireOrder)
}

function wireOf({ options }: Shop, { id, ...good }: GoodRow): WireGood {
  return { id: String(id), ...good, currency: options.currency }
}

function soldOf({ id, lines }: WireOrder, wanted: SandboxPurchase['lines']): SandboxOrder {
  const of = (sku: string): number => wanted.find(line => line.sku === sku)?.quantity ?? 0
  return {
    ...{ externalId: id, number: id },
    lines: lines.map(line => ({ sku: line.sku, quantity: line.quantity, wanted: of(line.sku), externalLineId: line.id })),
  }
}
