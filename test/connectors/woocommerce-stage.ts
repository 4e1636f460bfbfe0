import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import type { Session } from '../../connectors/contract.ts'
import { type Http, type HttpCall, makeHttp } from '../../connectors/http.ts'
import { makePace } from '../../connectors/pace.ts'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import type { WooSandboxOptions } from '../../connectors/woocommerce/sandbox/schema.ts'
import { makeWooSandbox } from '../../connectors/woocommerce/sandbox.ts'
import { woocommerceWebhook } from '../../connectors/woocommerce/webhook.ts'
import type { PlatformStage } from './platform-stage.ts'
import { openStage, STARTED_AT, type Stage, type Traits } from './stage.ts'

export const wooTraits: Traits = {
  operations: { push: 'products.batch', listings: 'products.list', orders: 'orders.list', ship: 'orders.update', refund: 'refunds.create' },
  door: woocommerceWebhook,
}

export const wooKeys = { consumerKey: 'ck_0123456789', consumerSecret: 'cs_9876543210' }
export const wooChannels = [{ ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }]

type Levers = Pick<WooSandboxOptions, 'currency' | 'permissions' | 'shipmentTracking' | 'batchMax' | 'paysBack'>

/** A WooCommerce shop with the connector joined to it. */
export function openWoo(levers: Levers = {}, file?: string): Promise<Stage> {
  return openStage({
    connector: woocommerce,
    traits: wooTraits,
    makeSandbox: options => makeWooSandbox({ currency: 'EUR', ...options, ...wooKeys, ...levers }),
    access: url => ({ settings: { url }, credentials: wooKeys, channels: wooChannels }),
    stranger: url => ({ settings: { url }, credentials: { ...wooKeys, consumerSecret: 'cs_wrong' }, channels: wooChannels }),
    secrets: [wooKeys.consumerSecret, 'cs_wrong'],
    ...(file ? { file } : {}),
  })
}

function openIn(currency: string): Promise<Stage> {
  const access = (url: string) => ({ settings: { url }, credentials: wooKeys, channels: [{ ref: 'shop', currency, zone: 'UTC' }] })
  return openStage({
    ...{ connector: woocommerce, traits: wooTraits, access, stranger: access, secrets: [] },
    makeSandbox: options => makeWooSandbox({ ...options, ...wooKeys, currency }),
  })
}

export const stage: PlatformStage = {
  ...{ connector: woocommerce, traits: wooTraits, open: () => openWoo(), openIn },
  finerPrice: 'shown',
  live: {
    make: options => makeWooSandbox({ ...options, ...wooKeys }),
    account: (url, scale) => ({
      ...{ settings: { url, scale }, credentials: wooKeys },
      channels: [{ code: 'woo', name: 'Own shop', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }],
    }),
    scale: 4,
  },
  limits: [
    {
      what: 'calls a second that the host lets through',
      calls: async () => () => new Request('http://woo/wp-json/wc/v3/products', {}),
      burst: 10,
      refusal: { status: 429, body: /Too Many Requests/, headers: { 'retry-after': '2' } },
      again: { afterMs: 1000, calls: 10 },
    },
  ],
}

/** A session against any server that answers as told, for answers that no shop of ours would give. */
export async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  work: (session: Session, calls: readonly HttpCall[], address: string) => Promise<void>,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const server = serve({ fetch: answer, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>(resolve => server.once('listening', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { http, close } = makeHttp()
  const calls: HttpCall[] = []
  const watched: Http = call => {
    calls.push(call)
    return http(call)
  }
  const tools = { http: watched, now: () => STARTED_AT, pace: makePace(woocommerce.limits, { scale: 1000, full: true }) }
  try {
    await work(
      woocommerce.open({ settings: { url: address, ...settings }, credentials: wooKeys, channels: wooChannels }, tools),
      calls,
      address,
    )
  } finally {
    await close()
    await new Promise(resolve => server.close(resolve))
  }
}

/** Runs the work on a stage and closes it. */
export async function onWoo(levers: Levers, work: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await openWoo(levers)
  try {
    await work(stage)
  } finally {
    await stage.close()
  }
}
