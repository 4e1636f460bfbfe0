import type { Backend, JobQueue, QueueLog } from './backend.ts'
import { firstOfEqual } from './equal-errors.ts'

export type OpenedQueues = { readonly queue: (name: string) => Promise<JobQueue>; readonly close: () => Promise<void> }

/**
 * Opens each queue when it is first wanted, and keeps it. One that fails to open is forgotten, because BullMQ remembers a failed start for
 * good: the next caller tries anew.
 */
export function openedQueues(backend: Backend, log: QueueLog): OpenedQueues {
  const opened = new Map<string, Promise<JobQueue>>()

  async function open(name: string): Promise<JobQueue> {
    const queue = backend.queue(name)
    queue.on(
      'error',
      firstOfEqual((error, repeated) => log.warn({ queue: name, error: String(error), repeated }, 'a queue has trouble')),
    )
    try {
      await queue.waitUntilReady()
      return queue
    } catch (error) {
      opened.delete(name)
      await queue.close()
      throw error
    }
  }

  return {
    queue: name => {
      const known = opened.get(name)
      if (known) return known
      const opening = open(name)
      opened.set(name, opening)
      return opening
    },
    close: async () => {
      // What could not be opened has closed itself, and has told its caller why.
      const queues = await Promise.allSettled(opened.values())
      await Promise.all(queues.map(one => (one.status === 'fulfilled' ? one.value.close() : undefined)))
    },
  }
}
