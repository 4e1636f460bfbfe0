// The clients: a thread of their own, so that they do not wait for the server's work, nor it for theirs.
import { parentPort } from 'node:worker_threads'
import { Client } from 'undici'
import type { Job, LoadResult, Shot } from './load.ts'

const port = parentPort
if (port === null) throw new Error('load-worker.ts runs as a worker thread')

port.on('message', (job: Job) => {
  run(job).then(
    result => port.postMessage({ result }),
    (error: unknown) => port.postMessage({ error: String(error) }),
  )
})

type Tally = { readonly latenciesMs: number[]; readonly statuses: Record<number, number>; refusal: string | null }

async function run(job: Job): Promise<LoadResult> {
  const clients = Array.from({ length: job.clients }, () => new Client(job.origin, { pipelining: 1 }))
  const tally: Tally = { latenciesMs: [], statuses: {}, refusal: null }
  const beganAt = performance.now()
  const from = beganAt + job.warmMs
  const until = job.measureMs === null ? Number.POSITIVE_INFINITY : from + job.measureMs
  let taken = 0
  const before = performance.eventLoopUtilization()
  await Promise.all(
    clients.map(async (client, at) => {
      for (let n = 0; ; n++) {
        const startedAt = performance.now()
        if (startedAt >= until || (job.measureMs === null && taken >= job.shots.length)) return
        const shot = job.measureMs === null ? job.shots[taken++] : job.shots[Math.floor(Math.random() * job.shots.length)]
        if (shot === undefined) return
        const status = await fire(client, shot, job.keyPrefix === null ? null : `${job.keyPrefix}-${at}-${n}`, tally)
        const endedAt = performance.now()
        if (startedAt < from || endedAt > until) continue
        tally.latenciesMs.push(endedAt - startedAt)
        tally.statuses[status] = (tally.statuses[status] ?? 0) + 1
      }
    }),
  )
  const seconds = (Math.min(performance.now(), until) - from) / 1000
  const busy = performance.eventLoopUtilization(before).utilization
  await Promise.all(clients.map(client => client.close()))
  return { count: tally.latenciesMs.length, seconds, busy, ...tally }
}

function fire(client: Client, shot: Shot, key: string | null, tally: Tally): Promise<number> {
  return new Promise((resolve, reject) => {
    let status = 0
    let text = ''
    const headers = { ...shot.headers, ...(key === null ? {} : { 'idempotency-key': key }) }
    client.dispatch(
      { method: shot.method, path: shot.path, headers, body: shot.body },
      {
        onRequestStart: () => {},
        onResponseStart: (_, code) => {
          status = code
        },
        onResponseData: (_, chunk) => {
          // Whole bodies are read, as a client would; only a refusal's is kept, to say what went wrong.
          if (status >= 300) text += chunk.toString('utf8')
        },
        onResponseEnd: () => {
          if (status >= 300) tally.refusal ??= `${status}: ${text.slice(0, 300)}`
          resolve(status)
        },
        onResponseError: (_, error) => reject(error),
      },
    )
  })
}
