import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Logger } from 'pino'
import { close, connect, type Sql } from '../../db/connect.ts'
import { startEmbedded } from '../../db/embedded.ts'
import { migrate } from '../../db/migrate.ts'
import { type AppDeps, makeDoors } from '../../src/app.ts'
import { makeLog } from '../../src/http/log.ts'
import { type Answering, listen } from '../../src/main-listen.ts'
import { gatherLines } from '../../src/main-log-lines.ts'
import { check, checkText } from '../../src/usecases/check.ts'
import type { Context } from '../../src/usecases/context.ts'
import { addKey } from '../../src/usecases/manage-access.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { type Load, startLoad } from './load.ts'

/** What every entry gets: a database of its own on a server with durable settings, the clients, and a folder. */
export type Stage = {
  readonly url: string
  readonly sql: Sql
  /** Without a limit of time for its statements: for laying much in, and for looking through it. */
  readonly unhurried: Sql
  readonly context: Context
  readonly load: Load
  readonly folder: string
  /** Logs to a file of the folder, as a program would to its own. */
  readonly log: Logger
  /** Serves the API on the loopback until the entry ends; answers its address and a key that may do everything. */
  readonly serveApi: (more?: Partial<AppDeps>) => Promise<{ readonly origin: string; readonly key: string }>
  /** Serves anything else. */
  readonly serve: (fetch: (request: Request) => Response | Promise<Response>) => Promise<string>
  /** Runs every rule of `concord check`; answers the number of violations, and says on standard error what they are. */
  readonly violations: () => Promise<number>
  /** A second stage, with a database of its own on the same server, that ends with this one. */
  readonly another: () => Promise<Stage>
  /** Done when the entry ends, last first. */
  readonly atEnd: (act: () => Promise<void>) => void
}

export type Bench = {
  readonly withStage: <T>(act: (stage: Stage) => Promise<T>) => Promise<T>
  readonly stop: () => Promise<void>
}

/** Starts PostgreSQL with durable settings, below a temporary folder that goes with it. */
export async function startBench(): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'))
  chmodSync(folder, 0o711) // As root, PostgreSQL runs as another user, who must get through.
  const postgres = await startEmbedded({ dir: join(folder, 'data'), say: () => {} })
  const load = await startLoad()
  let stages = 0
  const ends: (() => Promise<void>)[] = []
  const endStage = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end()
  }

  const setStage = async (): Promise<Stage> => {
    const own = join(folder, `stage-${++stages}`)
    const url = await makeDatabase(postgres.url, `bench_${stages}`)
    const sql = connect(url, { name: 'bench' })
    ends.push(() => close(sql, 2))
    const unhurried = connect(url, { name: 'bench-unhurried', max: 1, statementTimeoutMs: 0 })
    ends.push(() => close(unhurried, 2))
    const logFile = openSync(`${own}.log`, 'a')
    const lines = gatherLines(text => writeSync(logFile, text))
    ends.push(async () => {
      // The last requests are noted a turn of the event loop after their answers.
      await nextTurn()
      lines.flush()
      closeSync(logFile)
    })
    const log = makeLog({ destination: lines })
    const context: Context = { sql, keyring: await readKeyring(`bench:${randomBytes(32).toString('base64')}`), actor: 'user:bench' }
    const serve = async (answering: Answering): Promise<string> => {
      const listening = await listen(answering, '127.0.0.1', 0, false)
      ends.push(() => listening.close(100))
      return `http://127.0.0.1:${listening.port}`
    }
    return {
      ...{ url, sql, unhurried, context, load, log, folder: own, serve: fetch => serve({ fetch }) },
      serveApi: async more => {
        const { app, quick } = makeDoors({ sql, keyring: context.keyring, log, ...more })
        const { key } = await addKey(context, null, { name: 'bench', scopes: ['admin'] })
        if (key === null) throw new Error('a new key was not shown')
        return { origin: await serve({ fetch: request => app.fetch(request), quick }), key }
      },
      violations: async () => {
        const report = await check({ ...context, sql: unhurried })
        if (!report.ok) console.error(checkText(report))
        return report.violations
      },
      another: setStage,
      atEnd: act => ends.push(act),
    }
  }

  const stop = async (): Promise<void> => {
    await endStage()
    await load.stop()
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  let stopping: Promise<void> | null = null

  return {
    withStage: async act => {
      try {
        return await act(await setStage())
      } finally {
        await endStage()
      }
    },
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

async function makeDatabase(serverUrl: string, name: string): Promise<string> {
  const server = connect(serverUrl, { max: 1, name: 'bench-set-up' })
  try {
    await server`create database ${server(name)}`
  } finally {
    await close(server, 1)
  }
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  await migrate(url.href)
  return url.href
}
