/** Looking for what is to be done takes at most this part of the time, however much there is to look through. */
const LOOK_SHARE = 1 / 10

/** How long to rest after a look that took so long, ms: as usual, or longer. */
export function restMs(tookMs: number, usualMs: number): number {
  return Math.max(usualMs, tookMs / LOOK_SHARE - tookMs)
}
