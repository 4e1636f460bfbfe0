/** What one other listing, which draws on the same stock, was seen to sell, and how old its sales are when we learn of them and tell this channel. */
export type OtherSales = {
  /** Units sold in the days that were looked at; both 0 or more. */
  readonly units: number
  readonly days: number
  /** This channel's publish lag plus the other's intake lag, days: for so long its sales are not seen here. */
  readonly lagDays: number
  /** How many times its usual rate it sells just now (a promotion); 1: as usual. */
  readonly uplift: number
}

/** Units that the other listings sell unseen: a negative binomial by its mean and variance; variance ≥ mean. */
export type UnseenSales = { readonly mean: number; readonly variance: number }

/** Money in one currency: the margin of a unit that is held back and not sold, and what cancelling an accepted unit costs. Both above 0. */
export type RiskTerms = { readonly margin: number; readonly cancellation: number }

/** The buffer in units, and the probability that more than that is sold unseen. */
export type RiskBuffer = { readonly units: number; readonly tail: number }

/** Before anything was seen, a listing counts as one that sells this many units a day, believed as much as this many days of looking. */
export const PRIOR = { unitsPerDay: 0.5, days: 0.25 }

/** No channel keeps back more than this for what it cannot see: beyond it, the lag has to be mended. */
export const RISK_BUFFER_MOST = 10_000

/** A buffer stays while its tail is between these multiples of the accepted risk, so that learning alone causes no calls. */
const KEPT_BETWEEN = { least: 0.5, most: 1.25 }

/** Units by which the last day counts as usual, before it is believed. */
const UPLIFT_INERTIA = 3

/**
 * The predictive demand of all other listings during their lags (Gamma-Poisson): each rate is Gamma distributed by what was seen of it, so its
 * sales in a given time are negative binomial; their sum is taken as one of equal mean and variance.
 */
export function unseenSales(others: readonly OtherSales[]): UnseenSales {
  let mean = 0
  let variance = 0
  for (const { units, days, lagDays, uplift } of others) {
    const shape = PRIOR.unitsPerDay * PRIOR.days + units
    const expected = (shape / (PRIOR.days + days)) * uplift * lagDays
    mean += expected
    variance += expected + (expected * expected) / shape
  }
  return { mean, variance }
}

/** The probability that more than `units` are sold unseen. */
export function tailAbove(units: number, sales: UnseenSales): number {
  const term = probabilities(sales)
  let within = 0
  for (let n = 0; n <= units; n++) within += term(n)
  return Math.max(0, 1 - within)
}

/** The risk at which a unit held back costs as much as a cancellation saves: `m / (m + k)`, the critical ratio of the newsvendor. */
export function acceptedRisk({ margin, cancellation }: RiskTerms): number {
  return margin / (margin + cancellation)
}

/** The smallest buffer B with `P(N > B) ≤ m / (m + k)` (DESIGN 4). */
export function riskBuffer(sales: UnseenSales, terms: RiskTerms): RiskBuffer {
  const risk = acceptedRisk(terms)
  const term = probabilities(sales)
  let tail = 1
  for (let units = 0; ; units++) {
    tail -= term(units)
    if (tail <= risk || units === RISK_BUFFER_MOST) return { units, tail: Math.max(0, tail) }
  }
}

/** What a unit that the channel sells draws on: `perUnit` units of a stock of which others sell unseen, too; 1 of the SKU itself, or so many of a bundle's part. */
export type Draw = { readonly sales: UnseenSales; readonly perUnit: number }

/**
 * The buffer that a channel goes on with: the one it has, unless its risk has moved away from what is accepted. Of a bundle, what the part at most risk asks for.
 * `current` null: it has none yet.
 */
export function settledBuffer(current: number | null, draws: readonly Draw[], terms: RiskTerms): RiskBuffer {
  const tail = (units: number) => Math.max(0, ...draws.map(({ sales, perUnit }) => tailAbove(units * perUnit, sales)))
  const fresh = Math.max(0, ...draws.map(({ sales, perUnit }) => Math.ceil(riskBuffer(sales, terms).units / perUnit)))
  if (current === null || current === fresh) return { units: fresh, tail: tail(fresh) }
  const risk = acceptedRisk(terms)
  const left = tail(current)
  const stays = current > fresh ? left >= risk * KEPT_BETWEEN.least : left <= risk * KEPT_BETWEEN.most
  return stays ? { units: current, tail: left } : { units: fresh, tail: tail(fresh) }
}

/** How many times its usual rate something sells in the last day: 1 or more, and near 1 while the day says little. `units` in `days` include the last day's `recent`. */
export function upliftOf({ units, days, recent }: { readonly units: number; readonly days: number; readonly recent: number }): number {
  const expected = (units / Math.max(days, 1)) * Math.min(days, 1)
  return Math.max(1, (recent + UPLIFT_INERTIA) / (expected + UPLIFT_INERTIA))
}

/** Probability of exactly n, asked for n = 0, 1, 2 … in turn. In logarithms, because the first terms of a large mean are too small for a number. */
function probabilities({ mean, variance }: UnseenSales): (n: number) => number {
  if (mean <= 0) return n => (n === 0 ? 1 : 0)
  const spread = variance - mean
  // Without spread it is Poisson, the limit of ever larger shapes.
  const shape = spread > mean * 1e-9 ? (mean * mean) / spread : Number.POSITIVE_INFINITY
  const isPoisson = shape === Number.POSITIVE_INFINITY
  let logarithm = isPoisson ? -mean : -shape * Math.log1p(mean / shape)
  return n => {
    if (n > 0) logarithm += Math.log(isPoisson ? mean / n : ((n - 1 + shape) / n) * (mean / (shape + mean)))
    return Math.exp(logarithm)
  }
}
