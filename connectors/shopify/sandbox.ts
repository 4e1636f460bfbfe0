import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import type { Sandbox } from '../sandbox.ts'
import { type Document, readDocument } from '../sandbox-document.ts'
import { Refusal, type Variables } from '../sandbox-graphql.ts'
import { playable } from '../sandbox-played.ts'
import { cutAnswer, type Due, openSandboxStore } from '../sandbox-store.ts'
import { amend } from './sandbox/amend.ts'
import { edit, remove, seed, shown } from './sandbox/catalog.ts'
import { executeAtCost, requestedCost } from './sandbox/execute.ts'
import { deliver } from './sandbox/hooks.ts'
import { buy, cancel, pay, refund } from './sandbox/orders.ts'
import { makePoints, type Points, QUERY_MAX } from './sandbox/points.ts'
import { mutationRoot, queryRoot } from './sandbox/root.ts'
import { LATER_COLUMNS, SCHEMA, type Shop, type ShopifySandboxOptions } from './sandbox/schema.ts'
import { type Applied, apply } from './sandbox/writes.ts'

const DUE_MAX = 500
const DAY_S = 86_399
const callShape = z.looseObject({ query: z.string(), operationName: z.string(), variables: z.record(z.string(), z.unknown()) })

/** Nobody shops there by himself. */
export const played = playable({
  options: z.strictObject({ accessToken: z.string(), clientSecret: z.string(), currency: z.string() }),
  paths: /^\/admin\/(api|oauth)\//,
  make: (base, own) => makeShopifySandbox({ ...base, ...own }),
  stalls: () => [],
})

/** A Shopify shop: its Admin GraphQL API as far as the hub uses it, its shoppers, its webhooks and its bucket of points. */
export function makeShopifySandbox(options: ShopifySandboxOptions): Sandbox {
  const shop: Shop = { options, store: openSandboxStore(options, SCHEMA, LATER_COLUMNS) }
  const { store } = shop
  const points = makePoints(shop)
  let isClosed = false
  let ticking: Promise<void> | null = null

  const take = (): readonly Due[] => store.change(() => store.takeDue(DUE_MAX))
  const work = async (): Promise<void> => {
    for (let due = take(); due.length > 0 && !isClosed; due = take()) {
      store.change(() => {
        for (const { data } of due.filter(each => each.kind === 'apply')) apply(shop, data as Applied)
      })
      for (const each of due) if (each.kind === 'hook' && !isClosed) await deliver(shop, each)
    }
  }
  return {
    platform: 'shopify',
    fetch: request => serve(shop, points, request),
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
    // One round at a time, or two would tell news out of order.
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

/** One call: its faults, its token, its points, then its work and its journal entry in one transaction. */
async function serve(shop: Shop, points: Points, request: Request): Promise<Response> {
  const { store, options } = shop
  const { pathname } = new URL(request.url)
  const text = await request.text()
  if (pathname === '/admin/oauth/access_token') return grant(shop, new URLSearchParams(text))
  if (pathname !== '/admin/api/2026-10/graphql.json' || request.method !== 'POST')
    return Response.json({ errors: 'Not Found' }, { status: 404 })
  const call = callShape.safeParse(parsed(text))
  const operation = call.success ? call.data.operationName : 'unknown'
  const holdMs = options.lagMs === 0 ? 0 : 1500
  if (store.strikes('timeout-before', operation)) return cutAnswer(holdMs)
  const failing = store.failing(operation)
  if (failing !== null) {
    store.record('call', { ref: operation, data: { status: failing } })
    return new Response('<h1>Internal Server Error</h1>', { status: failing })
  }
  const noted = (status: number, body: object): Response => {
    store.record('call', { ref: operation, data: { status } })
    return Response.json(body, { status })
  }
  if (store.strikes('unauthorized', operation) || !isKnown(shop, request.headers.get('x-shopify-access-token') ?? ''))
    return noted(401, { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' })
  if (!call.success) return noted(400, { errors: 'Required parameter missing or invalid' })
  const body = store.change(() => {
    const done = answer(shop, points, operation, call.data.query, call.data.variables)
    store.record('call', { ref: operation, data: { status: 200, refused: 'errors' in done } })
    return done
  })
  if (store.strikes('timeout-after', operation)) return cutAnswer(holdMs)
  if (store.strikes('garbage', operation)) return garbage(body, options.random())
  return Response.json(body)
}

function answer(shop: Shop, points: Points, operation: string, query: string, variables: Variables): object {
  const refused = (message: string, code: string | null, requestedQueryCost: number): object => ({
    errors: [{ message, ...(code === null ? {} : { extensions: { code } }) }],
    extensions: { cost: { requestedQueryCost, actualQueryCost: null, throttleStatus: points.status() } },
  })
  let requested = 0
  let document: Document
  try {
    document = readDocument(query)
    requested = requestedCost(document, variables)
  } catch (error) {
    if (error instanceof SyntaxError) return refused(error.message, null, 0)
    throw error
  }
  if (requested > QUERY_MAX)
    return refused(`Query cost is ${requested}, which exceeds the single query max cost limit ${QUERY_MAX}`, 'MAX_COST_EXCEEDED', requested)
  if (shop.store.strikes('throttle', operation)) {
    const { maximumAvailable, restoreRate } = points.status()
    const throttleStatus = { maximumAvailable, restoreRate, currentlyAvailable: Math.max(0, requested - restoreRate / 2) }
    return { errors: [THROTTLED], extensions: { cost: { requestedQueryCost: requested, actualQueryCost: null, throttleStatus } } }
  }
  if (!points.take(requested)) return refused(THROTTLED.message, THROTTLED.extensions.code, requested)
  try {
    const { data, cost } = shop.store.change(() =>
      executeAtCost(document, document.isMutation ? mutationRoot(shop) : queryRoot(shop), variables),
    )
    points.giveBack(requested - cost)
    return { data, extensions: { cost: { requestedQueryCost: requested, actualQueryCost: cost, throttleStatus: points.status() } } }
  } catch (error) {
    if (error instanceof Refusal) return refused(error.message, error.code, requested)
    if (error instanceof z.ZodError) return refused(z.prettifyError(error), 'INVALID_VARIABLE', requested)
    throw error
  }
}

const THROTTLED = { message: 'Throttled', extensions: { code: 'THROTTLED' } }

/** `client_credentials`: a token for a day. */
function grant({ store, options }: Shop, asked: URLSearchParams): Response {
  store.record('call', { ref: 'token', data: {} })
  const isOurs = asked.get('client_id') === options.clientId && asked.get('client_secret') === options.clientSecret
  if (!isOurs || asked.get('grant_type') !== 'client_credentials') return Response.json({ error: 'invalid_client' }, { status: 400 })
  const token = `shpca_${randomBytes(12).toString('hex')}`
  store.run('insert into token values (?, ?)', token, options.now().getTime() + DAY_S * 1000)
  return Response.json({ access_token: token, scope: '', expires_in: DAY_S })
}

function isKnown({ store, options }: Shop, token: string): boolean {
  if (token === options.accessToken) return true
  return store.one('select 1 as yes from token where token = ? and until_ms > ?', token, options.now().getTime()) !== undefined
}

/** What was asked is done, but the answer is a page of something in between, cut off, or something else. */
function garbage(body: object, chance: number): Response {
  if (chance < 0.34) return new Response('<!doctype html><title>Something went wrong</title>', { headers: { 'content-type': 'text/html' } })
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
