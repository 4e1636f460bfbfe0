/** What takes longer than this is remembered. */
const SLOW_MS = 150

/** For so many times as long as it took. */
const TIMES = 20

/**
 * Remembers what took long to find out, by its name, for a multiple of that time: pages that refresh themselves while much moves would ask for nothing else. What is
 * quick is asked anew each time.
 */
export function rememberSlow<Found>(find: (name: string) => Promise<Found>): (name: string) => Promise<Found> {
  const known = new Map<string, { readonly found: Promise<Found>; readonly until: number }>()
  return async name => {
    const began = performance.now()
    const before = known.get(name)
    if (before !== undefined && began < before.until) return before.found
    // Whoever asks meanwhile waits for the same answer.
    const found = find(name)
    known.set(name, { found, until: Number.POSITIVE_INFINITY })
    try {
      await found
      const tookMs = performance.now() - began
      if (tookMs < SLOW_MS) known.delete(name)
      else known.set(name, { found, until: performance.now() + tookMs * TIMES })
    } catch (error) {
      known.delete(name)
      throw error
    }
    return found
  }
}
