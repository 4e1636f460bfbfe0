import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Sandbox } from '../sandbox.ts'
import { makeBuckets } from '../sandbox-buckets.ts'
import { playable } from '../sandbox-played.ts'
import { cutAnswer, type Due, openSandboxStore } from '../sandbox-store.ts'
import { amend } from './sandbox/amend.ts'
import { deny } from './sandbox/auth.ts'
import { createWebhook, deliver, listWebhooks, updateWebhook } from './sandbox/hooks.ts'
import { createNote, createTracking, getOrder, listNotes, listOrders, listTrackings, updateOrder } from './sandbox/orders.ts'
import { applyChange, batchProducts, edit, listProducts, remove, seed, shown } from './sandbox/products.ts'
import { createRefund, listRefunds } from './sandbox/refunds.ts'
import { failure, LATER_COLUMNS, SCHEMA, type Shop, type WooReply, type WooSandboxOptions } from './sandbox/schema.ts'
import { buy, cancel, pay, refund } from './sandbox/shoppers.ts'

const WC = '/wp-json/wc/v3'
const DUE_MAX = 500
const PER_S = 10

type Ask = { readonly id: number; readonly query: URLSearchParams; readonly body: unknown }

/** The shop is in Germany, and has the plugin for tracking numbers. */
export const played = playable({
  options: z.strictObject({ consumerKey: z.string(), consumerSecret: z.string(), currency: z.string() }),
  paths: /^\/wp-json\//,
  make: (base, own) => makeWooSandbox({ ...base, ...own, shipmentTracking: true }),
  stalls: () => [{ channelRef: 'shop', share: 1, country: 'DE', holdsStock: false }],
})

