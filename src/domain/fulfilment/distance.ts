import type { Point } from './facts.ts'

const EARTH_KM = 6371
const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Kilometres along the surface between two points; null where one of them is not known. */
export function distanceKm(a: Point | null, b: Point | null): number | null {
  if (a === null || b === null) return null
  const sin2 = (x: number): number => Math.sin(x / 2) ** 2
  const h =
    sin2(radians(b.latitude - a.latitude)) +
    Math.cos(radians(a.latitude)) * Math.cos(radians(b.latitude)) * sin2(radians(b.longitude - a.longitude))
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(h)))
}
