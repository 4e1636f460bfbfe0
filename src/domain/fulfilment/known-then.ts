import { aways } from './candidate.ts'
import type { Destination, Precision, RouteFacts } from './facts.ts'
import type { Attempt } from './route.ts'

/** What a decision kept of its candidates, as far as distances go. */
export type KeptAttempt = Pick<Attempt, 'method' | 'collectAt' | 'candidates'>

/** By what it is known where goods go; null: not at all. */
export function knownBy({ country, point, pointBy }: Destination): Precision | null {
  if (point === null) return country === null ? null : 'country'
  return pointBy ?? 'address'
}

/**
 * Whether places are as far from where goods go, and that is known as well, as when the decision was made: its candidates keep their distances. An address that a platform
 * told later, or postal codes that were brought in since, are not what it was made from.
 */
export function knowsAsThen(facts: Pick<RouteFacts, 'lines' | 'places' | 'destination'>, attempts: readonly KeptAttempt[]): boolean {
  const at = new Map(facts.places.map((place, n) => [place.code, n]))
  return attempts.every(({ method, collectAt, candidates }) => {
    const lines = facts.lines.filter(line => line.method === method && (method === 'ship' || line.collectAt === collectAt))
    const far = aways({ facts }, lines)
    return candidates.every(({ place, km, kmBy }) => {
      const now = far[at.get(place) ?? -1]
      if (km === undefined || now === undefined) return true
      return (now.km === null ? null : Math.round(now.km)) === km && (now.by ?? undefined) === kmBy
    })
  })
}
