import { createPostgresBackend, isPgPool, runMigrations, withBackend } from 'bullmq'
import pg from 'pg'
import type { Backend, JobData, QueueLog } from './backend.ts'

const bull = withBackend(createPostgresBackend)

const SCHEMA = 'bullmq'
const CONNECT_TIMEOUT_MS = 5_000
/** Connections beside the one that each worker keeps for LISTEN: with fewer the workers of a process block each other for good. */
const SPARE = 3

/**
 * BullMQ in a schema of its own beside our tables. Brings that schema up to date first.
 * @throws Error when the address is that of a pooler, where LISTEN cannot work, or the server does not answer.
 */
export async function postgresBackend(databaseUrl: string, workersMax: number, log: QueueLog): Promise<Backend> {
  const address = new URL(databaseUrl)
  if (address.searchParams.get('pgbouncer') === 'true')
    throw new Error(
      'the queue listens on its connections, which PgBouncer does not allow: set REDIS_URL, or give PostgreSQL its own address',
    )
  const pool = new pg.Pool({
    connectionString: address.href,
    max: workersMax + SPARE,
    options: `-c search_path=${SCHEMA}`,
    application_name: 'concord-queue',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // Without it BullMQ looks for a lost LISTEN connection every 10 s.
    keepAlive: true,
  })
  pool.setMaxListeners(0)
  // Idle connections that a restart cuts are replaced by the next query; unheard, the event would end the process.
  pool.on('error', error => log.warn({ error: error.message }, 'a connection of the queue to PostgreSQL was cut'))
  // The two libraries write the same thing down differently; this is the check that BullMQ itself makes.
  if (!isPgPool(pool)) throw new Error('this version of pg has no pool that BullMQ can use')
  try {
    await migrateQueue(pool)
  } catch (error) {
    await pool.end()
    throw error
  }

  return {
    name: 'PostgreSQL',
    isUp: () => true,
    // The pool connects anew by itself, and what was stored is still there.
    onUp: () => {},
    queue: name => new bull.Queue<JobData>(name, { connection: pool }),
    worker: (name, process, settings) => new bull.Worker<JobData>(name, process, { connection: pool, ...settings }),
    close: () => pool.end(),
  }
}

async function migrateQueue(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await runMigrations(client, SCHEMA)
  } finally {
    client.release(true)
  }
}
