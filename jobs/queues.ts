import { setTimeout as wait } from 'node:timers/promises'
import type { JobData, Process, QueueLog, WorkSettings } from './backend.ts'
import { postgresBackend } from './backend-postgres.ts'
import { redisBackend } from './backend-redis.ts'
import { openedQueues } from './opened-queues.ts'
import { ringTogether } from './ring-together.ts'
import { type SteadyWorker, steadyWorker } from './steady-worker.ts'

/** What can be rung for. `intake` and `compare` name an account. */
export const jobKinds = ['intake', 'due', 'sweep-inbox', 'compare', 'check', 'purge', 'partitions', 'trim', 'imports', 'risk'] as const
export type JobKind = (typeof jobKinds)[number]

export type Ring = { readonly accountId?: number /** Not before this long, ms. */; readonly delayMs?: number }

/** A job as its handler sees it. It may be the second with the same meaning, late, or about something long done. */
export type Rung = { readonly accountId: number | null /** 0 at first, then 1, 2, … */; readonly attempt: number }

export type Queues = {
  readonly backend: 'Redis' | 'PostgreSQL'
  /** Rings, and answers whether it was heard. Never throws: what is to be done is in PostgreSQL, and a sweep finds it without a ring. */
  readonly ring: (kind: JobKind, ring?: Ring) => Promise<boolean>
  /** Handles a kind in this process. Resolved once it listens; while the backend is away it keeps trying. A handler that throws is tried again. */
  readonly work: (kind: JobKind, handler: (job: Rung) => Promise<void>, options?: { readonly concurrency?: number }) => Promise<void>
  /** Rings every `ms`, once for all processes, however many ask for it. Resolved after the first try to note that down. */
  readonly every: (kind: JobKind, ms: number) => Promise<void>
  readonly counts: () => QueueCounts
  /** Takes no more jobs, waits at most `graceMs` for those under way, then gives up on them: other processes run them again. */
  readonly close: (graceMs?: number) => Promise<void>
}

/** Of this process since its start: rings heard, rings missed, runs of handlers that threw. */
export type QueueCounts = { readonly rung: number; readonly missed: number; readonly failed: number }

export type QueueTiming = {
  /** A job whose process died is free again after this; a living process renews it. */
  readonly lockMs: number
  readonly stalledCheckMs: number
  /** First pause before a failed job is tried again; it doubles each time. */
  readonly retryMs: number
  /** How often the schedules are noted down again: Redis may have lost them. */
  readonly schedulesMs: number
}

export type QueueOptions = {
  readonly databaseUrl: string
  readonly redisUrl?: string | undefined
  readonly log: QueueLog
  /** Keeps installations apart that share a Redis. */
  readonly prefix?: string
  readonly timing?: Partial<QueueTiming>
}

export const JOB_ATTEMPTS = 4

const TIMING: QueueTiming = { lockMs: 10_000, stalledCheckMs: 5_000, retryMs: 500, schedulesMs: 30_000 }
// Finished jobs are kept for a look at what went on, no more: the history is in PostgreSQL.
const KEPT = { removeOnComplete: { count: 100 }, removeOnFail: { count: 500 } }
// A process that dies in each of its jobs must stop being handed the same one; a sweep brings the matter up again.
const STALLED_MAX = 5
const GRACE_MS = 10_000
const CUT_MS = 1_000
// BullMQ's 15 s would be the pause after each restart of the server.
const RETRY_CONNECTION_MS = 500
const MISSED_LOG_MS = 10_000

/**
 * The doorbell between processes: BullMQ on Redis where `redisUrl` is given, else on PostgreSQL.
 * @throws Error when PostgreSQL is to hold the jobs and does not answer. Redis may be away at the start.
 */
