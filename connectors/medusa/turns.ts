/**
 * Who may be at work on stock at once. Medusa packs in several steps, one after the other: for a moment the units are off one number and not off the other, and a write
 * reckoned just then would be wrong by them. So what we pack ourselves waits for our writes of stock, and they wait for it.
 */
export type Turns = {
  /** Many of these at once. */
  readonly stock: <T>(work: () => Promise<T>) => Promise<T>
  /** Alone. */
  readonly packing: <T>(work: () => Promise<T>) => Promise<T>
}

export function makeTurns(): Turns {
  let packing: Promise<unknown> = Promise.resolve()
  const writing = new Set<Promise<unknown>>()
  return {
    stock: async work => {
      for (let seen: Promise<unknown> | null = null; seen !== packing; ) {
        seen = packing
        await seen
      }
      const done = work()
      const ended = done.catch(() => undefined).finally(() => writing.delete(ended))
      writing.add(ended)
      return done
    },
    packing: work => {
      const before = packing
      const done = (async () => {
        await before
        await Promise.all(writing)
        return work()
      })()
      packing = done.catch(() => undefined)
      return done
    },
  }
}
