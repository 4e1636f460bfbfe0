import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Sandbox } from '../sandbox.ts'
import { makeBuckets } from '../sandbox-buckets.ts'
import { playable } from '../sandbox-played.ts'
import { cutAnswer, type Due, openSandboxStore } from '../sandbox-store.ts'
import { amend } from './sandbox/amend.ts'
import { edit, remove, seed, shown } from './sandbox/catalog.ts'
import { asked } from './sandbox/fields.ts'
import { cancelFulfillment, cancelOrder, createFulfillment, createShipment, markDelivered, refundPayment } from './sandbox/order-acts.ts'
import { buy, cancel, pay, refund } from './sandbox/orders.ts'
import { getOrder, listLocations, listOrders, listStores, listVariants } from './sandbox/reads.ts'
import { createReservation, deleteReservation, listReservations, updateReservation } from './sandbox/reservations.ts'
import { LATER_COLUMNS, type MedusaSandboxOptions, type Reply, refusal, SCHEMA, type Shop } from './sandbox/schema.ts'
import { type Applied, apply, batchLevels, batchVariants } from './sandbox/writes.ts'

const DUE_MAX = 500
const DAY_MS = 86_400_000
const PER_S = 40
const login = z.object({ email: z.string(), password: z.string() })

type Ask = { readonly id: string; readonly parcel: string; readonly query: URLSearchParams; readonly body: unknown }

/** Nobody shops there by himself. */
export const played = playable({
  options: z.strictObject({ apiKey: z.string(), currency: z.string(), location: z.string() }),
  make: (base, { apiKey, currency, location }) =>
    makeMedusaSandbox({ ...base, apiKey, currency, locations: [{ id: location, name: 'Warehouse' }] }),
  stalls: () => [],
})

/** A Medusa server: its Admin API as far as the hub uses it, its reservations, its shoppers, and the gate that stands in front of it. */
export function makeMedusaSandbox(options: MedusaSandboxOptions): Sandbox {
  const shop: Shop = { options, store: openSandboxStore(options, SCHEMA, LATER_COLUMNS) }
  const { store } = shop
  const app = routes(shop)
  let isClosed = false
  const take = (): readonly Due[] => store.change(() => store.takeDue(DUE_MAX))
  return {
    platform: 'medusa',
    fetch: request => app.fetch(request),
    seed: listings => store.change(() => seed(shop, listings)),
    buy: purchase => store.change(() => buy(shop, purchase)),
    cancel: id => store.change(() => cancel(shop, id)),
    pay: id => store.change(() => pay(shop, id)),
    amend: (id, amendment) => store.change(() => amend(shop, id, amendment)),
    refund: (id, lines) => store.change(() => refund(shop, id, lines)),
    edit: listing => store.change(() => edit(shop, listing)),
    remove: sku => store.change(() => remove(shop, sku)),
    misbehave: store.misbehave,
    behave: store.behave,
    journal: store.journal,
    shown: () => shown(shop),
    tick: async () => {
      for (let due = isClosed ? [] : take(); due.length > 0; due = take())
        store.change(() => {
          for (const { data } of due) apply(shop, data as Applied)
        })
      return isClosed ? 0 : store.waiting()
    },
    close: () => {
      isClosed = true
      store.close()
    },
  }
}

function routes(shop: Shop): Hono {
  const app = new Hono()
  const enter = makeBuckets(shop.options, shop.store)
  const perS = shop.options.perS ?? PER_S
  // Medusa has no limit; what stands in front of it has one.
  const gate = (): boolean => enter('front', { ratePerS: perS, burst: perS })
  const on = (method: 'GET' | 'POST' | 'DELETE', path: string, operation: string, answer: (ask: Ask) => Reply): void => {
    app.on(method, path, c => serve(shop, gate, c, operation, answer))
  }
  // What a write answers with is chosen by `fields`, as in a read.
  const order = (reply: Reply, query: URLSearchParams): Reply =>
    reply.status === 200
      ? { status: 200, body: { order: asked((reply.body as { order: Record<string, unknown> }).order, query.get('fields')) } }
      : reply
  on('GET', '/admin/product-variants', 'variants.list', ({ query }) => listVariants(shop, query))
  on('POST', '/admin/inventory-items/location-levels/batch', 'levels.batch', ({ body }) => batchLevels(shop, body))
  on('POST', '/admin/products/:id/variants/batch', 'variants.batch', ({ id, body }) => batchVariants(shop, id, body))
  on('GET', '/admin/orders', 'orders.list', ({ query }) => listOrders(shop, query))
  on('GET', '/admin/orders/:id', 'orders.get', ({ id, query }) => getOrder(shop, id, query))
  on('POST', '/admin/orders/:id/cancel', 'orders.cancel', ({ id, query }) => order(cancelOrder(shop, id), query))
  const parcels = '/admin/orders/:id/fulfillments'
  on('POST', parcels, 'fulfillments.create', ({ id, query, body }) => order(createFulfillment(shop, id, body), query))
  on('POST', `${parcels}/:parcel/shipments`, 'shipments.create', ({ id, parcel, query, body }) =>
    order(createShipment(shop, id, parcel, body), query),
  )
  on('POST', `${parcels}/:parcel/cancel`, 'fulfillments.cancel', ({ id, parcel, query, body }) =>
    order(cancelFulfillment(shop, id, parcel, body), query),
  )
  on('POST', `${parcels}/:parcel/mark-as-delivered`, 'fulfillments.deliver', ({ id, parcel, query }) =>
    order(markDelivered(shop, id, parcel), query),
  )
  on('POST', '/admin/payments/:id/refund', 'payments.refund', ({ id, body }) => refundPayment(shop, id, body))
  on('GET', '/admin/reservations', 'reservations.list', ({ query }) => listReservations(shop, query))
  on('POST', '/admin/reservations', 'reservations.create', ({ body }) => createReservation(shop, body))
  on('POST', '/admin/reservations/:id', 'reservations.update', ({ id, body }) => updateReservation(shop, id, body))
  on('DELETE', '/admin/reservations/:id', 'reservations.delete', ({ id }) => deleteReservation(shop, id))
  on('GET', '/admin/stores', 'stores.list', ({ query }) => listStores(shop, query))
  on('GET', '/admin/stock-locations', 'locations.list', ({ query }) => listLocations(shop, query))
  app.post('/auth/user/emailpass', async c => grant(shop, parsed(await c.req.text())))
  app.notFound(c => c.html(`<pre>Cannot ${c.req.method} ${new URL(c.req.url).pathname}</pre>`, 404))
  app.onError(error => {
    console.error(error)
    return Response.json(FAILED, { status: 500 })
  })
  return app
}

