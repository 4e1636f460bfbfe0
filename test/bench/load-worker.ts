// The clients: a thread of their own, so that they do not wait for the server's work, nor it for theirs.
import { parentPort } from 'node:worker_threads'
import { type Connection, openConnection } from './connection.ts'
import type { Job, LoadResult, Shot } from './load.ts'

const port = parentPort
if (port === null) throw new Error('load-worker.ts runs as a worker thread')

port.on('message', (job: Job) => {
  run(job).then(
    result => port.postMessage({ result }),
    (error: unknown) => port.postMessage({ error: String(error) }),
  )
})

async function run(job: Job): Promise<LoadResult> {
  const failed = Promise.withResolvers<never>()
  const connections = await Promise.all(Array.from({ length: job.clients }, () => openConnection(job.origin, failed.reject)))
  const before = performance.eventLoopUtilization()
  try {
    const result = await Promise.race([fireAll(job, connections), failed.promise])
    return { ...result, busy: performance.eventLoopUtilization(before).utilization }
  } finally {
    for (const connection of connections) connection.end()
  }
}

/** Each client asks, reads the whole answer, and asks again, until the time is over or all shots were fired. */
function fireAll(job: Job, connections: readonly Connection[]): Promise<Omit<LoadResult, 'busy'>> {
  const { host } = new URL(job.origin)
  const requests = job.shots.map(shot => requestText(host, shot))
  const latenciesMs: number[] = []
  const statuses: Record<number, number> = {}
  let refusal: string | null = null
  const from = performance.now() + job.warmMs
  const until = job.measureMs === null ? Number.POSITIVE_INFINITY : from + job.measureMs
  let taken = 0
  let working = connections.length

  return new Promise(resolve => {
    const leave = (): void => {
      working -= 1
      if (working > 0) return
      const seconds = (Math.min(performance.now(), until) - from) / 1000
      resolve({ count: latenciesMs.length, seconds, latenciesMs, statuses, refusal })
    }
    for (const [at, connection] of connections.entries()) {
      let n = 0
      const fire = (): void => {
        const startedAt = performance.now()
        const request = requests[job.measureMs === null ? taken++ : Math.floor(Math.random() * requests.length)]
        if (startedAt >= until || request === undefined) {
          leave()
          return
        }
        const key = job.keyPrefix === null ? '' : `idempotency-key: ${job.keyPrefix}-${at}-${n++}\r\n`
        connection.ask(`${request.head}${key}${request.rest}`, ({ status, text }) => {
          const endedAt = performance.now()
          if (status >= 300) refusal ??= `${status}: ${text.slice(0, 300)}`
          if (startedAt >= from && endedAt <= until) {
            latenciesMs.push(endedAt - startedAt)
            statuses[status] = (statuses[status] ?? 0) + 1
          }
          fire()
        })
      }
      fire()
    }
  })
}

/** The bytes of a request, in two parts: between them goes what differs each time. */
function requestText(host: string, { method, path, headers, body }: Shot): { readonly head: string; readonly rest: string } {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = body === null ? '' : `content-length: ${Buffer.byteLength(body)}\r\n`
  return { head: `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('')}`, rest: `${length}\r\n${body ?? ''}` }
}
