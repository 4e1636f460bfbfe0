import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { ChannelAccess, Session } from '../../connectors/contract.ts'
import { type Http, makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import { shopify } from '../../connectors/shopify/index.ts'
import type { ShopifySandboxOptions } from '../../connectors/shopify/sandbox/schema.ts'
import { makeShopifySandbox } from '../../connectors/shopify/sandbox.ts'
import { shopifyWebhook } from '../../connectors/shopify/webhook.ts'
import { ofThisFile } from '../support/of-this-file.ts'
import type { PlatformLimit, PlatformStage } from './platform-stage.ts'
import type { Exchange } from './shopify-schema.ts'
import { openStage, STARTED_AT, type Stage, type Traits } from './stage.ts'

export const shopifyTraits: Traits = {
  operations: { push: 'SetQuantities', listings: 'VariantPage', orders: 'ChangedOrders', ship: 'Fulfil', refund: 'CreateRefund' },
  showsReady: false,
  door: shopifyWebhook,
  messagesTellOrders: false,
  pings: false,
}

export const BERLIN: ChannelAccess = { ref: '70001', currency: 'EUR', zone: 'Europe/Berlin' }
export const MALMO: ChannelAccess = { ref: '70002', currency: 'EUR', zone: 'Europe/Stockholm' }
export const LOCATIONS = [
  { id: BERLIN.ref, name: 'Berlin' },
  { id: MALMO.ref, name: 'Malmö' },
]
/** The stage's webhook secret: Shopify signs with the app's. */
const SECRET = 'a webhook secret'
export const shopifyKeys = { accessToken: 'shpat_0123456789', clientSecret: SECRET }

/** Every call of every stage of this file, for whoever holds them against the official schema. */
export const exchanges = ofThisFile<Exchange>()

type Levers = Partial<Pick<ShopifySandboxOptions, 'currency' | 'locations' | 'scopes' | 'clientId' | 'pointsPerS'>> & {
  readonly channels?: readonly ChannelAccess[]
  readonly credentials?: Readonly<Record<string, unknown>>
  /** Called when a call has arrived, before the shop sees it. */
  readonly before?: (operation: string, sandbox: Sandbox) => void
}

/** A Shopify shop with the connector joined to it. */
export function openShopify({ channels = [BERLIN], credentials = shopifyKeys, before, ...levers }: Levers = {}): Promise<Stage> {
  return openStage({
    connector: shopify,
    traits: shopifyTraits,
    makeSandbox: options => watched(makeShopifySandbox({ ...options, ...shopifyKeys, ...levers }), before),
    access: url => ({ settings: { url }, credentials, channels }),
    stranger: url => ({ settings: { url }, credentials: { accessToken: 'shpat_wrong' }, channels }),
    secrets: [shopifyKeys.accessToken, 'shpat_wrong'],
  })
}

/** Notes each call with its answer. */
export function watched(sandbox: Sandbox, before?: (operation: string, sandbox: Sandbox) => void): Sandbox {
  const fetch = async (request: Request): Promise<Response> => {
    const body = await request.clone().text()
    if (!request.url.endsWith('/graphql.json')) return sandbox.fetch(request)
    const call = JSON.parse(body)
    before?.(call.operationName, sandbox)
    const answer = await sandbox.fetch(request)
    const text = await answer
      .clone()
      .text()
      .catch(() => '')
    if (text.startsWith('{') && text.endsWith('}')) exchanges.push({ ...call, answer: JSON.parse(text) })
    return answer
  }
  return { ...sandbox, fetch }
}

/** Of a list of a hundred variants with their items: two for the list, one for each thing in it. */
const FULL_QUERY = 203

export const stage: PlatformStage = {
  ...{ connector: shopify, traits: shopifyTraits, open: () => openShopify() },
  openIn: currency => openShopify({ currency, channels: [{ ...BERLIN, currency }] }),
  finerPrice: 'refused',
  live: {
    make: options => makeShopifySandbox({ ...options, ...shopifyKeys }),
    account: (url, scale) => ({
      ...{ settings: { url, scale }, credentials: shopifyKeys },
      channels: [{ code: 'shop-berlin', name: 'Berlin', ref: BERLIN.ref, currency: 'EUR', zone: 'Europe/Berlin' }],
    }),
    scale: 20,
  },
  limits: [points(100), points(1000)],
  steady: [{ what: 'everything at once', listings: 120, changeEveryMs: 1_000, forMs: 300_000, unless: 'paced' }],
}

/** The bucket of an app at a shop whose plan gives so many points back each second; twenty times as many are in it. */
function points(perS: number): PlatformLimit {
  const query = 'query Full { productVariants(first: 100) { nodes { id inventoryItem { id } } pageInfo { hasNextPage } } }'
  return {
    what: `points, of which ${perS} come back each second`,
    make: options => makeShopifySandbox({ ...options, ...shopifyKeys, pointsPerS: perS }),
    calls: async sandbox => {
      const more = { gtin: null, quantity: 1, prices: { [BERLIN.ref]: '10.00' }, parent: null }
      sandbox.seed(Array.from({ length: 100 }, (_, n) => ({ sku: `S-${n}`, title: `S-${n}`, ...more })))
      const asked = {
        headers: { 'x-shopify-access-token': shopifyKeys.accessToken },
        body: JSON.stringify({ query, operationName: 'Full', variables: {} }),
      }
      return () => new Request('https://x.example/admin/api/2026-10/graphql.json', { method: 'POST', ...asked })
    },
    burst: Math.floor((20 * perS) / FULL_QUERY),
    refusal: { status: 200, body: /"code":"THROTTLED".*"restoreRate":/ },
    again: { afterMs: Math.ceil((FULL_QUERY * 1000) / perS), calls: 1 },
  }
}

/** Runs the work on a stage and closes it. */
export async function onShopify(levers: Levers, work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openShopify(levers)
  try {
    await work(stage)
  } finally {
    await stage.close()
  }
}

/** What was asked in one call. */
export type Asked = { readonly name: string; readonly query: string; readonly variables: Record<string, unknown>; readonly token: string }

/** Answers with this data, by the operation's name, or with a whole response. */
export type Answers = (asked: Asked) => object | Response | undefined

/** A session against a server that answers as told, for answers that no shop of ours would give. */
export async function withShopify(
  answers: Answers,
  work: (session: Session, asked: readonly Asked[]) => Promise<void>,
  channels: readonly ChannelAccess[] = [BERLIN],
): Promise<void> {
  const asked: Asked[] = []
  const fetch = async (request: Request): Promise<Response> => {
    const { operationName, query, variables } = JSON.parse(await request.text())
    const call = { name: operationName, query, variables, token: request.headers.get('x-shopify-access-token') ?? '' }
    asked.push(call)
    const answer = answers(call)
    return answer instanceof Response ? answer : Response.json({ data: answer })
  }
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { http, close } = makeHttp()
  const tools = { http: http satisfies Http, now: () => STARTED_AT, pace: makePace(shopify.limits, { scale: 1000, full: true }) }
  try {
    await work(shopify.open({ settings: { url }, credentials: shopifyKeys, channels }, tools), asked)
  } finally {
    await close()
    await new Promise(resolve => server.close(resolve))
  }
}
