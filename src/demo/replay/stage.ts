import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { SandboxesConfig } from '../../../connectors/sandbox-config.ts'
import { close, connect, type Sql } from '../../../db/connect.ts'
import { freePort } from '../../../db/embedded-control.ts'
import { migrate } from '../../../db/migrate.ts'
import { createDatabase, databasesLeft, dropDatabase } from '../../../db/replay.ts'
import type { Context } from '../../usecases/context.ts'
import { readKeyring } from '../../values/sealed.ts'
import { type SandboxProcess, startSandboxes } from '../sandbox-process.ts'
import { SCALES } from './accounts.ts'
import { endOrphan, type HubProcess, makeHubProcess } from './hub-process.ts'
import { CHANNEL_REF, CURRENCY } from './scene.ts'

export type Stage = {
  readonly context: Context
  readonly sandboxes: SandboxProcess
  readonly hub: HubProcess
  readonly databaseUrl: string
  readonly end: () => Promise<void>
}

export type StageOptions = {
  /** A server on which a database of the replay's own may be made. */
  readonly serverUrl: string
  /** Where the sandboxes' state lies meanwhile; what a former replay left there is thrown away. */
  readonly folder: string
  readonly redisUrl: string | null
  /** Leaves the database when the replay is over, for a look at it. */
  readonly keep: boolean
  readonly log: Logger
}

/** Databases of replays that are kept for a look, and of those that are dropped: also when the replay was killed, by a later one. */
const KEPT = 'concord_replay_kept_'
const PASSING = 'concord_replay_'
const LEFT_BEHIND_MS = 60 * 60_000
const PID_FILE = 'hub.pid'
/** Mean time from an order to its message, and from a write to its effect, ms. */
const LAG_MS = 60
/** More than the hub uses, so that the platforms' buckets never decide. */
const SANDBOX_SCALE = Math.max(...Object.values(SCALES)) * 2

/** Sets the stage: a database, keys, both platforms as a process of their own, and a hub that is not started yet. */
export async function setStage(options: StageOptions): Promise<Stage> {
  const { serverUrl, folder, log } = options
  const keys = `replay:${randomBytes(32).toString('base64')}`
  const name = `${options.keep ? KEPT : PASSING}${stamp(new Date())}_${randomBytes(2).toString('hex')}`
  const server = connect(serverUrl, { max: 1, name: 'replay-stage', statementTimeoutMs: 0 })
  const ends: (() => Promise<void>)[] = [() => close(server)]
  const end = async (): Promise<void> => {
    for (const one of ends.splice(0).reverse())
      await one().catch((error: unknown) => log.error({ err: error }, 'a part of the replay did not end in good order'))
  }
  try {
    for (const left of await databasesLeft(server, PASSING, `${PASSING}${stamp(new Date(Date.now() - LEFT_BEHIND_MS))}`))
      await dropDatabase(server, left)
    const databaseUrl = await createDatabase(server, serverUrl, name)
    if (!options.keep) ends.push(() => dropDatabase(server, name))
    await migrate(databaseUrl)
    const sql: Sql = connect(databaseUrl, { name: 'replay', max: 6, statementTimeoutMs: 120_000 })
    ends.push(() => close(sql))
    await endOrphan(join(folder, PID_FILE))
    await rm(folder, { recursive: true, force: true })
    await writeConfig(folder)
    const sandboxes = await startSandboxes(folder, false, log)
    ends.push(async () => {
      await sandboxes.stop()
      if (!options.keep) await rm(folder, { recursive: true, force: true })
    })
    const port = await freePort()
    const hub = makeHubProcess({
      port,
      logFile: join(folder, 'hub.log'),
      pidFile: join(folder, PID_FILE),
      environment: {
        DATABASE_URL: databaseUrl,
        CONCORD_KEYS: keys,
        CONCORD_HOME: folder,
        PUBLIC_URL: `http://127.0.0.1:${port}`,
        ...(options.redisUrl === null ? {} : { REDIS_URL: options.redisUrl }),
      },
    })
    ends.push(hub.stop)
    return { context: { sql, keyring: await readKeyring(keys), actor: 'replay' }, sandboxes, hub, databaseUrl, end }
  } catch (error) {
    await end()
    throw error
  }
}

/** An instant to the second, as it sorts. */
const stamp = (at: Date): string => at.toISOString().replace(/\D/g, '').slice(0, 14)

/** What the sandboxes' process is told; its keys are good for this replay only. */
async function writeConfig(folder: string): Promise<void> {
  const secret = (): string => randomBytes(24).toString('base64url')
  const config: SandboxesConfig = {
    ...{ port: await freePort(), token: secret(), scale: SANDBOX_SCALE, lagMs: LAG_MS },
    woocommerce: { consumerKey: `ck_${secret()}`, consumerSecret: `cs_${secret()}`, currency: CURRENCY },
    amazon: {
      ...{
        clientId: `amzn1.application-oa2-client.${secret()}`,
        clientSecret: secret(),
        refreshToken: `Atzr|${secret()}`,
        sellerId: 'A3REPLAYSELLER',
      },
      marketplaces: [{ id: CHANNEL_REF.amazon, currency: CURRENCY, country: 'GB' }],
    },
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(join(folder, 'config.json'), JSON.stringify(config), { mode: 0o600 })
}
