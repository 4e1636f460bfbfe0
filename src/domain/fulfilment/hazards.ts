import type { Place, RouteLine } from './facts.ts'

/**
 * Classes of dangerous goods of a line that keep it from a place: those that the place may not give to a carrier where it leaves by parcel, and those that the store (null:
 * nobody collects) may not hand to the buyer.
 */
export function barredClasses(line: RouteLine, from: Place, store: Place | null): readonly string[] {
  const isSent = store === null || store.id !== from.id
  return (line.hazards ?? []).filter(
    one => (isSent && isRefused(from.shipsHazards, one)) || (store !== null && isRefused(store.handsOverHazards, one)),
  )
}

const isRefused = (taken: readonly string[] | null, one: string): boolean => taken !== null && !taken.includes(one)
