import type { Logger } from 'pino'
import { connect, type Sql } from '../db/connect.ts'
import { startEmbedded } from '../db/embedded.ts'
import { assertSchema, migrate } from '../db/migrate.ts'
import { writePlatforms } from '../db/platforms.ts'
import { say } from './main-console.ts'
import { declaredPrices } from './main-platforms.ts'
import type { Settings } from './settings.ts'

export type Database = {
  readonly url: string
  readonly sql: Sql
  /** Where the data is, for people; never the password. */
  readonly place: string
  /** Stops the embedded server; does nothing to one that is not ours. */
  readonly stop: () => Promise<void>
}

/**
 * Opens the database: the embedded one, started and brought to this release, or the given one, which must be of this release already. Either is told what the
 * platforms can do.
 * @throws Error in words when it does not start, does not answer, or its schema does not suit this program.
 */
export async function openDatabase({ databaseUrl, home, isFresh, role }: Settings, log: Logger): Promise<Database> {
  if (databaseUrl === null) {
    const embedded = await startEmbedded({ dir: home, fresh: isFresh, say })
    if (embedded.adopted) log.info({ postgresPid: embedded.pid }, 'took over the PostgreSQL that an earlier run left behind')
    try {
      await migrate(embedded.url)
      const sql = connect(embedded.url, { name: role })
      await writePlatforms(sql, declaredPrices)
      return { url: embedded.url, sql, place: `${home} (embedded PostgreSQL)`, stop: embedded.stop }
    } catch (error) {
      await embedded.stop()
      throw error
    }
  }
  const sql = connect(databaseUrl, { name: role })
  const newer = await assertSchema(sql)
  if (newer.length > 0) log.warn({ newer }, 'the database is of a newer, compatible release')
  await writePlatforms(sql, declaredPrices)
  return { url: databaseUrl, sql, place: databaseUrl.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, ''), stop: async () => {} }
}