export async function makeQueues(options: QueueOptions): Promise<Queues> {
  const { databaseUrl, redisUrl, log } = options
  const timing = { ...TIMING, ...options.timing }
  const backend = redisUrl
    ? await redisBackend(redisUrl, options.prefix ?? 'concord', log)
    : await postgresBackend(databaseUrl, jobKinds.length, log)
  const queues = openedQueues(backend, log)
  const workers: SteadyWorker[] = []
  const schedules = new Map<JobKind, number>()
  const counts = { rung: 0, missed: 0, failed: 0 }
  const jobOptions = { attempts: JOB_ATTEMPTS, backoff: { type: 'exponential', delay: timing.retryMs, jitter: 0.5 }, ...KEPT } as const
  const together = ringTogether<boolean>()
  let closing: Promise<void> | undefined
  let missedLoggedAt = Number.NEGATIVE_INFINITY

  async function ring(kind: JobKind, { accountId, delayMs }: Ring): Promise<boolean> {
    const data: JobData = accountId === undefined ? {} : { accountId }
    // For the same thing at most one job waits, and one more may be under way, as that one may have looked already. A job that waits
    // for its time stands for no other.
    const once = delayMs
      ? { delay: delayMs }
      : { deduplication: { id: accountId === undefined ? kind : `${kind}-${accountId}`, keepLastIfActive: true as const } }
    try {
      if (closing || !backend.isUp()) throw new Error(closing ? 'the queue is closed' : `${backend.name} is away`)
      const queue = await queues.queue(kind)
      await queue.add(kind, data, { ...jobOptions, ...once })
      counts.rung++
      return true
    } catch (error) {
      counts.missed++
      if (Date.now() - missedLoggedAt > MISSED_LOG_MS) {
        missedLoggedAt = Date.now()
        log.warn({ kind, missed: counts.missed, error: String(error) }, 'a ring was missed: the next sweep finds the work')
      }
      return false
    }
  }

  function work(kind: JobKind, handler: (job: Rung) => Promise<void>, { concurrency = 1 } = {}): Promise<void> {
    const process: Process = async ({ data, attemptsMade }) => {
      try {
        await handler({ accountId: data.accountId ?? null, attempt: attemptsMade })
      } catch (error) {
        counts.failed++
        log.warn({ kind, ...data, attempt: attemptsMade, error }, `the job ${kind} failed`)
        throw error
      }
    }
    const settings: WorkSettings = {
      concurrency,
      lockDuration: timing.lockMs,
      stalledInterval: timing.stalledCheckMs,
      maxStalledCount: STALLED_MAX,
      runRetryDelay: RETRY_CONNECTION_MS,
    }
    const worker = steadyWorker(backend, kind, process, settings, log)
    workers.push(worker)
    return worker.listening
  }

  async function noteSchedules(): Promise<void> {
    for (const [kind, ms] of schedules) {
      if (closing || !backend.isUp()) return
      try {
        const queue = await queues.queue(kind)
        const known = await queue.getJobScheduler(kind)
        // One that is there and goes on is left alone: noting it down again may ring once too often. One long overdue has lost its job.
        if (known?.every === ms && (known.next ?? 0) > Date.now() - ms - timing.schedulesMs) continue
        await queue.upsertJobScheduler(kind, { every: ms }, { name: kind, data: {}, opts: jobOptions })
      } catch (error) {
        log.warn({ kind, error: String(error) }, 'a schedule could not be noted down, and is tried again')
      }
    }
  }

  async function close(graceMs: number): Promise<void> {
    clearInterval(timer)
    await within(graceMs, Promise.all(workers.map(worker => worker.close())).then(queues.close))
    // A worker that is still in its job holds its connection; the process that wants to end now ends it too.
    await within(CUT_MS, backend.close())
  }

  backend.onUp(() => void noteSchedules())
  const timer = setInterval(() => void noteSchedules(), timing.schedulesMs)

  return {
    backend: backend.name,
    ring: (kind, asked = {}) => (asked.delayMs ? ring(kind, asked) : together(`${kind}-${asked.accountId ?? ''}`, () => ring(kind, asked))),
    work,
    every: (kind, ms) => {
      schedules.set(kind, ms)
      return noteSchedules()
    },
    counts: () => ({ ...counts }),
    close: graceMs => {
      closing ??= close(graceMs ?? GRACE_MS)
      return closing
    },
  }
}

/** Waits for `work`, at most `ms`. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController()
  try {
    await Promise.race([work, wait(ms, undefined, { signal: done.signal })])
  } finally {
    done.abort()
  }
}
