import { createNodeRedisClient, createRedisBackend, type IRedisClient, withBackend } from 'bullmq'
import { createClient } from 'redis'
import type { Backend, JobData, QueueLog } from './backend.ts'
import { firstOfEqual } from './equal-errors.ts'

const bull = withBackend(createRedisBackend)

const CONNECT_TIMEOUT_MS = 5_000
const RECONNECT_MAX_MS = 1_000

/**
 * BullMQ on Redis. Waits for the first try to connect, whatever comes of it: while Redis is away, rings are missed and workers wait.
 * `prefix` keeps installations apart that share a Redis.
 */
export async function redisBackend(url: string, prefix: string, log: QueueLog): Promise<Backend> {
  // One client adds, and fails at once while Redis is away, because a request that rings must not wait. The other serves the workers, and
  // waits, because there is nothing better for a worker to do.
  const adding = clientOf(url, { disableOfflineQueue: true })
  const working = clientOf(url, {})
  adding.on('ready', () => void warnOfEviction(adding, log))
  const tried = new Promise<void>(resolve => {
    adding.once('ready', resolve)
    adding.once('error', () => resolve())
  })
  // Without a listener an error of a connection would end the process, and BullMQ listens only while it uses it.
  const trouble = firstOfEqual((error, repeated) => log.warn({ error: String(error), repeated }, 'Redis is away'))
  // Making an adapter starts to connect.
  const connections = { adding: createNodeRedisClient(adding), working: createNodeRedisClient(working) }
  for (const connection of Object.values(connections)) connection.on('error', trouble)
  // Each worker makes a connection of its own from the one that it is given, to wait on.
  const waiting: IRedisClient[] = []
  const duplicate = connections.working.duplicate.bind(connections.working)
  connections.working.duplicate = (...how) => {
    const own = duplicate(...how)
    own.on('error', trouble)
    waiting.push(own)
    return own
  }
  await tried

  return {
    name: 'Redis',
    isUp: () => adding.isReady,
    onUp: listener => void adding.on('ready', listener),
    queue: name => new bull.Queue<JobData>(name, { connection: connections.adding, prefix }),
    worker: (name, process, settings) => new bull.Worker<JobData>(name, process, { connection: connections.working, prefix, ...settings }),
    close: async () => {
      for (const connection of [...waiting, connections.adding, connections.working]) connection.disconnect()
    },
  }
}

function clientOf(url: string, options: { disableOfflineQueue?: boolean }) {
  return createClient({
    url,
    ...options,
    socket: { connectTimeout: CONNECT_TIMEOUT_MS, reconnectStrategy: tries => Math.min(50 * 2 ** tries, RECONNECT_MAX_MS) },
  })
}

/** An evicted key is a lost job or a broken queue. Nothing of ours is lost by that for good, but work comes late. */
async function warnOfEviction(client: ReturnType<typeof clientOf>, log: QueueLog): Promise<void> {
  try {
    const policy = /^maxmemory_policy:(\S+)/m.exec(await client.info('memory'))?.[1]
    if (policy !== undefined && policy !== 'noeviction')
      log.warn({ policy }, `Redis evicts keys (maxmemory-policy ${policy}): set it to noeviction, or jobs vanish when its memory is full`)
  } catch (error) {
    log.warn({ error: String(error) }, 'Redis did not tell its eviction policy')
  }
}
