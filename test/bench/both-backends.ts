import { join } from 'node:path'
import { connectorOf } from '../../connectors/registry.ts'
import { makeQueues } from '../../jobs/queues.ts'
import { workJobs } from '../../src/main-jobs.ts'
import { onPath } from '../support/path-search.ts'
import { startRedis } from '../support/redis-server.ts'
import { measureChanges } from './change-to-channel.ts'
import { atLeast, lineOf, type Measured } from './line.ts'
import { median, spread } from './spread.ts'
import type { Stage } from './stage.ts'
import { syncEfficiencyOf } from './sync-efficiency.ts'

/** How near both must be to each other: the worse figure over the better one. */
const WITHIN = 0.8
const SECONDS = 6
const CHANGES = 1_000

type Figure = { readonly value: number; readonly notes: readonly string[] }

/** The p95 of `change-to-channel`, with the queues on Redis and on PostgreSQL. */
export const changeOnBothBackends = compare('change-to-channel-backends', 's', async stage => {
  const { above, perChannel } = await measureChanges(stage, SECONDS)
  return { value: spread(above).p95, notes: perChannel }
})

/** The efficiency of `sync-efficiency`, with the queues on Redis and on PostgreSQL. */
export const efficiencyOnBothBackends = compare('sync-efficiency-backends', 'of T*', async stage => {
  const { line, notes } = await syncEfficiencyOf(CHANGES)(stage)
  return { value: line.ratio ?? Number.NaN, notes }
})

function compare(name: string, unit: string, figure: (stage: Stage) => Promise<Figure>): (stage: Stage) => Promise<Measured> {
  return async stage => {
    const program = onPath('redis-server')
    if (program === null) throw new Error('there is no redis-server on this machine: install one, or name other entries')
    const redis = await startRedis(program, join(stage.folder, 'redis'))
    stage.atEnd(redis.stop)
    const postgres: Figure[] = []
    const onRedis: Figure[] = []
    // In turns, each first and last once: what the machine does besides falls on both.
    for (const isRedis of [false, true, true, false])
      (isRedis ? onRedis : postgres).push(await withQueues(stage, isRedis ? redis.url : undefined, figure))
    const [value, yardstick] = [onRedis, postgres].map(figures => median(figures.map(one => one.value)))
    const ratio = Math.min(value ?? 0, yardstick ?? 0) / Math.max(value ?? 0, yardstick ?? 0)
    const line = {
      name,
      value: value ?? Number.NaN,
      unit,
      yardstick: yardstick ?? null,
      ratio,
      criteria: { ratio: atLeast(WITHIN, ratio) },
    }
    const words = (where: string, figures: readonly Figure[]): string[] =>
      figures.flatMap(one => [`on ${where} ${one.value.toFixed(3)} ${unit}`, ...one.notes.map(note => `  ${note}`)])
    return { line: lineOf(line), notes: [...words('Redis', onRedis), ...words('PostgreSQL', postgres)] }
  }
}

/** Measures in a database of its own, beside queues that do all their jobs; everything of it ends before the next. */
async function withQueues(stage: Stage, redisUrl: string | undefined, figure: (stage: Stage) => Promise<Figure>): Promise<Figure> {
  const ends: (() => Promise<void>)[] = []
  const own: Stage = { ...(await stage.another()), atEnd: act => ends.push(act) }
  try {
    const { sql, log, url, context } = own
    const queues = await makeQueues({ databaseUrl: url, redisUrl, prefix: 'bench', log })
    ends.push(() => queues.close())
    const deps = { sql, keyring: context.keyring, connectorOf, log, random: Math.random, owner: 'bench-jobs', publicUrl: null }
    await workJobs(queues, deps)
    return await figure(own)
  } finally {
    for (const end of ends.reverse()) await end()
  }
}
