import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { makeAmazonSandbox } from './amazon/sandbox.ts'
import { makeEbaySandbox } from './ebay/sandbox.ts'
import { makeHttp } from './http.ts'
import type { Sandbox, SandboxOptions } from './sandbox.ts'
import { PLAYED, type Played, type SandboxesConfig } from './sandbox-config.ts'
import { controlDoor, type Sandboxes } from './sandbox-door.ts'
import { type Place, startShoppers } from './sandbox-shoppers.ts'
import { makeShopifySandbox } from './shopify/sandbox.ts'
import { makeWooSandbox } from './woocommerce/sandbox.ts'

/** How often the platforms look for what is due. */
const TICK_MS = 50
const TIDY_MS = 60_000
/** Calls are kept in the journals this long: a hub asks ten times a second, for days. Orders and quantities are kept for good. */
const CALLS_KEPT_MS = 30 * 60_000
const DELIVERY_MS = 5_000
/** Amazon's usual times for a feed on a quiet day. */
const FEED_QUEUE_MS = 2 * 60_000
const FEED_WORK_MS = 3 * 60_000

/** Where eBay's APIs live. */
const EBAY_PATHS = /^\/(identity|sell|commerce|developer)\//

/** People in these countries shop in their own language; others in English. */
const CITIES: Readonly<Record<string, readonly string[]>> = {
  DE: ['Berlin', 'Hamburg', 'Leipzig', 'Köln', 'Freiburg'],
  SE: ['Stockholm', 'Malmö', 'Göteborg', 'Uppsala'],
}

/**
 * Plays all platforms on one port of the loopback, with their state in SQLite files of the folder: WooCommerce below `/wp-json`, the control
 * door below `/control`, Shopify (where it is asked for) below `/admin`, eBay (where it is asked for) below its own paths, Amazon everywhere else. Resolves once it listens, with what ends it in good order.
 */
export async function serveSandboxes(config: SandboxesConfig, folder: string): Promise<() => Promise<void>> {
  const { http, close: closeHttp } = makeHttp()
  const base = (platform: Played): SandboxOptions => ({
    file: join(folder, `${platform}.sqlite`),
    now: () => new Date(),
    scale: config.scale,
    random: Math.random,
    lagMs: config.lagMs,
    // Whoever cannot be reached is told again by the platform's own rules, so the reason does not matter here.
    deliver: (url, headers, body) =>
      http({ method: 'POST', url, headers, body, deadlineMs: DELIVERY_MS }).then(
        answer => answer.status,
        () => 0,
      ),
  })
  const ask = (url: string): Promise<string | null> =>
    http({ method: 'GET', url, deadlineMs: DELIVERY_MS }).then(
      answer => answer.text,
      () => null,
    )
  const sandboxes: Sandboxes = {
    woocommerce: makeWooSandbox({ ...base('woocommerce'), ...config.woocommerce, shipmentTracking: true }),
    amazon: makeAmazonSandbox({
      ...{ ...base('amazon'), ...config.amazon },
      ...{ feedQueueMs: FEED_QUEUE_MS / config.scale, feedWorkMs: FEED_WORK_MS / config.scale },
    }),
    ...(config.shopify === undefined ? {} : { shopify: makeShopifySandbox({ ...base('shopify'), ...config.shopify }) }),
    ...(config.ebay === undefined ? {} : { ebay: makeEbaySandbox({ ...base('ebay'), ...config.ebay, ask }) }),
  }
  const shoppers = startShoppers(placesOf(config, sandboxes), Math.random)
  const door = controlDoor(config.token, sandboxes, shoppers)

  const answer = (request: Request): Response | Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/control/')) return door.fetch(request)
    if (sandboxes.ebay && EBAY_PATHS.test(pathname)) return sandboxes.ebay.fetch(request)
    if (sandboxes.shopify && pathname.startsWith('/admin/')) return sandboxes.shopify.fetch(request)
    return sandboxes[pathname.startsWith('/wp-json/') ? 'woocommerce' : 'amazon'].fetch(request)
  }
  const server = await listen(answer, config.port)
  const ticking = setInterval(() => {
    for (const sandbox of Object.values(sandboxes)) sandbox.tick().catch((error: unknown) => console.error('a tick failed', error))
  }, TICK_MS)
  const tidying = setInterval(() => tidy(folder), TIDY_MS)

  return async () => {
    shoppers.stop()
    clearInterval(ticking)
    clearInterval(tidying)
    await new Promise(resolve => {
      server.close(resolve)
      server.closeAllConnections()
    })
    for (const sandbox of Object.values(sandboxes)) sandbox.close()
    await closeHttp()
  }
}

function ebayPlace(sandbox: Sandbox, { id, country }: { readonly id: string; readonly country: string }): Place {
  return { sandbox, channelRef: id, share: 1, cities: CITIES[country] ?? ['Capital'], country, holdsStock: false }
}

function placesOf(config: SandboxesConfig, sandboxes: Sandboxes): Place[] {
  const cities = (country: string): readonly string[] => CITIES[country] ?? ['Capital']
  const { marketplaces } = config.amazon
  return [
    { sandbox: sandboxes.woocommerce, channelRef: 'shop', share: 1, cities: cities('DE'), country: 'DE', holdsStock: false },
    ...marketplaces.map(({ id, country }) => ({
      ...{ sandbox: sandboxes.amazon, channelRef: id, share: 1 / marketplaces.length },
      ...{ cities: cities(country), country, holdsStock: true },
    })),
    ...(sandboxes.ebay && config.ebay ? [ebayPlace(sandboxes.ebay, config.ebay.marketplace)] : []),
  ]
}

function listen(fetch: (request: Request) => Response | Promise<Response>, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server))
    server.once('error', reject)
  })
}

function tidy(folder: string): void {
  const before = new Date(Date.now() - CALLS_KEPT_MS).toISOString()
  for (const name of PLAYED) {
    const file = join(folder, `${name}.sqlite`)
    if (!existsSync(file)) continue
    const db = new DatabaseSync(file)
    try {
      db.prepare("delete from journal where kind = 'call' and at < ?").run(before)
    } catch (error) {
      console.error(`the journal of ${name} was not tidied`, error)
    } finally {
      db.close()
    }
  }
}
