import type { WorkRow } from '../db/publications.ts'

/** Most fields that are looked up at once: a look takes as long as much waits, however little of it is wanted. */
const HAND_MAX = 2_000

/** For so long what was looked up is taken from, ms: what came to wait meanwhile may have to go before it. */
const HAND_MS = 1_000

/** Looks take at most this part of the time. */
const LOOK_SHARE = 1 / 10

/**
 * Takes work in small parts out of what was looked up in few large ones, in its order; the fields of one SKU stay together, and a SKU that is
 * under way is left out. Whoever sends asks anew whether each field still waits.
 */
export function takeFromHand(
  lookUp: (max: number) => Promise<readonly WorkRow[]>,
  underWay: () => ReadonlySet<string>,
  now: () => number = () => performance.now(),
): (max: number) => Promise<WorkRow[]> {
  let hand: readonly WorkRow[] = []
  let endsAt = 0
  const leaveOut = (rows: readonly WorkRow[]): readonly WorkRow[] => {
    const busy = underWay()
    return rows.filter(row => !busy.has(row.externalSku))
  }
  return async max => {
    hand = now() < endsAt ? leaveOut(hand) : []
    if (hand.length === 0) {
      const began = now()
      const found = await lookUp(HAND_MAX)
      endsAt = now() + Math.max(HAND_MS, (now() - began) / LOOK_SHARE)
      hand = leaveOut(found)
    }
    const last = hand[max - 1]?.externalSku
    let size = Math.min(max, hand.length)
    while (last !== undefined && hand[size]?.externalSku === last) size += 1
    const taken = hand.slice(0, size)
    hand = hand.slice(size)
    return taken
  }
}
