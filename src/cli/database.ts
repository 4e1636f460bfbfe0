import { constants } from 'node:os'
import { connectedPrograms } from '../../db/backup.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import { findEmbedded, startEmbedded } from '../../db/embedded.ts'
import { assertSchema, type Migrated, migrate } from '../../db/migrate.ts'
import { type PlatformPrices, writePlatforms } from '../../db/platforms.ts'
import type { CliSettings, Command } from './command.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type OpenDatabase = { readonly sql: Sql; readonly url: string; readonly close: () => Promise<void> }

/**
 * The database that a command works on: DATABASE_URL, else the embedded one, which is started for the command's duration where no hub runs.
 * The embedded one is ours alone, so it is brought to this release without being asked; another one is not.
 */
export async function openDatabase(
  settings: CliSettings,
  command: Command,
  declared: readonly PlatformPrices[],
  say: (line: string) => void,
): Promise<OpenDatabase> {
  const place =
    settings.databaseUrl === null ? await embedded(settings.home, command, declared, say) : { url: settings.databaseUrl, stop: null }
  const sql = connect(place.url, { max: 4, name: 'cli', ...(command.isLong ? { statementTimeoutMs: 0 } : {}) })
  const end = async () => {
    // Another command may have found the server that we started, and still be at work: then it stays, and the next start takes it over.
    const users = place.stop === null ? [] : await othersAtWork(sql)
    await close(sql)
    if (users.length === 0) await place.stop?.()
    for (const signal of SIGNALS) process.off(signal, interrupted)
  }
  const interrupted = (signal: NodeJS.Signals) => {
    // Whatever was under way is one statement: it is done or it is not.
    end().finally(() => process.exit(128 + constants.signals[signal]))
  }
  // A server that we started would outlive us otherwise.
  if (place.stop !== null) for (const signal of SIGNALS) process.once(signal, interrupted)
  try {
    if (command.database === 'migrated') {
      for (const name of await assertSchema(sql)) say(`the database is of a newer release (${name}); this one still works with it`)
    }
  } catch (error) {
    await end()
    throw error
  }
  return { sql, url: place.url, close: end }
}

async function embedded(
  home: string,
  command: Command,
  declared: readonly PlatformPrices[],
  say: (line: string) => void,
): Promise<{ url: string; stop: (() => Promise<void>) | null }> {
  const running = await findEmbedded(home)
  if (running !== null) return { url: running, stop: null }
  const started = await startEmbedded({ dir: home, say })
  if (command.database === 'migrated') {
    try {
      await migrateFor(started.url, declared)
    } catch (error) {
      await started.stop()
      throw error
    }
  }
  return { url: started.url, stop: started.stop }
}

/** Brings a database to this release, and tells it what this release's platforms can do. */
export async function migrateFor(url: string, declared: readonly PlatformPrices[]): Promise<Migrated> {
  const sql = connect(url, { max: 1, name: 'migrate', statementTimeoutMs: 0 })
  try {
    const done = await migrate(sql)
    await writePlatforms(sql, declared)
    return done
  } finally {
    await close(sql)
  }
}

async function othersAtWork(sql: Sql): Promise<readonly string[]> {
  try {
    return await connectedPrograms(sql)
  } catch {
    return [] // The server is gone, or cannot be asked: nobody works on it.
  }
}
