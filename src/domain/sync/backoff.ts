/**
 * How long to wait before the next try, ms: doubles from `firstMs` up to `maxMs`, with full jitter so that many waiting things do not come
 * back at once. `attempt` counts from 1; `chance` is in [0, 1). What the platform asked for (`floorMs`) is never undercut.
 */
export function backoffMs(
  attempt: number,
  chance: number,
  limits: { readonly firstMs: number; readonly maxMs: number; readonly floorMs?: number },
): number {
  const ceiling = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt - 1, 30))
  return Math.max(limits.floorMs ?? 0, Math.round(ceiling / 2 + (ceiling / 2) * chance))
}
