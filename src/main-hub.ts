import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import type { Logger } from 'pino'
import { makeHttp } from '../connectors/http.ts'
import { connectorOf } from '../connectors/registry.ts'
import { hasUsers } from '../db/access.ts'
import { close } from '../db/connect.ts'
import type { JobDeps } from '../jobs/deps.ts'
import { preparePartitions } from '../jobs/partitions.ts'
import { makeQueues, type Queues } from '../jobs/queues.ts'
import { makeTryAccount } from '../jobs/try-account.ts'
import { startLanes, type Worker } from '../jobs/worker.ts'
import { makeDoors } from './app.ts'
import { prepareDemo } from './demo/demo.ts'
import { webhookRoutes } from './http/webhooks.ts'
import { bannerText, say } from './main-console.ts'
import { type Database, openDatabase } from './main-database.ts'
import { workJobs } from './main-jobs.ts'
import { type Listening, listen } from './main-listen.ts'
import { firstLogin } from './main-login.ts'
import { platformFacts, platformShapes } from './main-platforms.ts'
import type { Settings } from './settings.ts'
import { uiRoutes } from './ui/index.ts'
import { findAccounts, keepDeliveries } from './usecases/keep-deliveries.ts'

export type Hub = {
  /** Ends everything in good order: requests drain, lanes finish their calls, then what stood behind them stops. */
  readonly stop: () => Promise<void>
}

const DRAIN_MS = 2_500
const LANES_MS = 5_000
const QUEUES_MS = 3_000

/**
 * Starts the hub as the settings say: database, pages and API, lanes and jobs, demo. Resolves as soon as it is at work; the demo gets going
 * behind it. When a step fails, what was started is stopped again.
 * @throws Error in words, for the terminal.
 */
export async function startHub(settings: Settings, log: Logger): Promise<Hub> {
  const ends: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse())
      await end().catch((error: unknown) => log.error({ err: error }, 'something did not stop in good order'))
  }
  try {
    await start(settings, log, ends)
  } catch (error) {
    await stop()
    throw error
  }
  return { stop }
}

async function start(settings: Settings, log: Logger, ends: (() => Promise<void>)[]): Promise<void> {
  const database = await openDatabase(settings, log)
  ends.push(
    () => database.stop(),
    () => close(database.sql, 1),
  )
  const { sql } = database
  const { keyring, role } = settings
  // Hubs of several databases may share one Redis: each hears its own rings only.
  const prefix = `concord-${new URL(database.url).pathname.slice(1)}`
  const queues = await makeQueues({ databaseUrl: database.url, redisUrl: settings.redisUrl ?? undefined, prefix, log })

  // Requests, calls and jobs end side by side, because each may wait for the others' work; queues last, or their rings would be missed.
  let listening: Listening | null = null
  let lanes: Worker | null = null
  let closePages = (): void => {}
  ends.push(async () => {
    closePages()
    await Promise.all([listening?.close(DRAIN_MS), atMost(LANES_MS, async () => lanes?.stop(), log, 'the lanes'), queues.close(QUEUES_MS)])
  })

  if (role !== 'worker') {
    // For keys that platforms tell of their signatures.
    const platforms = makeHttp({ connections: 4 })
    ends.push(platforms.close)
    const ui = uiRoutes({
      ...{ sql, keyring, log, platforms: platformFacts, shapes: platformShapes, tryAccount: makeTryAccount(connectorOf) },
      ...publicUrlOf(settings),
    })
    closePages = ui.close
    const ringFeed = (): void => lanes?.tailer.ring()
    const ring = (accountId: number): void => {
      ringFeed()
      void queues.ring('intake', { accountId })
    }
    const { app, quick } = makeDoors({
      ...{ sql, keyring, log, ui, platforms: platformShapes, trustProxy: settings.trustProxy, ring: ringFeed, ...publicUrlOf(settings) },
      webhooks: webhookRoutes({
        ...{
          sql,
          keyring,
          ring,
          find: findAccounts(sql),
          put: keepDeliveries(sql),
          call: platforms.http,
          log: (words, error) => log.error({ err: error }, words),
        },
        ...publicUrlOf(settings),
      }),
    })
    listening = await listen({ fetch: app.fetch, quick }, settings.host, settings.port, !settings.isPortGiven)
    await welcome(settings, database, queues, listening)
  } else say(`Concord works in the background: data ${database.place}, jobs ${queues.backend}. Ctrl-C stops it.`)

  const address = listening === null ? null : addressOf(settings.host, listening.port)
  const deps: JobDeps = {
    ...{ sql, keyring, connectorOf, log, random: Math.random },
    owner: `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`,
    // The sandboxes live on this machine; a real platform needs to be told how to reach us.
    publicUrl: settings.publicUrl ?? (settings.isDemo ? address : null),
    telling: { toPrivate: settings.webhooksToPrivate, smtp: settings.smtp },
  }
  // A month's partition must be there before its first movement, which may be the demo's.
  if (role !== 'api') await preparePartitions(deps, new Date())
  const demo = settings.isDemo ? await prepareDemo({ ...settings, sql, log, platforms: platformShapes }) : null
  // Stopped after lanes, whose calls it answers, and before the database.
  if (demo !== null) ends.splice(2, 0, demo.stop)
  if (role !== 'api') {
    lanes = startLanes(deps)
    await workJobs(queues, deps)
  }
  demo
    ?.openShops()
    .then(() => log.info('the demo is under way'))
    .catch((error: unknown) => log.error({ err: error }, 'the demo could not begin'))
}

/** Tells the person at the terminal where to go, and the first login. */
async function welcome(settings: Settings, database: Database, queues: Queues, listening: Listening): Promise<void> {
  const { home, host, port, databaseUrl, isDemo, keyring } = settings
  const context = { sql: database.sql, keyring, actor: 'system' }
  // In a company's own database people are made by whoever runs it; who starts a process first must not become its administrator.
  const first = databaseUrl === null || isDemo ? await firstLogin(context, home) : null
  if (listening.port !== port && port !== 0) say(`Port ${port} is taken by another program.`)
  say(
    bannerText({
      url: settings.publicUrl ?? addressOf(host, listening.port),
      login: first?.login ?? null,
      hasUsers: await hasUsers(database.sql),
      data: database.place,
      jobs: queues.backend,
      isDemo,
    }),
  )
  await first?.shown()
}

/** How this machine reaches us: a host that means "all addresses" is no address. */
function addressOf(host: string, port: number): string {
  const name = ['0.0.0.0', '::', ''].includes(host) ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

const publicUrlOf = ({ publicUrl }: Settings): { publicUrl?: string } => (publicUrl === null ? {} : { publicUrl })

async function atMost(ms: number, act: () => Promise<unknown> | undefined, log: Logger, what: string): Promise<void> {
  const late = new AbortController()
  const isDone = await Promise.race([Promise.resolve(act()).then(() => true), wait(ms, false, { signal: late.signal }).catch(() => false)])
  late.abort()
  if (!isDone) log.warn(`${what} did not end in time; the next start takes over`)
}
