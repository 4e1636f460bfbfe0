import type { Timer } from '../../connectors/pace.ts'

/** A clock that is moved by hand; who waits is woken when its time has come. */
export function clock() {
  let at = 0
  const sleeping: { until: number; wake: () => void }[] = []
  const timer: Timer = {
    now: () => at,
    wait: (ms, signal) =>
      new Promise(resolve => {
        sleeping.push({ until: at + ms, wake: resolve })
        signal?.addEventListener('abort', () => resolve())
      }),
  }
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) await Promise.resolve()
  }
  const pass = async (ms: number): Promise<void> => {
    const end = at + ms
    for (;;) {
      await settle()
      const next = sleeping.filter(one => one.until <= end).sort((a, b) => a.until - b.until)[0]
      if (!next) break
      at = next.until
      sleeping.splice(sleeping.indexOf(next), 1)
      next.wake()
    }
    at = end
    await settle()
  }
  return { timer, pass, settle }
}
