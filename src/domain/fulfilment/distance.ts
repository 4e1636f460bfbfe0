import type { Point, Precision, Whereabouts } from './facts.ts'

const EARTH_KM = 6371
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Kilometres along the surface between two points. */
export function distanceKm(a: Point, b: Point): number {
  const sin2 = (x: number): number => Math.sin(x / 2) ** 2
  const h =
    sin2(radians(b.latitude - a.latitude)) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * sin2(radians(b.longitude - a.longitude))
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** How far it is, and by what that is known: the vaguer of the two ends. `km` is null where it is not known. */
export type Away = { readonly km: number | null; readonly by: Precision | null }

const VAGUE: readonly Precision[] = ['address', 'postal_code', 'country']

/**
 * How far a place is from where goods go. From the middle of a country nothing can be said about places in that same country: they are equally near, `by` is
 * `country` and `km` null. Where one end is not known at all, `by` is null, too.
 */
export function awayFrom(from: Whereabouts, to: Whereabouts): Away {
  if (from.point === null || to.point === null) return { km: null, by: null }
  const by = VAGUE[Math.max(VAGUE.indexOf(from.pointBy ?? 'address'), VAGUE.indexOf(to.pointBy ?? 'address'))] ?? null
  if (to.pointBy === 'country' && from.country === to.country) return { km: null, by }
  return { km: distanceKm(from.point, to.point), by }
}
