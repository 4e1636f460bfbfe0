/** What a job carries: ids, never content. What is to be done is found in PostgreSQL. */
export type JobData = { readonly accountId?: number }

export type JobOptions = {
  readonly attempts: number
  readonly backoff: { readonly type: 'exponential'; readonly delay: number; readonly jitter: number }
  readonly removeOnComplete: { readonly count: number }
  readonly removeOnFail: { readonly count: number }
  readonly delay?: number
  readonly deduplication?: { readonly id: string; readonly keepLastIfActive: true }
}

/** The parts of BullMQ's queue that we use; both backends have them. */
export type JobQueue = {
  readonly waitUntilReady: () => Promise<void>
  readonly add: (name: string, data: JobData, options: JobOptions) => Promise<unknown>
  /** `next`: when it is due next, ms since 1970. */
  readonly getJobScheduler: (id: string) => Promise<{ readonly every?: number; readonly next?: number } | undefined>
  readonly upsertJobScheduler: (
    id: string,
    repeat: { readonly every: number },
    template: { readonly name: string; readonly data: JobData; readonly opts: JobOptions },
  ) => Promise<unknown>
  readonly on: (event: 'error', listener: (error: Error) => void) => unknown
  readonly close: () => Promise<void>
}

/** The parts of BullMQ's worker that we use. */
export type JobWorker = {
  readonly waitUntilReady: () => Promise<void>
  readonly on: (event: 'error', listener: (error: Error) => void) => unknown
  readonly close: (force?: boolean) => Promise<void>
}

export type Process = (job: { readonly data: JobData; readonly attemptsMade: number }) => Promise<void>

export type WorkSettings = {
  readonly concurrency: number
  readonly lockDuration: number
  readonly stalledInterval: number
  readonly maxStalledCount: number
  readonly runRetryDelay: number
}

/** Where BullMQ keeps its jobs. */
export type Backend = {
  readonly name: 'Redis' | 'PostgreSQL'
  /** False while there is no connection, so that an `add` would fail. */
  readonly isUp: () => boolean
  /** Called whenever a connection came (back); what was stored may be gone. */
  readonly onUp: (listener: () => void) => void
  readonly queue: (name: string) => JobQueue
  readonly worker: (name: string, process: Process, settings: WorkSettings) => JobWorker
  /** Cuts its connections; queues and workers are closed before. */
  readonly close: () => Promise<void>
}

/** Takes what is worth a line in the log; pino's loggers fit. */
export type QueueLog = { readonly warn: (detail: object, words: string) => void }
