import type { Place, Precision, RouteFacts, RouteLine } from './facts.ts'
import { knownBy } from './known-then.ts'
import type { RoutedGroup } from './route.ts'

/**
 * What a decision was made from, and what it came to, as it is kept with it, so that it can be made anew by other rules. Where the buyer lives is not in it, and
 * what locations do stands in its own versions.
 */
export type KeptFacts = {
  readonly at: string
  readonly lines: readonly RouteLine[]
  readonly supply: readonly (readonly [lineId: number, placeId: number, units: number, ageDays: number])[]
  /** When the load of places was read: others may have taken of it since. */
  readonly loadAt?: string
  /** What places with a capacity had taken on, by place. */
  readonly load: Readonly<Record<string, Place['load']>>
  /** By what it was known where it goes; null: not at all. Absent of decisions before 0.9.0. */
  readonly toBy?: Precision | null
  readonly excluded: readonly (readonly [placeId: number, reason: string])[]
  readonly groups: readonly KeptGroup[]
}

export type KeptGroup = Omit<RoutedGroup, 'readyBy' | 'deliverBy'> & { readonly readyBy: string; readonly deliverBy: string | null }

export function keepFacts(facts: RouteFacts, groups: readonly RoutedGroup[], loadAt: Date): KeptFacts {
  return {
    at: facts.at.toISOString(),
    loadAt: loadAt.toISOString(),
    lines: facts.lines,
    toBy: knownBy(facts.destination),
    supply: facts.supply.map(one => [one.lineId, one.placeId, one.units, one.ageDays]),
    load: Object.fromEntries(facts.places.filter(one => Object.keys(one.load).length > 0).map(one => [one.id, one.load])),
    excluded: facts.places.flatMap(one => (one.excluded === null ? [] : [[one.id, one.excluded] as const])),
    groups: groups.map(group => ({
      ...group,
      readyBy: group.readyBy.toISOString(),
      deliverBy: group.deliverBy?.toISOString() ?? null,
    })),
  }
}
