import { randomBytes } from 'node:crypto'
import { serve } from '@hono/node-server'
import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { amazon } from '../../connectors/amazon/index.ts'
import { type AmazonSandboxOptions, makeAmazonSandbox, sandboxSettings } from '../../connectors/amazon/sandbox.ts'
import { connectorOf } from '../../connectors/registry.ts'
import type { Sandbox, SandboxOptions } from '../../connectors/sandbox.ts'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { makeWooSandbox } from '../../connectors/woocommerce/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import type { JobDeps } from '../../jobs/deps.ts'
import { startLanes, type Worker } from '../../jobs/worker.ts'
import { webhookRoutes } from '../../src/http/webhooks.ts'
import { changeChannel, createAccount, type NewChannel } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { heldToDescription } from '../connectors/described.ts'
import { until } from './until.ts'

export const GERMANY = { id: 'A1PA6795UKMFR9', currency: 'EUR', country: 'DE' }
export const SWEDEN = { id: 'A2NODRKZP88ZB9', currency: 'SEK', country: 'SE' }
const SELLER = 'A3TH9S8BH6GOGM'
const KEYS = { clientId: 'amzn1.application-oa2-client.0', clientSecret: 'client-secret-x', refreshToken: 'Atzr|refresh-token-x' }

export type Platform = { readonly sandbox: Sandbox; readonly address: string; readonly stop: () => Promise<void> }

/** A keyring and the context of a person, for tests. */
export async function testContext(sql: Sql): Promise<Context> {
  return { sql, keyring: await readKeyring(`test:${randomBytes(32).toString('base64')}`), actor: 'user:test' }
}

export function jobDeps(context: Context, publicUrl: string | null = null): JobDeps {
  return {
    sql: context.sql,
    keyring: context.keyring,
    connectorOf,
    log: pino({ level: process.env.CONCORD_TEST_LOG ?? 'silent' }),
    owner: `test-${randomBytes(4).toString('hex')}`,
    random: Math.random,
    publicUrl,
  }
}

/** Starts lanes; they end with the test. */
export function lanes(deps: JobDeps): Worker {
  const worker = startLanes(deps)
  onTestFinished(worker.stop)
  return worker
}

/** Serves something on the loopback until the test ends. */
export async function onLoopback(
  fetch: (request: Request) => Response | Promise<Response>,
): Promise<{ address: string; close: () => Promise<void> }> {
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise(resolve => server.once('listening', resolve))
  const at = server.address()
  const close = (): Promise<void> => new Promise(resolve => server.close(() => resolve()))
  return { address: typeof at === 'object' && at ? `http://127.0.0.1:${at.port}` : '', close }
}

/** Serves a sandbox on the loopback and does what is due there, as the platform would by itself. */
export async function playPlatform(make: (options: SandboxOptions) => Sandbox, options: Partial<SandboxOptions> = {}): Promise<Platform> {
  const { sandbox, serve: answer } = heldToDescription(
    make({ file: ':memory:', now: () => new Date(), scale: 20, random: Math.random, deliver, lagMs: 20, ...options }),
  )
  const { address, close } = await onLoopback(answer)
  let ticking = Promise.resolve(0)
  const timer = setInterval(() => {
    ticking = ticking.then(() => sandbox.tick())
  }, 20)
  const stop = async (): Promise<void> => {
    clearInterval(timer)
    await ticking
    await close()
    sandbox.close()
  }
  onTestFinished(stop)
  return { sandbox, address, stop }
}

async function deliver(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<number> {
  return fetch(url, { method: 'POST', headers, body }).then(
    answer => answer.status,
    () => 0,
  )
}

export function playAmazon(options: Partial<AmazonSandboxOptions> = {}): Promise<Platform> {
  return playPlatform(all => makeAmazonSandbox({ ...all, ...KEYS, sellerId: SELLER, marketplaces: [GERMANY, SWEDEN], ...options }), options)
}

const WOO_KEYS = { consumerKey: 'ck_test', consumerSecret: 'cs_test' }

export function playWoo(options: Partial<SandboxOptions> = {}): Promise<Platform> {
  return playPlatform(all => makeWooSandbox({ ...all, ...WOO_KEYS }), options)
}

/** The hub's webhook door on the loopback, for `publicUrl`. */
export async function openDoor(context: Context): Promise<string> {
  const { address, close } = await onLoopback(webhookRoutes({ sql: context.sql, keyring: context.keyring, ring: () => {} }).fetch)
  onTestFinished(close)
  return address
}

/** Connects the WooCommerce sandbox as account and channel `woo`, or of another name. */
export async function connectWoo(context: Context, platform: Platform, scale = 20, name = 'woo'): Promise<number> {
  const shape = {
    platform: 'woocommerce',
    stockPerAccount: false,
    readSettings: (value: unknown) => woocommerce.settings.parse(value),
    readCredentials: (value: unknown) => woocommerce.credentials.parse(value),
  }
  const channels: NewChannel[] = [{ code: name, name: 'Own shop', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }]
  const { accountId } = await createAccount(
    context,
    shape,
    { name, platform: 'woocommerce', settings: { url: platform.address, scale }, credentials: WOO_KEYS, channels },
    null,
  )
  return accountId
}

/** Connects the Amazon sandbox as account `amazon` with channels `amazon-de` and `amazon-se`, or of another name; `more`: further settings of the account. */
export async function connectAmazon(
  context: Context,
  platform: Platform,
  scale = 20,
  name = 'amazon',
  more: { returns?: boolean } = {},
): Promise<number> {
  const channels: NewChannel[] = [
    { code: `${name}-de`, name: 'Amazon DE', ref: GERMANY.id, currency: 'EUR', zone: 'Europe/Berlin' },
    { code: `${name}-se`, name: 'Amazon SE', ref: SWEDEN.id, currency: 'SEK', zone: 'Europe/Stockholm' },
  ]
  const shape = {
    platform: 'amazon',
    stockPerAccount: amazon.declares.stockPerAccount,
    readSettings: (value: unknown) => amazon.settings.parse(value),
    readCredentials: (value: unknown) => amazon.credentials.parse(value),
  }
  const settings = { ...sandboxSettings(platform.address, { sellerId: SELLER, scale }), ...more }
  const { accountId } = await createAccount(context, shape, { name, platform: 'amazon', settings, credentials: KEYS, channels }, null)
  return accountId
}

/** Waits for the observation of an account and turns its switches on. */
export async function publishAll(context: Context, accountId: number): Promise<void> {
  await until('the account is observed', async () => {
    const [row] = await context.sql`select observed_at from accounts where id = ${accountId}`
    return row?.observed_at
  })
  const channels = await context.sql<{ code: string }[]>`select code from channels where account_id = ${accountId}`
  for (const { code } of channels) await changeChannel(context, code, { publishStock: true, publishPrices: true }, null)
}

export function shownOf(sandbox: Sandbox, sku: string): number | null {
  return sandbox.shown().find(listing => listing.sku === sku)?.quantity ?? null
}
