import type { Timer } from '../../connectors/pace.ts'

/** Time that passes only when everything that runs waits for it. */
export type VirtualTime = {
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly timer: Timer
  /** Something that takes real turns of the event loop, and none of this time: no time passes until it is over. */
  readonly during: <T>(work: Promise<T>) => Promise<T>
  /** Lets time pass until this instant, or until the question is answered with true. */
  readonly runTo: (atMs: number, isOver?: () => boolean) => Promise<void>
}

type Sleeper = { readonly at: number; readonly order: number; readonly wake: () => void }

export function virtualTime(): VirtualTime {
  let now = 0
  let order = 0
  let underWay = 0
  const sleepers = new Set<Sleeper>()
  const wait = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const wake = (): void => {
        sleepers.delete(sleeper)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      order += 1
      const sleeper: Sleeper = { at: now + Math.max(0, ms), order, wake }
      sleepers.add(sleeper)
      signal?.addEventListener('abort', wake)
    })
  // Promises settle between two turns of the event loop.
  const settled = async (): Promise<void> => {
    do await new Promise(resolve => setImmediate(resolve))
    while (underWay > 0)
  }
  return {
    now: () => now,
    sleep: ms => wait(ms),
    timer: { now: () => now, wait },
    during: async work => {
      underWay += 1
      try {
        return await work
      } finally {
        underWay -= 1
      }
    },
    runTo: async (atMs, isOver = () => false) => {
      for (;;) {
        await settled()
        if (isOver()) return
        let next: Sleeper | null = null
        for (const one of sleepers) if (next === null || one.at < next.at || (one.at === next.at && one.order < next.order)) next = one
        if (next === null || next.at > atMs) break
        now = next.at
        next.wake()
      }
      now = Math.max(now, atMs)
    },
  }
}
