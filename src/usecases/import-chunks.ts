/** A chunk's locks are held about this long, ms; the limit is 50 on a machine under load. */
export const AIM_MS = 25
const DEADLOCKS_MAX = 5

/** Somebody else changed the same products in another order, and PostgreSQL chose us to give way: nothing of the chunk was written. */
export async function unlessDeadlocked<Done>(chunk: () => Promise<Done>): Promise<Done> {
  for (let tries = 1; ; tries++) {
    try {
      return await chunk()
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01'
      if (!isDeadlock || tries === DEADLOCKS_MAX) throw error
    }
  }
}

/** At most doubled at a time: one quick chunk (all rows unchanged) says little about the next. */
export function nextSize(size: number, ms: number, most: number, aimMs = AIM_MS): number {
  const factor = Math.min(2, aimMs / Math.max(ms, 1))
  return Math.max(5, Math.min(most, Math.floor(size * factor)))
}
