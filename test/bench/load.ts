import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { spread } from './spread.ts'

export type Shot = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

export type Job = {
  readonly origin: string
  readonly clients: number
  /** Chosen from by chance while the time lasts; with `measureMs` null each is sent once, in their order. */
  readonly shots: readonly Shot[]
  readonly warmMs: number
  readonly measureMs: number | null
  /** Requests carry Idempotency-Keys that begin so; null: none. */
  readonly keyPrefix: string | null
}

export type LoadResult = {
  readonly count: number
  readonly seconds: number
  readonly latenciesMs: readonly number[]
  readonly statuses: Readonly<Record<number, number>>
  readonly refusal: string | null
  /** How busy the clients' own thread was, 0 to 1: near 1 it is the clients that are measured. */
  readonly busy: number
}

export type Load = { readonly run: (job: Job) => Promise<LoadResult>; readonly stop: () => Promise<void> }

/** Starts the thread of the clients. Each job opens connections of its own and keeps them alive until its end. */
export async function startLoad(): Promise<Load> {
  const worker = new Worker(new URL(`./load-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
  await once(worker, 'online')
  return {
    run: async job => {
      const answered = once(worker, 'message')
      worker.postMessage(job)
      const [answer] = (await answered) as [{ readonly result: LoadResult } | { readonly error: string }]
      if ('error' in answer) throw new Error(`the clients failed: ${answer.error}`)
      return answer.result
    },
    stop: async () => {
      await worker.terminate()
    },
  }
}

/** Answers per second. @throws Error when anything but 2xx came back: a refusal is quick, and would be counted as speed. */
export function perSecond(result: LoadResult): number {
  if (result.refusal !== null) throw new Error(`a request was refused: ${result.refusal}`)
  return result.count / result.seconds
}

/** `p50 6.1 ms, p99 12.0 ms, clients 43 % busy`. */
export function latencyWords(result: LoadResult): string {
  const { p50, p99 } = spread(result.latenciesMs)
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, clients ${Math.round(result.busy * 100)} % busy`
}
