import type { Rank } from './pace.ts'

/** Servers without a limit of their own are cut off by what stands in front of them when a client opens many requests at once, whatever their spacing. */
const CONCURRENT_MAX = 4
/** Urgent calls have places of their own: those inside may be waiting for their turn just because calls are kept back for these. */
const URGENT_MAX = 2
/** A spare call may wait long for its turn; it takes no place of the others meanwhile. */
const SPARE_MAX = 1
/** Nor does one that goes ahead of all wait for a place. */
const FIRST_MAX = 1

/** Lets so many calls in at once, each by its rank; the others wait in their order. */
export function makeGates(): <T>(how: Pick<Rank, 'first' | 'urgent' | 'spare'>, work: () => Promise<T>) => Promise<T> {
  const usual = gate(CONCURRENT_MAX)
  const urgent = gate(URGENT_MAX)
  const spare = gate(SPARE_MAX)
  const first = gate(FIRST_MAX)
  return (how, work) => (how.first ? first : how.urgent ? urgent : how.spare ? spare : usual)(work)
}

/** At most `max` at a time; the others wait in their order. */
function gate(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0
  const waiting: (() => void)[] = []
  return async work => {
    if (inside >= max) await new Promise<void>(resolve => waiting.push(resolve))
    else inside += 1
    try {
      return await work()
    } finally {
      // The place is handed over rather than freed, so that a newcomer cannot take it first.
      const next = waiting.shift()
      if (next) next()
      else inside -= 1
    }
  }
}
