import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { sandboxSettings, played as seller } from '../../connectors/amazon/sandbox.ts'
import { connectorOf } from '../../connectors/registry.ts'
import type { SandboxListing } from '../../connectors/sandbox.ts'
import { sandboxesShape } from '../../connectors/sandbox-config.ts'
import { played as shop } from '../../connectors/woocommerce/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import { startLanes, type Worker } from '../../jobs/worker.ts'
import { GERMANY, SWEDEN } from '../../src/demo/listings.ts'
import { makeSandboxFolder } from '../../src/demo/sandbox-folder.ts'
import { type SandboxProcess, startSandboxes } from '../../src/demo/sandbox-process.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { listen } from '../../src/main-listen.ts'
import { platformShapes } from '../../src/main-platforms.ts'
import { changeChannel, createAccount, type NewAccount } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { findAccounts, keepDeliveries } from '../../src/usecases/keep-deliveries.ts'
import { until } from '../support/until.ts'

export const WEBHOOK_SECRET = 'bench-webhook-secret'

export type LiveHub = {
  readonly sandboxes: SandboxProcess
  readonly worker: () => Worker
  /** Ends the lanes in good order and starts them anew. */
  readonly restart: () => Promise<void>
  /** Where platforms reach us. */
  readonly door: string
  readonly accounts: Readonly<Record<'woocommerce' | 'amazon', number>>
  readonly stop: () => Promise<void>
}

export type LiveHubOptions = {
  readonly context: Context
  readonly log: Logger
  /** Where the sandboxes keep their state. */
  readonly folder: string
  /** Mean time of the platforms from an order or a write to its webhook or effect, ms. */
  readonly lagMs: number
  /** How many times faster than real ones the platforms go; 20 unless told. */
  readonly scale?: number
  readonly listings: Readonly<Record<'woocommerce' | 'amazon', readonly SandboxListing[]>>
}

/**
 * A hub at work: both sandboxes in a process of their own with all rates a multiple of the published ones, their accounts connected and observed,
 * the webhook door, and lanes in this process. Nothing is published yet.
 */
export async function startLiveHub({ context, log, folder, lagMs, scale, listings }: LiveHubOptions): Promise<LiveHub> {
  const sandboxes = await bringUpSandboxes(folder, { lagMs, ...(scale === undefined ? {} : { scale }) }, log)
  const ends: (() => Promise<void>)[] = [sandboxes.stop]
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    for (const name of ['woocommerce', 'amazon'] as const) await sandboxes.remote.platform(name).seed(listings[name])
    const { sql, keyring } = context
    let worker: Worker | null = null
    const routes = webhookRoutes({ sql, keyring, find: findAccounts(sql), put: keepDeliveries(sql), ring: () => worker?.tailer.ring() })
    const listening = await listen({ fetch: request => routes.fetch(request) }, '127.0.0.1', 0, false)
    const door = `http://127.0.0.1:${listening.port}`
    ends.push(() => listening.close(500))
    const accounts = {
      woocommerce: await connectShop(context, sandboxes, { account: 'woo', channel: 'woo' }),
      amazon: await connectSeller(context, sandboxes, { account: 'amazon', german: 'amazon-de', swedish: 'amazon-se' }),
    }
    const start = (): Worker =>
      startLanes({
        ...{ sql, keyring, connectorOf, log, random: Math.random },
        owner: `bench-${randomBytes(4).toString('hex')}`,
        publicUrl: door,
      })
    let running = start()
    worker = running
    ends.push(() => running.stop())
    const restart = async (): Promise<void> => {
      await running.stop()
      running = start()
      worker = running
    }
    // Amazon shows 20 listings a call.
    await allObserved(sql, 30_000 + 10 * listings.amazon.length)
    return { sandboxes, worker: () => running, restart, door, accounts, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export const allObserved = (sql: Sql, withinMs: number): Promise<boolean> =>
  until(
    'all accounts are observed',
    async () => {
      const [row] = await sql<{ open: number }[]>`select count(*)::int as open from accounts where observed_at is null`
      return row?.open === 0
    },
    withinMs,
  )

/** Turns the switches of channels. */
export async function publish(context: Context, codes: readonly string[]): Promise<void> {
  for (const code of codes) await changeChannel(context, code, { publishStock: true, publishPrices: true }, null)
}

/** Starts both platforms in a process of their own, their state and keys in the folder. */
export async function bringUpSandboxes(
  folder: string,
  told: { readonly lagMs: number; readonly scale?: number },
  log: Logger,
): Promise<SandboxProcess> {
  await makeSandboxFolder(folder)
  const path = join(folder, 'config.json')
  const config = sandboxesShape.parse(JSON.parse(await readFile(path, 'utf8')))
  await writeFile(path, JSON.stringify({ ...config, ...told }))
  return startSandboxes(folder, false, log)
}

export async function connectShop(
  context: Context,
  { address, config }: SandboxProcess,
  names: { readonly account: string; readonly channel: string },
): Promise<number> {
  const { consumerKey, consumerSecret } = shop.options.parse(config.woocommerce)
  return connect(context, {
    ...{ name: names.account, platform: 'woocommerce', webhookSecret: WEBHOOK_SECRET },
    settings: { url: address, scale: config.scale },
    credentials: { consumerKey, consumerSecret },
    channels: [{ code: names.channel, name: 'Own shop', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }],
  })
}

export async function connectSeller(
  context: Context,
  { address, config }: SandboxProcess,
  names: { readonly account: string; readonly german: string; readonly swedish: string },
): Promise<number> {
  const { clientId, clientSecret, refreshToken, sellerId } = seller.options.parse(config.amazon)
  return connect(context, {
    ...{ name: names.account, platform: 'amazon', credentials: { clientId, clientSecret, refreshToken } },
    settings: sandboxSettings(address, { sellerId, scale: config.scale }),
    channels: [
      { code: names.german, name: 'Amazon DE', ref: GERMANY.id, currency: GERMANY.currency, zone: 'Europe/Berlin' },
      { code: names.swedish, name: 'Amazon SE', ref: SWEDEN.id, currency: SWEDEN.currency, zone: 'Europe/Stockholm' },
    ],
  })
}

async function connect(context: Context, account: NewAccount): Promise<number> {
  const shape = platformShapes.find(one => one.platform === account.platform)
  if (shape === undefined) throw new Error(`there is no connector for ${account.platform}`)
  return (await createAccount(context, shape, account, null)).accountId
}

/** A listing that both platforms can show. */
export function listingOf(sku: string, quantity: number, price: string): SandboxListing {
  return { sku, title: sku, gtin: null, quantity, prices: { shop: price, [GERMANY.id]: price, [SWEDEN.id]: price }, parent: null }
}
