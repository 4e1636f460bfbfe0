import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { packageRoot } from '../../db/root.ts'
import { JOB_ATTEMPTS, makeQueues, type QueueOptions, type Queues, type Rung } from '../../jobs/queues.ts'

export type Given = {
  /** Where this run of the suite keeps its jobs. */
  readonly options: () => Pick<QueueOptions, 'databaseUrl' | 'redisUrl'>
  /** How many jobs of `intake` that have ended are kept. */
  readonly kept: (prefix: string) => Promise<number>
}

/** Short enough that a test can wait for what takes half a minute in production. */
export const quick = { lockMs: 600, stalledCheckMs: 300, retryMs: 20, schedulesMs: 100 }

export type Bench = {
  readonly prefix: string
  readonly open: (overrides?: Partial<QueueOptions>) => Promise<Queues>
  readonly logged: { readonly detail: Readonly<Record<string, unknown>>; readonly words: string }[]
}

/** Opens queues that are closed when the test ends. Each test has its own prefix on Redis, and its own database on PostgreSQL. */
export function bench(options: Given['options']): () => Bench {
  const opened: Queues[] = []
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    children.clear()
    await Promise.all(opened.splice(0).map(queues => queues.close(500)))
  })
  return () => {
    const prefix = `t${randomBytes(4).toString('hex')}`
    const logged: { detail: Readonly<Record<string, unknown>>; words: string }[] = []
    const log = { warn: (detail: object, words: string) => void logged.push({ detail: { ...detail }, words }) }
    const open = async (overrides: Partial<QueueOptions> = {}) => {
      const queues = await makeQueues({ ...options(), prefix, log, timing: quick, ...overrides })
      opened.push(queues)
      return queues
    }
    return { prefix, open, logged }
  }
}

