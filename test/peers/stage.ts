import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { connectorOf } from '../../connectors/registry.ts'
import { close, connect } from '../../db/connect.ts'
import { type Embedded, startEmbedded } from '../../db/embedded.ts'
import { freePort } from '../../db/embedded-control.ts'
import { migrate } from '../../db/migrate.ts'
import { createDatabase } from '../../db/replay.ts'
import { endOrphan, type HubProcess, makeHubProcess } from '../../src/demo/replay/hub-process.ts'
import { platformShape } from '../../src/platform-shape.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import type { Context } from '../../src/usecases/context.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { CURRENCY, WAREHOUSE } from './goods.ts'
import type { Shop } from './shop.ts'

/** A hub that is not started yet, over a PostgreSQL of its own that lends the peers databases. */
export type Stage = {
  readonly context: Context
  readonly hub: HubProcess
  /** Makes an empty database and answers its address. */
  readonly lend: (name: string) => Promise<string>
}

/** Called with what must be undone; the last comes first. */
export type Undo = (end: () => Promise<void>) => void

const PID_FILE = 'hub.pid'

/** Empties the folder of what a former run left, also one that was killed, and sets the stage in it. */
export async function setStage(folder: string, undo: Undo): Promise<Stage> {
  await endOrphan(join(folder, PID_FILE))
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // The hub is killed, not the machine: nothing here needs to outlive a power cut.
  const database: Embedded = await startEmbedded({ dir: folder, fresh: true, durable: false, say: () => {} })
  undo(async () => {
    await database.stop()
    await rm(folder, { recursive: true, force: true })
  })
  await migrate(database.url)
  const sql = connect(database.url, { name: 'peers', max: 6, statementTimeoutMs: 120_000 })
  undo(() => close(sql))
  const keys = `peers:${randomBytes(32).toString('base64')}`
  const port = await freePort()
  const hub = makeHubProcess({
    ...{ port, logFile: join(folder, 'hub.log'), pidFile: join(folder, PID_FILE) },
    environment: { DATABASE_URL: database.url, CONCORD_KEYS: keys, CONCORD_HOME: folder, PUBLIC_URL: `http://127.0.0.1:${port}` },
  })
  undo(hub.stop)
  return {
    context: { sql, keyring: await readKeyring(keys), actor: 'peers' },
    hub,
    lend: name => createDatabase(sql, database.url, name),
  }
}

/** Connects a shop as a channel of its own name; it begins in observe. */
export async function connectShop(context: Context, { name, access }: Shop): Promise<void> {
  const connector = connectorOf(access.platform)
  if (connector === undefined) throw new Error(`the hub has no connector for ${access.platform}`)
  await createAccount(
    context,
    platformShape(connector),
    {
      ...{ name, platform: access.platform, settings: access.settings, credentials: access.credentials, locations: [WAREHOUSE] },
      channels: [{ code: name, name, ref: access.channelRef, currency: CURRENCY, zone: 'Europe/Berlin' }],
    },
    `peers-account-${name}`,
  )
}
