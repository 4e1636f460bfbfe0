// A process of its own for the tests of the queue: `stick` takes one job and never ends it, `close` does some work and must end by itself.
import { makeQueues, type QueueOptions } from '../../jobs/queues.ts'

const [mode, given] = process.argv.slice(2)
const options = JSON.parse(given ?? '') as Omit<QueueOptions, 'log'>
const queues = await makeQueues({ ...options, log: { warn: (detail, words) => console.error(words, detail) } })
const say = (what: string) => process.stdout.write(`${what}\n`)

if (mode === 'stick') {
  await queues.work('intake', () => {
    say('taken')
    return new Promise(() => {})
  })
} else {
  const ran = Promise.withResolvers<void>()
  await queues.work('intake', async () => ran.resolve())
  await queues.work('due', async () => {})
  await queues.every('due', 100)
  await queues.ring('intake', { accountId: 1 })
  await ran.promise
  await queues.close()
  say('closed')
}
