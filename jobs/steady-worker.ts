import { setTimeout as wait } from 'node:timers/promises'
import type { Backend, JobWorker, Process, QueueLog, WorkSettings } from './backend.ts'
import { firstOfEqual } from './equal-errors.ts'

export type SteadyWorker = {
  /** Resolved once it listens, or was closed before it could. */
  readonly listening: Promise<void>
  /** Takes no more jobs, and waits for those under way. */
  readonly close: () => Promise<void>
}

/** A worker that keeps trying to start: BullMQ's own remembers a failed start for good, and would never work. */
export function steadyWorker(backend: Backend, name: string, process: Process, settings: WorkSettings, log: QueueLog): SteadyWorker {
  const closing = new AbortController()
  const trouble = firstOfEqual((error, repeated) =>
    log.warn({ queue: name, error: String(error), repeated }, 'a worker has trouble with its queue'),
  )
  const running = new Set<Promise<void>>()
  const noted: Process = job => {
    const run = process(job)
    const done = () => void running.delete(settled)
    const settled = run.then(done, done)
    running.add(settled)
    return run
  }
  let current: { readonly worker: JobWorker; isReady: boolean } | undefined

  async function start(): Promise<void> {
    while (!closing.signal.aborted) {
      const one = { worker: backend.worker(name, noted, settings), isReady: false }
      current = one
      one.worker.on('error', trouble)
      try {
        await one.worker.waitUntilReady()
        one.isReady = true
        return
      } catch (error) {
        if (closing.signal.aborted) return
        log.warn({ queue: name, error: String(error) }, 'a worker could not start, and is tried again')
        await one.worker.close(true)
        await pause(settings.runRetryDelay, closing.signal)
      }
    }
  }

  return {
    listening: start(),
    close: async () => {
      closing.abort()
      // Without a connection BullMQ's orderly close waits for the connection, so it is cut, and only our own jobs are waited for.
      await current?.worker.close(!current.isReady || !backend.isUp())
      await Promise.all(running)
    },
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, { signal })
  } catch {
    // Aborted: the worker is being closed, and whoever paused looks at the signal.
  }
}