/** Collects what a handler was called with, and lets a test wait for a number of calls. */
export function calls() {
  const seen: { job: Rung; at: number }[] = []
  const waiting = new Set<() => void>()
  return {
    seen,
    note: async (job: Rung) => {
      seen.push({ job, at: Date.now() })
      for (const look of waiting) look()
    },
    until: (count: number) =>
      new Promise<void>(resolve => {
        const look = () => {
          if (seen.length < count) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
  }
}

const children = new Set<ChildProcess>()

/** Starts `queue-child.ts`; resolves with the process once it has said `word`. Those that live when the test ends are killed. */
export async function child(mode: 'stick' | 'close', options: Omit<QueueOptions, 'log'>, word: string) {
  const started = spawn(process.execPath, [join(packageRoot(), 'test/jobs/queue-child.ts'), mode, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.add(started)
  const closed = once(started, 'close')
  for await (const part of started.stdout) if (String(part).includes(word)) return { process: started, closed }
  throw new Error(`the process ended without saying ${word}`)
}

/** What must hold wherever the jobs are kept. */
export function queueSuite(given: Given): void {
  const make = bench(given.options)

  test('a ring reaches the handler, with the account that it is about', async () => {
    const { open } = make()
    const [here, there] = [await open(), await open()]
    const heard = calls()
    await here.work('intake', heard.note)
    expect(await there.ring('intake', { accountId: 7 })).toBe(true)
    await heard.until(1)
    expect(heard.seen.map(call => call.job)).toEqual([{ accountId: 7, attempt: 0 }])
    expect(there.counts()).toEqual({ rung: 1, missed: 0, failed: 0 })
  })

  test('each kind reaches its own handler, and a kind without an account says so', async () => {
    const queues = await make().open()
    const [purges, checks] = [calls(), calls()]
    await Promise.all([queues.work('purge', purges.note), queues.work('check', checks.note)])
    await Promise.all([queues.ring('purge'), queues.ring('check')])
    await Promise.all([purges.until(1), checks.until(1)])
    expect([purges.seen.length, checks.seen.length, checks.seen[0]?.job.accountId]).toEqual([1, 1, null])
  })

  test('ten rings during a run make one more run, never none and never ten', async () => {
    const queues = await make().open()
    const heard = calls()
    const goOn = Promise.withResolvers<void>()
    await queues.work('intake', async job => {
      await heard.note(job)
      await goOn.promise
    })
    await queues.ring('intake', { accountId: 1 })
    await heard.until(1)
    for (let i = 0; i < 10; i++) await queues.ring('intake', { accountId: 1 })
    goOn.resolve()
    await heard.until(2)
    // A third would come before this ring of another account, as there is one handler at a time.
    await queues.ring('intake', { accountId: 2 })
    await heard.until(3)
    expect(heard.seen.map(call => call.job.accountId)).toEqual([1, 1, 2])
  })

  test('rings for several accounts run side by side, as many as were asked for', async () => {
    const queues = await make().open()
    const heard = calls()
    const goOn = Promise.withResolvers<void>()
    await queues.work(
      'intake',
      async job => {
        await heard.note(job)
        await goOn.promise
      },
      { concurrency: 3 },
    )
    await Promise.all([1, 2, 3].map(accountId => queues.ring('intake', { accountId })))
    await heard.until(3)
    goOn.resolve()
    expect(heard.seen.map(call => call.job.accountId).sort()).toEqual([1, 2, 3])
  })

  test('a delayed ring comes no sooner than it should, and holds back none that is for now', async () => {
    const queues = await make().open()
    const heard = calls()
    await queues.work('intake', heard.note)
    const from = Date.now()
    await queues.ring('intake', { accountId: 1, delayMs: 2_500 })
    await queues.ring('intake', { accountId: 1 })
    await heard.until(2)
    const [first, second] = heard.seen.map(call => call.at - from)
    // A busy machine takes its time for the first; held back it would be as late as the second.
    expect(first).toBeLessThan(2_400)
    expect(second).toBeGreaterThanOrEqual(2_495)
  })

  test('a schedule fires again and again, once for all processes, though each keeps noting it down', async () => {
    const { open } = make()
    const [one, two] = [await open(), await open()]
    const heard = calls()
    await Promise.all([one.work('due', heard.note), two.work('due', heard.note)])
    await Promise.all([one.every('due', 250), two.every('due', 250)])
    await heard.until(17)
    const lasted = (heard.seen[16]?.at ?? 0) - (heard.seen[0]?.at ?? 0)
    // Sixteen times 250 ms, of which a busy machine may delay the first. Were each process to fire its own, it would be half of that.
    expect(lasted).toBeGreaterThan(2600)
  })

  test('a handler that throws is tried a few times and then left alone, and the next ring finds it ready', async () => {
    const { open, logged } = make()
    const queues = await open()
    const heard = calls()
    let isBroken = true
    await queues.work('intake', async job => {
      await heard.note(job)
      if (isBroken && job.accountId === 1) throw new Error('the shop said no')
    })
    await queues.ring('intake', { accountId: 1 })
    await heard.until(JOB_ATTEMPTS)
    expect(heard.seen.map(call => call.job.attempt)).toEqual([0, 1, 2, 3])
    await expect.poll(() => logged.filter(line => line.words === 'the job intake failed').length).toBe(JOB_ATTEMPTS)
    expect(queues.counts().failed).toBe(JOB_ATTEMPTS)
    isBroken = false
    // The failed job gives its place free a moment after the handler threw.
    await expect
      .poll(async () => {
        await queues.ring('intake', { accountId: 1 })
        return heard.seen.length
      })
      .toBeGreaterThan(JOB_ATTEMPTS)
    expect(heard.seen[JOB_ATTEMPTS]?.job).toEqual({ accountId: 1, attempt: 0 })
  })

  test('a job whose process is killed runs again in another', async () => {
    const { open, prefix } = make()
    const queues = await open()
    await queues.ring('intake', { accountId: 5 })
    const taker = await child('stick', { ...given.options(), prefix, timing: quick }, 'taken')
    const heard = calls()
    taker.process.kill('SIGKILL')
    await taker.closed
    await queues.work('intake', heard.note)
    await heard.until(1)
    expect(heard.seen[0]?.job.accountId).toBe(5)
  })

  test('of jobs that have ended, a bounded number is kept', async () => {
    const { open, prefix } = make()
    const queues = await open()
    const heard = calls()
    await queues.work('intake', heard.note, { concurrency: 10 })
    await Promise.all(Array.from({ length: 130 }, (_, accountId) => queues.ring('intake', { accountId })))
    await heard.until(130)
    // Ten that end at the same moment may each leave one more.
    await expect.poll(() => given.kept(prefix)).toBeLessThanOrEqual(110)
    expect(await given.kept(prefix)).toBeGreaterThanOrEqual(100)
  })

  test('closing waits for the handler under way, and a ring after it is missed, not thrown', async () => {
    const { open, logged } = make()
    const queues = await open()
    const heard = calls()
    let isEnded = false
    await queues.work('intake', async job => {
      await heard.note(job)
      await new Promise(resolve => setImmediate(resolve))
      isEnded = true
    })
    await queues.ring('intake', { accountId: 1 })
    await heard.until(1)
    await queues.close()
    expect(isEnded).toBe(true)
    expect(await queues.ring('intake', { accountId: 1 })).toBe(false)
    expect(queues.counts().missed).toBe(1)
    expect(logged.at(-1)?.words).toBe('a ring was missed: the next sweep finds the work')
  })

  test('closing gives up on a handler that does not end', async () => {
    const queues = await make().open()
    const heard = calls()
    const goOn = Promise.withResolvers<void>()
    await queues.work('intake', async job => {
      await heard.note(job)
      await goOn.promise
    })
    await queues.ring('intake', { accountId: 1 })
    await heard.until(1)
    await queues.close(100)
    goOn.resolve()
    expect(queues.counts().failed).toBe(0)
  })

  test('after closing, nothing keeps the process alive', async () => {
    const { prefix } = make()
    const one = await child('close', { ...given.options(), prefix, timing: quick }, 'closed')
    expect(await one.closed).toEqual([0, null])
  })
}