const FAILED = { code: 'unknown_error', type: 'unknown_error', message: 'An unknown error occurred.' }

/** One call: its faults, its authentication, then its work and its journal entry in one transaction. */
async function serve(shop: Shop, gate: () => boolean, c: Context, operation: string, answer: (ask: Ask) => Reply): Promise<Response> {
  const { store, options } = shop
  const holdMs = options.lagMs === 0 ? 0 : 1500
  const text = c.req.method === 'GET' ? '' : await c.req.text()
  if (store.strikes('timeout-before', operation)) return cutAnswer(holdMs)
  if (store.strikes('throttle', operation) || !gate()) {
    store.record('call', { ref: operation, data: { status: 429 } })
    return c.html('<h1>429 Too Many Requests</h1>', 429, { 'retry-after': '2' })
  }
  const failing = store.failing(operation)
  if (failing !== null) {
    store.record('call', { ref: operation, data: { status: failing } })
    return Response.json(FAILED, { status: failing })
  }
  const reply = store.change((): Reply => {
    const isKnown = !store.strikes('unauthorized', operation) && isAllowed(shop, c.req.header('authorization') ?? '')
    const body = text === '' ? {} : parsed(text)
    const done = !isKnown
      ? { status: 401, body: { message: 'Unauthorized' } }
      : body === undefined
        ? refusal(400, 'invalid_data', 'Unexpected end of JSON input')
        : answer({ id: c.req.param('id') ?? '', parcel: c.req.param('parcel') ?? '', query: new URL(c.req.url).searchParams, body })
    store.record('call', { ref: operation, data: { status: done.status } })
    return done
  })
  if (store.strikes('timeout-after', operation)) return cutAnswer(holdMs)
  if (store.strikes('garbage', operation)) return garbage(reply, options.random())
  return Response.json(reply.body, { status: reply.status })
}

/** The secret key, as the user name of Basic authentication or as it is, or a token that is not over. */
function isAllowed({ options, store }: Shop, header: string): boolean {
  const [kind, value = ''] = header.split(' ')
  if (kind === 'Bearer')
    return store.one('select 1 as yes from token where token = ? and until_ms > ?', value, options.now().getTime()) !== undefined
  if (kind !== 'Basic') return false
  return value === options.apiKey || Buffer.from(value, 'base64').toString() === `${options.apiKey}:`
}

/** `POST /auth/user/emailpass`: a token for a day. */
function grant({ options, store }: Shop, body: unknown): Response {
  store.record('call', { ref: 'token', data: {} })
  const read = login.safeParse(body)
  const isOurs = read.success && read.data.email === options.email && read.data.password === options.password && options.email !== undefined
  if (!isOurs) return Response.json({ type: 'unauthorized', message: 'Invalid email or password' }, { status: 401 })
  const token = randomBytes(24).toString('hex')
  store.run('insert into token values (?, ?)', token, options.now().getTime() + DAY_MS)
  return Response.json({ token })
}

/** What was asked is done, but the answer is a page of something in between, cut off, or something else. */
function garbage({ body }: Reply, chance: number): Response {
  if (chance < 0.34) return new Response('<!doctype html><title>Bad gateway</title>', { headers: { 'content-type': 'text/html' } })
  if (chance < 0.67) return new Response(JSON.stringify(body).slice(0, -1), { headers: { 'content-type': 'application/json' } })
  return Response.json({ success: true })
}

/** The JSON value, or undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
