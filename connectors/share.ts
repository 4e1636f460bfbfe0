/**
 * How much of an operation's declared rate we use, when somebody else eats of it without a word: each "too many" multiplies it down, each call that went adds a
 * little, up to the whole again. It is reckoned in calls, not in time, so it fits any rate.
 */
export type Share = { readonly part: number /** Calls that went since it was last cut. */; readonly gone: number }

export const WHOLE: Share = { part: 1, gone: 0 }

const CUT = 0.9
const GROW = 0.001
const LEAST = 0.05

/** Calls that were under way when the first was turned away are turned away for the same reason. */
const SAME_REASON = 8

export function cut(share: Share): Share {
  if (share.part < 1 && share.gone < SAME_REASON) return share
  return { part: Math.max(LEAST, share.part * CUT), gone: 0 }
}

export function grown(share: Share): Share {
  return { part: Math.min(1, share.part + GROW), gone: share.gone + 1 }
}
