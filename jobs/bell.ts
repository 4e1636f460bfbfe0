/** Wakes a loop: rung while nobody waits, the next wait returns at once, so that no ring is lost. */
export type Bell = {
  readonly ring: () => void
  /** Waits for a ring, the time or the signal, whichever comes first. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>
}

export function makeBell(): Bell {
  let rung = false
  const waiting = new Set<() => void>()
  return {
    ring: () => {
      rung = true
      for (const wake of waiting) wake()
    },
    wait: (ms, signal) =>
      new Promise(resolve => {
        const wake = (): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          rung = false
          resolve()
        }
        const timer = setTimeout(wake, ms)
        waiting.add(wake)
        signal.addEventListener('abort', wake)
        if (rung || signal.aborted) wake()
      }),
  }
}
