import { setTimeout as wait } from 'node:timers/promises'

/**
 * Waits until the question has an answer that is neither null, undefined nor false, and gives it back. What is asked is outside our own
 * process or loop (a platform, a lane), so there is nothing to await but the answer itself.
 */
export async function until<T>(what: string, ask: () => T | Promise<T>, withinMs = 40_000): Promise<NonNullable<T>> {
  const end = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`)
    await wait(20)
  }
}
