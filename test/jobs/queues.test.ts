import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeQueues } from '../../jobs/queues.ts'
import { freshDatabase, type TestDatabase } from '../support/database.ts'
import { suiteWith } from '../support/needs.ts'
import { onPath } from '../support/path-search.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { bench, calls, queueSuite } from './queue-suite.ts'

describe('the queue on PostgreSQL', () => {
  let db: TestDatabase
  beforeEach(async () => {
    db = await freshDatabase({ max: 2 })
  })
  const options = () => ({ databaseUrl: db.url })
  queueSuite({
    options,
    kept: async () => {
      const [row] = await db.sql<{ kept: number }[]>`select count(*) as kept from bullmq.job where queue = 'intake' and state = 'completed'`
      return row?.kept ?? 0
    },
  })
  const make = bench(options)

  test('goes on after all its connections were cut', async () => {
    const queues = await make().open()
    const heard = calls()
    await queues.work('intake', heard.note)
    await queues.ring('intake', { accountId: 1 })
    await heard.until(1)
    const cut =
      await db.sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`
    expect(cut.length).toBeGreaterThan(0)
    await expect.poll(() => queues.ring('intake', { accountId: 2 })).toBe(true)
    // The first may run again: that it ended was perhaps not noted down.
    await expect.poll(() => heard.seen.map(call => call.job.accountId)).toContain(2)
  })

  test('lets all kinds listen at once without starving a ring', async () => {
    const queues = await make().open()
    const heard = calls()
    await Promise.all(
      (['intake', 'due', 'sweep-inbox', 'compare', 'check', 'purge', 'partitions', 'trim', 'imports', 'risk'] as const).map(kind =>
        queues.work(kind, heard.note),
      ),
    )
    await Promise.all([queues.ring('trim'), queues.ring('compare', { accountId: 3 }), queues.ring('check'), queues.ring('due')])
    await heard.until(4)
  })

  test('says what to do where it is given the address of a pooler', async () => {
    await expect(makeQueues({ databaseUrl: `${db.url}?pgbouncer=true`, log: { warn: () => {} } })).rejects.toThrow(
      'set REDIS_URL, or give PostgreSQL its own address',
    )
  })
})

suiteWith('redis-server', onPath('redis-server'), 'the queue on Redis', program => {
  let dir: string
  let redis: RedisServer
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'concord-queue-'))
    redis = await startRedis(program, dir)
  })
  afterAll(async () => {
    await redis.stop()
    rmSync(dir, { recursive: true, force: true })
  })
  const options = () => ({ databaseUrl: 'postgres://nobody@127.0.0.1:1/unused', redisUrl: redis.url })
  const command = async (...words: string[]) => {
    const client = await createClient({ url: redis.url }).connect()
    try {
      return await client.sendCommand(words)
    } finally {
      client.destroy()
    }
  }
  queueSuite({ options, kept: async prefix => Number(await command('ZCARD', `${prefix}:intake:completed`)) })
  const make = bench(options)

  test('goes on after Redis lost everything, and its schedules come back', async () => {
    const queues = await make().open()
    const [rings, ticks] = [calls(), calls()]
    await Promise.all([queues.work('intake', rings.note), queues.work('due', ticks.note)])
    await queues.every('due', 150)
    await ticks.until(2)
    await command('FLUSHALL')
    await queues.ring('intake', { accountId: 1 })
    const before = ticks.seen.length
    await Promise.all([rings.until(1), ticks.until(before + 3)])
    expect(rings.seen[0]?.job.accountId).toBe(1)
  })

  test('misses rings at once while Redis is away, and goes on with an empty one', async () => {
    const { open, logged } = make()
    const queues = await open()
    const [rings, ticks] = [calls(), calls()]
    await Promise.all([queues.work('intake', rings.note), queues.work('due', ticks.note)])
    await queues.every('due', 150)
    await ticks.until(1)
    await redis.kill()
    await expect.poll(() => queues.ring('intake', { accountId: 1 })).toBe(false)
    const from = performance.now()
    for (let i = 0; i < 20; i++) expect(await queues.ring('intake', { accountId: 1 })).toBe(false)
    // Were each to wait until a connection is tried again, it would be twenty seconds.
    expect(performance.now() - from).toBeLessThan(5_000)
    expect(logged.filter(line => line.words.startsWith('a ring was missed'))).toHaveLength(1)
    redis = await startRedis(program, dir, redis.port)
    await expect.poll(() => queues.ring('intake', { accountId: 2 })).toBe(true)
    const before = ticks.seen.length
    await Promise.all([rings.until(1), ticks.until(before + 2)])
    expect(rings.seen[0]?.job.accountId).toBe(2)
  })

  test('may be started before Redis is', async () => {
    await redis.kill()
    const queues = await make().open()
    const heard = calls()
    const listening = queues.work('intake', heard.note)
    await queues.every('due', 150)
    expect(await queues.ring('intake', { accountId: 1 })).toBe(false)
    redis = await startRedis(program, dir, redis.port)
    await listening
    await expect.poll(() => queues.ring('intake', { accountId: 1 })).toBe(true)
    await heard.until(1)
  })

  test('closes while Redis is away', async () => {
    const queues = await make().open()
    await queues.work('intake', async () => {})
    await redis.kill()
    await expect.poll(() => queues.ring('intake')).toBe(false)
    const neverUp = await make().open()
    void neverUp.work('intake', async () => {})
    const from = performance.now()
    await Promise.all([queues.close(20_000), neverUp.close(20_000)])
    expect(performance.now() - from).toBeLessThan(15_000)
    redis = await startRedis(program, dir, redis.port)
  })

  test('warns where Redis may evict jobs', async () => {
    await command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    try {
      const { open, logged } = make()
      await open()
      await expect.poll(() => logged.map(line => line.detail.policy)).toContain('allkeys-lru')
    } finally {
      await command('CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    }
  })
})
