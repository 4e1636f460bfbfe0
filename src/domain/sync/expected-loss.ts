/**
 * What is at stake with a SKU in a channel. `mean` units are expected to be sold there in the coming hour, `shape` (above 0) says how well that is known
 * (Gamma–Poisson); `margin` is lost with a unit that is not sold, `cancellation` with one that is sold and not there. Money of one currency.
 */
export type Stakes = { readonly mean: number; readonly shape: number; readonly margin: number; readonly cancellation: number }

/** A field that waits. Units that the platform shows (null: not known) and is to show; or prices in the stakes' money (shown null: none). */
export type WaitingField =
  | { readonly field: 'stock'; readonly shown: number | null; readonly target: number }
  | { readonly field: 'price'; readonly shown: number | null; readonly target: number }

/** How much more is sold at a lower price: the average of promotions, `(shown / target) ^ 3.63` (Bijmolt et al. 2005). */
const ELASTICITY = 3.63

/** No price is believed to keep more than so many times the usual sales away. */
const KEPT_AWAY_MOST = 10

/** Below this probability nobody buys so many. */
const NEVER = 1e-9

/**
 * Money that is expected to be lost in an hour in which the field waits (`publication_loss_1` in SQL).
 * Stock, too much shown: cancellations of what is sold beyond what is there, `k (E[(N - target)+] - E[(N - shown)+])`: rate × time × cost of a
 * cancellation once nothing is left (evaluation of syncing, "oversell risk λ·L·k"). Too little shown: margins of what could have been sold as well.
 * A price too low: the difference, each time it sells. Too high: the margins of those who stay away.
 */
export function expectedLoss(waiting: WaitingField, { mean, shape, margin, cancellation }: Stakes): number {
  const { shown, target } = waiting
  if (waiting.field === 'stock') {
    const more = unitsBeyond(target, mean, shape) - (shown === null ? 0 : unitsBeyond(shown, mean, shape))
    return more > 0 ? cancellation * more : margin * (0 - more)
  }
  if (shown === null) return mean * margin
  if (shown <= target) return mean * (target - shown)
  return mean * margin * (target <= 0 ? KEPT_AWAY_MOST : Math.min(KEPT_AWAY_MOST, (shown / target) ** ELASTICITY - 1))
}

/** `E[(N - units)+]`, N negative binomial: how many are expected to be asked for beyond so many. */
export function unitsBeyond(units: number, mean: number, shape: number): number {
  if (mean <= 0) return 0
  const none = shape * Math.log(1 + mean / shape)
  // So much is sold that chance does not matter, and the probability of none is too small for a number.
  if (none > 600) return Math.max(0, mean - units)
  const ratio = mean / (shape + mean)
  let term = Math.exp(-none)
  let above = 1
  let beyond = mean
  for (let n = 0; n < units; n++) {
    above -= term
    if (above < NEVER) break
    beyond -= above
    term *= ((n + shape) / (n + 1)) * ratio
  }
  return Math.max(0, beyond)
}
