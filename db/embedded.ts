import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { close, connect, type Sql } from './connect.ts'
import { findLiving, freePort, type Living, startServer, stopServer } from './embedded-control.ts'
import { createData, ownPassword, SUPERUSER } from './embedded-data.ts'
import { heldWords } from './embedded-held.ts'
import { type Place, SHELTER, settle } from './embedded-place.ts'

export type EmbeddedOptions = {
  /** The hub's own folder, usually `.concord`. */
  readonly dir: string
  /** Begins with an empty database; refused while another hub uses the folder. */
  readonly fresh?: boolean
  /** False gives up durability for speed: for tests that do not test durability. */
  readonly durable?: boolean
  /** Where root keeps what a closed folder would hide. */
  readonly shelter?: string
  /** Takes a line that the person at the terminal should read. */
  readonly say?: (line: string) => void
}

export type Embedded = {
  /** Address of the database `concord`, with its password. */
  readonly url: string
  /** True when a server that outlived its hub (kill -9) was taken over. */
  readonly adopted: boolean
  readonly port: number
  readonly pid: number
  /** Stops the server in good order and gives the folder free. May be called twice. */
  readonly stop: () => Promise<void>
  /** What a power cut does to the server; for fault tests. */
  readonly crash: () => Promise<void>
  /** Starts the server again after a crash, at the same address. */
  readonly revive: () => Promise<void>
}

const DATABASE = 'concord'
/** Any number that nothing else in the database `postgres` uses. */
const CLAIM = 7_312_645
/** After a hard kill the old server's children hold its shared memory for a moment; after a first try in vain, a start is tried again this long. */
const START_MS = 5_000
/** A server that we found running may still be recovering from a crash of its own. */
const RECOVERY_MS = 60_000
/** Troubles that pass by themselves: that one, the port that somebody took a moment before us, a start or stop of another hub. */
const PASSES = /shared memory|lock file|PID file|another server|already in use|does not answer|starting up|shutting down/i
/** After kill -9 of a hub the server takes a moment to notice that its connection is gone. */
const CLAIM_MS = 2_000
const PAUSE_MS = 100

/**
 * Starts PostgreSQL from the programs that npm installed, with its data below `dir`, and creates it on the first start. It listens on the
 * loopback only, with a random password, and runs detached: it outlives a hub that is killed, and the next start adopts it.
 * @throws Error when another hub uses the folder, when the programs are missing, or when it does not start (with the end of its log).
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const place = await settle(options.dir, { shelter: options.shelter ?? SHELTER, say: options.say ?? (line => console.error(line)) })
  if (options.fresh) await erase(place)
  const password = await ownPassword(place)
  const settings = serverSettings(options.durable ?? true)
  const up = await bringUp(place, settings, password)
  const claim = await claimFolder(place, addressOf(up.living.port, password, 'postgres'))
  await createDatabase(claim)
  let stopping: Promise<void> | null = null
  return {
    url: addressOf(up.living.port, password, DATABASE),
    adopted: up.adopted,
    port: up.living.port,
    pid: up.living.pid,
    stop: () => {
      stopping ??= close(claim, 1).then(() => stopServer(place))
      return stopping
    },
    crash: () => stopServer(place, 'immediate'),
    revive: async () => {
      await bringUp(place, settings, password, up.living.port)
      await claim`select pg_try_advisory_lock(${CLAIM}::bigint)` // The crash broke the connection that held it.
    },
  }
}

/** The address of the server that already runs for this folder, or null: for a command beside the running hub. */
export async function findEmbedded(dir: string, shelter: string = SHELTER): Promise<string | null> {
  const place = await settle(dir, { shelter, say: () => {} })
  const living = existsSync(place.data) ? await findLiving(place) : null
  return living === null ? null : addressOf(living.port, await ownPassword(place), DATABASE)
}