/** A WooCommerce shop: its REST API v3 as far as the hub uses it, its shoppers and its webhooks. */
export function makeWooSandbox(options: WooSandboxOptions): Sandbox {
  const shop: Shop = { options, store: openSandboxStore(options, SCHEMA, LATER_COLUMNS) }
  const { store } = shop
  const app = routes(shop)
  let isClosed = false
  let ticking: Promise<void> | null = null

  const work = async (): Promise<void> => {
    for (let due = take(); due.length > 0 && !isClosed; due = take()) {
      store.change(() => {
        for (const { data } of due.filter(each => each.kind === 'apply')) applyChange(shop, data)
      })
      // In order within a webhook, whose failures count in a row; webhooks do not wait for each other.
      const queues = Map.groupBy(
        due.filter(each => each.kind !== 'apply'),
        each => each.ref.split(':')[0],
      )
      await Promise.all([...queues.values()].map(queue => deliverAll(queue)))
    }
  }
  const take = (): readonly Due[] => store.change(() => store.takeDue(DUE_MAX))
  const deliverAll = async (queue: readonly Due[]): Promise<void> => {
    for (const due of queue) if (!isClosed) await deliver(shop, due)
  }

  return {
    platform: 'woocommerce',
    fetch: request => app.fetch(request),
    seed: listings => store.change(() => seed(shop, listings)),
    buy: purchase => store.change(() => buy(shop, purchase)),
    cancel: id => store.change(() => cancel(shop, Number(id))),
    pay: id => store.change(() => pay(shop, Number(id))),
    amend: (id, amendment) => store.change(() => amend(shop, Number(id), amendment)),
    refund: (id, lines) => store.change(() => refund(shop, Number(id), lines)),
    edit: listing => store.change(() => edit(shop, listing)),
    remove: sku => store.change(() => remove(shop, sku)),
    misbehave: store.misbehave,
    behave: store.behave,
    journal: store.journal,
    shown: () => shown(shop),
    // One round at a time, or two would tell a webhook's news out of order.
    tick: async () => {
      ticking ??= work().finally(() => {
        ticking = null
      })
      await ticking
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
  // WooCommerce asks nobody to wait; the hosts of shops do.
  const gate = (): boolean => enter('front', { ratePerS: perS, burst: perS })
  const on = (method: 'GET' | 'POST' | 'PUT', path: string, operation: string, answer: (ask: Ask) => WooReply): void => {
    app.on(method, path, c => serve(shop, gate, c, operation, answer))
  }
  on('GET', `${WC}/products`, 'products.list', ({ query }) => listProducts(shop, query, null))
  on('POST', `${WC}/products/batch`, 'products.batch', ({ body }) => batchProducts(shop, body, null))
  on('GET', `${WC}/products/:id{\\d+}/variations`, 'variations.list', ({ id, query }) => listProducts(shop, query, id))
  on('POST', `${WC}/products/:id{\\d+}/variations/batch`, 'variations.batch', ({ id, body }) => batchProducts(shop, body, id))
  on('GET', `${WC}/orders`, 'orders.list', ({ query }) => listOrders(shop, query))
  on('GET', `${WC}/orders/:id{\\d+}`, 'orders.get', ({ id }) => getOrder(shop, id))
  on('PUT', `${WC}/orders/:id{\\d+}`, 'orders.update', ({ id, body }) => updateOrder(shop, id, body))
  on('GET', `${WC}/orders/:id{\\d+}/refunds`, 'refunds.list', ({ id }) => listRefunds(shop, id))
  on('POST', `${WC}/orders/:id{\\d+}/refunds`, 'refunds.create', ({ id, body }) => createRefund(shop, id, body))
  on('GET', `${WC}/orders/:id{\\d+}/notes`, 'notes.list', ({ id, query }) => listNotes(shop, id, query))
  on('POST', `${WC}/orders/:id{\\d+}/notes`, 'notes.create', ({ id, body }) => createNote(shop, id, body))
  on('GET', `${WC}/webhooks`, 'webhooks.list', ({ query }) => listWebhooks(shop, query))
  on('POST', `${WC}/webhooks`, 'webhooks.create', ({ body }) => createWebhook(shop, body))
  on('PUT', `${WC}/webhooks/:id{\\d+}`, 'webhooks.update', ({ id, body }) => updateWebhook(shop, id, body))
  on('GET', `${WC}/data/currencies/current`, 'currency', () => ({
    status: 200,
    body: { code: shop.options.currency ?? 'EUR', name: '', symbol: '' },
  }))
  if (shop.options.shipmentTracking) {
    const path = '/wp-json/wc-shipment-tracking/v3/orders/:id{\\d+}/shipment-trackings'
    on('GET', path, 'trackings.list', ({ id }) => listTrackings(shop, id))
    on('POST', path, 'trackings.create', ({ id, body }) => createTracking(shop, id, body))
  }
  app.notFound(() => toResponse(failure(404, 'rest_no_route', 'No route was found matching the URL and request method.')))
  app.onError(error => {
    console.error(error)
    return toResponse(failure(500, 'internal_server_error', 'There has been a critical error on this website.'))
  })
  return app
}

/** One call: its faults, its authentication, then its work and its journal entry in one transaction. */
async function serve(shop: Shop, gate: () => boolean, c: Context, operation: string, answer: (ask: Ask) => WooReply): Promise<Response> {
  const { store, options } = shop
  const holdMs = options.lagMs === 0 ? 0 : 1500
  const text = c.req.method === 'GET' ? '' : await c.req.text()
  if (store.strikes('timeout-before', operation)) return cutAnswer(holdMs)
  // What stands in front of PHP answers in HTML.
  if (store.strikes('throttle', operation) || !gate()) {
    store.record('call', { ref: operation, data: { status: 429 } })
    return c.html('<h1>429 Too Many Requests</h1>', 429, { 'retry-after': '2' })
  }
  const failing = store.failing(operation)
  if (failing !== null) {
    store.record('call', { ref: operation, data: { status: failing } })
    return c.html('<p>There has been a critical error on this website.</p>', failing)
  }
  const reply = store.change((): WooReply => {
    const refused = store.strikes('unauthorized', operation)
      ? failure(401, 'woocommerce_rest_authentication_error', 'Consumer key is invalid.')
      : deny(shop, c.req.raw, new URL(c.req.url))
    const body = text === '' ? undefined : parsed(text)
    const unread = body === undefined && text !== '' ? failure(400, 'rest_invalid_json', 'Invalid JSON body passed.') : null
    const done = refused ?? unread ?? answer({ id: Number(c.req.param('id') ?? 0), query: new URL(c.req.url).searchParams, body })
    store.record('call', { ref: operation, data: { status: done.status } })
    return done
  })
  if (store.strikes('timeout-after', operation)) return cutAnswer(holdMs)
  if (store.strikes('garbage', operation)) return garbage(reply, options.random())
  return toResponse(reply)
}

/** What was asked is done, but the answer is a page of a cache, cut off, or something else. */
function garbage(reply: WooReply, chance: number): Response {
  if (chance < 0.34) return new Response('<!doctype html><title>Maintenance</title>', { headers: { 'content-type': 'text/html' } })
  if (chance < 0.67) return new Response(JSON.stringify(reply.body).slice(0, -1), { headers: { 'content-type': 'application/json' } })
  return Response.json({ success: true })
}

function toResponse({ status, body, headers }: WooReply): Response {
  return Response.json(body, { status, ...(headers ? { headers } : {}) })
}

/** The JSON value, or undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
