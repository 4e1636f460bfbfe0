import { existsSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { serve } from '@hono/node-server'
import { makeHttp } from './http.ts'
import { connectorOf, platforms } from './registry.ts'
import type { Sandbox } from './sandbox.ts'
import type { SandboxesConfig } from './sandbox-config.ts'
import { controlDoor } from './sandbox-door.ts'
import type { Playable, PlayedOptions, Stall } from './sandbox-played.ts'
import { type Place, startShoppers } from './sandbox-shoppers.ts'

/** How often the platforms look for what is due. */
const TICK_MS = 50
const TIDY_MS = 60_000
/** Calls are kept in the journals this long: a hub asks ten times a second, for days. Orders and quantities are kept for good. */
const CALLS_KEPT_MS = 30 * 60_000
const DELIVERY_MS = 5_000
/** What `config.json` holds beside its platforms. */
const OWN_FIELDS: readonly string[] = ['port', 'token', 'scale', 'lagMs']

/** People in these countries shop in their own language; others in English. */
const CITIES: Readonly<Record<string, readonly string[]>> = {
  DE: ['Berlin', 'Hamburg', 'Leipzig', 'Köln', 'Freiburg'],
  SE: ['Stockholm', 'Malmö', 'Göteborg', 'Uppsala'],
}

type Played = { readonly platform: string; readonly paths: Playable['paths']; readonly sandbox: Sandbox; readonly stalls: readonly Stall[] }

/**
 * Plays the platforms that the configuration names on one port of the loopback, with their state in SQLite files of the folder: the control door below
 * `/control`, each platform below its name and at the paths that are its own. Resolves once it listens, with what ends it in good order.
 * @throws Error when a platform is named that cannot be played, or its part of the configuration cannot be read.
 */
export async function serveSandboxes(config: SandboxesConfig, folder: string): Promise<() => Promise<void>> {
  const { http, close: closeHttp } = makeHttp()
  const base = (platform: string): PlayedOptions => ({
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
    ask: url =>
      http({ method: 'GET', url, deadlineMs: DELIVERY_MS }).then(
        answer => answer.text,
        () => null,
      ),
  })
  const played = await openAll(config, base)
  const sandboxes = new Map(played.map(one => [one.platform, one.sandbox]))
  const shoppers = startShoppers(played.flatMap(placesOf), Math.random)
  const door = controlDoor(config.token, sandboxes, shoppers)
  const server = await listen(request => {
    if (new URL(request.url).pathname.startsWith('/control/')) return door.fetch(request)
    return handOn(played, request)
  }, config.port)
  const ticking = setInterval(() => {
    for (const sandbox of sandboxes.values()) sandbox.tick().catch((error: unknown) => console.error('a tick failed', error))
  }, TICK_MS)
  const tidying = setInterval(() => tidy(folder, [...sandboxes.keys()]), TIDY_MS)

  return async () => {
    shoppers.stop()
    clearInterval(ticking)
    clearInterval(tidying)
    await new Promise(resolve => {
      server.close(resolve)
      server.closeAllConnections()
    })
    for (const sandbox of sandboxes.values()) sandbox.close()
    await closeHttp()
  }
}

async function openAll(config: SandboxesConfig, base: (platform: string) => PlayedOptions): Promise<Played[]> {
  const strange = Object.keys(config).find(name => !OWN_FIELDS.includes(name) && connectorOf(name) === undefined)
  if (strange !== undefined) throw new Error(`config.json names ${strange}, which is no platform of connectors/registry.ts`)
  const asked = platforms.filter(({ connector }) => config[connector.platform] !== undefined)
  return Promise.all(
    asked.map(async ({ connector: { platform }, sandbox }) => {
      const { played } = await sandbox()
      return { platform, paths: played.paths, ...played.open(base(platform), config[platform]) }
    }),
  )
}

/** To the platform whose name begins the path, which is taken off, else to the one whose own path it is, else to the one that has the rest. */
function handOn(played: readonly Played[], request: Request): Response | Promise<Response> {
  const url = new URL(request.url)
  const named = played.find(one => url.pathname.startsWith(`/${one.platform}/`))
  if (named !== undefined) {
    url.pathname = url.pathname.slice(named.platform.length + 1)
    return named.sandbox.fetch(new Request(url, request))
  }
  const owner = played.find(one => one.paths instanceof RegExp && one.paths.test(url.pathname)) ?? played.find(one => one.paths === 'rest')
  return owner?.sandbox.fetch(request) ?? Response.json({ error: `no platform that is played here has ${url.pathname}` }, { status: 404 })
}

function placesOf({ sandbox, stalls }: Played): Place[] {
  return stalls.map(stall => ({ ...stall, sandbox, cities: CITIES[stall.country] ?? ['Capital'] }))
}

function listen(fetch: (request: Request) => Response | Promise<Response>, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, port, hostname: '127.0.0.1' }, () => resolve(server as Server))
    server.once('error', reject)
  })
}

function tidy(folder: string, names: readonly string[]): void {
  const before = new Date(Date.now() - CALLS_KEPT_MS).toISOString()
  for (const name of names) {
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