async function bringUp(place: Place, settings: Readonly<Record<string, string | number>>, password: string, port?: number) {
  let deadline = Number.POSITIVE_INFINITY
  let wish = port ?? (await lastPort(place))
  for (let tries = 0, trouble = 'it runs, but does not answer'; ; tries++) {
    const living = existsSync(place.data) ? await findLiving(place) : null
    if (living !== null && (await answers(living, password))) return { living, adopted: tries === 0 }
    if (living === null) {
      await createData(place, password, { isQuick: settings.fsync === 'off' })
      wish = await freePort(wish)
      const ended = await startServer(place, wish, settings)
      const started = await findLiving(place)
      if (ended.code === 0 && started !== null && (await answers(started, password))) {
        await writeFile(join(place.home, 'postgres.port'), String(started.port))
        return { living: started, adopted: false }
      }
      if (ended.code !== 0) trouble = ended.output
    }
    // Making the data, and the first start, take as long as a busy machine takes: patience is for what another process does meanwhile.
    if (tries === 0) deadline = Date.now() + START_MS
    if (!PASSES.test(trouble)) throw new Error(`PostgreSQL in ${place.data} does not start: ${trouble}`)
    if (Date.now() > (living === null ? deadline : deadline + RECOVERY_MS)) throw new Error(await heldWords(place, trouble))
    await wait(PAUSE_MS)
  }
}

/** One folder, one hub: a lock that dies with its connection, so that nothing stale is left after kill -9. */
async function claimFolder(place: Place, url: string): Promise<Sql> {
  const sql = connect(url, { max: 1, name: `hub-${process.pid}`, lasting: true })
  const deadline = Date.now() + CLAIM_MS
  for (;;) {
    const [row] = await sql<{ claimed: boolean }[]>`select pg_try_advisory_lock(${CLAIM}::bigint) as claimed`
    if (row?.claimed) return sql
    if (Date.now() > deadline) break
    await wait(PAUSE_MS)
  }
  const [holder] = await sql<{ name: string }[]>`
    select a.application_name as name from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.objid = ${CLAIM}::bigint and l.granted`
  await close(sql, 1)
  const pid = holder?.name.replace('concord-hub-', 'process ') ?? 'a process that has just ended'
  throw new Error(`another hub (${pid}) already runs on ${place.home}: stop it first, or give this one a folder of its own`)
}

async function createDatabase(sql: Sql): Promise<void> {
  const [there] = await sql`select 1 from pg_database where datname = ${DATABASE}`
  if (there === undefined) await sql`create database ${sql(DATABASE)}`
}

async function erase(place: Place): Promise<void> {
  if (!existsSync(place.data)) return
  const living = await findLiving(place)
  if (living !== null) {
    const claim = await claimFolder(place, addressOf(living.port, await ownPassword(place), 'postgres'))
    await close(claim, 1)
    await stopServer(place)
  }
  await rm(place.data, { recursive: true })
}

async function lastPort(place: Place): Promise<number> {
  const port = Number(await readFile(join(place.home, 'postgres.port'), 'utf8').catch(() => '0')) // None at the first start.
  return Number.isInteger(port) && port > 1023 && port < 65_536 ? port : 0
}

async function answers(living: Living, password: string): Promise<boolean> {
  const sql = connect(addressOf(living.port, password, 'postgres'), { max: 1, name: 'start' })
  try {
    await sql`select 1`
    return true
  } catch {
    return false // Still recovering, or shutting down: the caller asks again until its deadline.
  } finally {
    await close(sql, 1)
  }
}

function addressOf(port: number, password: string, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`
}

function serverSettings(isDurable: boolean): Readonly<Record<string, string | number>> {
  // Memory as it is used: with a million balances, 64 MB let a reservation take a fifth longer (`npm run -s bench -- growth`).
  // Filling each new file of the log with zeros, 16 MB of them, let every commit wait for 60 ms. What was promised to be on the disk is there all the same.
  const always = { shared_buffers: '256MB', max_connections: 100, jit: 'off', wal_init_zero: 'off', timezone: 'UTC', log_timezone: 'UTC' }
  // Without durable settings it serves tests, where several hubs share one server.
  return isDurable ? always : { ...always, max_connections: 200, fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }
}
