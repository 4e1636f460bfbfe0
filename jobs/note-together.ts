import { setTimeout as wait } from 'node:timers/promises'

/** Notes results; resolves once they are in the books. */
export type Note<T> = (results: readonly T[]) => Promise<void>

/**
 * Notes what many small calls were answered in few statements: while one is under way, and until `everyMs` after it began, further results gather for
 * the next. Each caller waits for the statement that its own are in, and gets its error.
 */
export function noteTogether<T>(write: Note<T>, everyMs = 0): Note<T> {
  let gathered: { readonly results: readonly T[]; readonly done: () => void; readonly failed: (error: unknown) => void }[] = []
  let isWriting = false
  const work = async (): Promise<void> => {
    isWriting = true
    while (gathered.length > 0) {
      const batch = gathered
      gathered = []
      const pause = everyMs > 0 ? wait(everyMs) : null
      await write(batch.flatMap(one => one.results)).then(
        () => {
          for (const one of batch) one.done()
        },
        (error: unknown) => {
          for (const one of batch) one.failed(error)
        },
      )
      if (pause !== null) await pause
    }
    isWriting = false
  }
  return results =>
    new Promise((done, failed) => {
      gathered.push({ results, done, failed })
      if (!isWriting) void work()
    })
}
