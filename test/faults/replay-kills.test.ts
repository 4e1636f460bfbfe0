import { setTimeout as wait } from 'node:timers/promises'
import { createClient } from 'redis'
import { expect, onTestFinished, test } from 'vitest'
import { chanceOf } from '../../src/demo/replay/plan.ts'
import type { Stage } from '../../src/demo/replay/stage.ts'
import { suiteWith } from '../support/needs.ts'
import { onPath } from '../support/path-search.ts'
import { startRedis } from '../support/redis-server.ts'
import { isLong, repetitions } from '../support/repetitions.ts'
import { replayWhile, retailDays, workFolder } from '../support/replaying.ts'

const KILLS = repetitions('kill -9 of the hub during the replay', 2, 30)
const FLUSHES = repetitions('FLUSHALL during the replay', 1, 5)
const part = isLong ? {} : { invoices: 60 }
const timeout = isLong ? 40 * 60_000 : 240_000

/** A kill comes up to this long after its moment, so that it may also hit a hub that is just starting. */
const LATE_MS = 2_000

suiteWith('../shared/data/online-retail', retailDays(), 'the replay while the hub is killed', folder => {
  test('ends without a difference, jobs on PostgreSQL', { timeout }, async () => {
    const seed = newSeed()
    const done = { kills: 0, flushes: 0 }
    const report = await replayWhile(folder, { seed, ...part, redisUrl: null, meddle: killing(seed, done) })
    expect(report.list).toEqual([])
    expect(done.kills).toBe(KILLS)
    expect(report.jobs).toBe('PostgreSQL')
  })

  // A Redis of its own: what is flushed must be nobody else's.
  suiteWith('redis-server', onPath('redis-server'), 'with jobs on Redis, which loses everything too', program => {
    test('ends without a difference', { timeout }, async () => {
      const seed = newSeed()
      const redis = await startRedis(program, workFolder())
      onTestFinished(redis.stop)
      const done = { kills: 0, flushes: 0 }
      const meddle = async (stage: Stage, sold: () => number, signal: AbortSignal): Promise<void> => {
        await Promise.all([killing(seed, done)(stage, sold, signal), flushing(seed, redis.url, done)(sold, signal)])
      }
      const report = await replayWhile(folder, { seed, ...part, redisUrl: redis.url, meddle })
      expect(report.list).toEqual([])
      expect(report.jobs).toBe('Redis')
      expect(done).toEqual({ kills: KILLS, flushes: FLUSHES })
    })
  })
})

/** Told with the run, so that it can be repeated: CONCORD_SEED. */
function newSeed(): string {
  const seed = process.env.CONCORD_SEED ?? String(Math.floor(Math.random() * 1e9))
  console.log(`replay-kills: CONCORD_SEED=${seed}`)
  return seed
}

type Done = { kills: number; flushes: number }

const killing = (seed: string, done: Done) => (stage: Stage, sold: () => number, signal: AbortSignal) =>
  atMoments(`${seed}/kill`, KILLS, sold, signal, async chance => {
    await wait(chance * LATE_MS, undefined, { signal })
    await stage.hub.kill()
    await stage.hub.start()
    done.kills += 1
  })

const flushing = (seed: string, url: string, done: Done) => async (sold: () => number, signal: AbortSignal) => {
  const client = await createClient({ url }).connect()
  try {
    await atMoments(`${seed}/flush`, FLUSHES, sold, signal, async () => {
      await client.flushAll()
      done.flushes += 1
    })
  } finally {
    client.destroy()
  }
}

/** Acts at moments of chance, as shares of the sales. */
async function atMoments(
  seed: string,
  times: number,
  sold: () => number,
  signal: AbortSignal,
  act: (chance: number) => Promise<void>,
): Promise<void> {
  const moments = Array.from({ length: times }, (_, n) => chanceOf(`${seed}/${n}`)).sort((a, b) => a - b)
  for (const [n, moment] of moments.entries()) {
    while (sold() < moment) await wait(20, undefined, { signal })
    await act(chanceOf(`${seed}/late/${n}`))
  }
}
