import type { Stakes } from './expected-loss.ts'
import { PRIOR, type RiskTerms, upliftOf } from './risk-buffer.ts'

/** What is known of a SKU in a channel: units sold in days that were looked at, and in the last of them; price and cost of a unit, null where unknown. */
export type KnownOfSku = {
  readonly units: number
  readonly days: number
  readonly recent: number
  readonly price: number | null
  readonly cost: number | null
  /** What the channel's policy says of margin and cancellation; null: nothing. */
  readonly terms: RiskTerms | null
}

/** Where the cost of a SKU is not known, this part of its price is its margin; no margin is reckoned as less than the least. */
const MARGIN_SHARE = 0.3
const MARGIN_LEAST = 0.05

/** Where the channel's policy does not say it, a cancellation costs so many margins: penalty, rating, a buyer who does not come back. */
const MARGINS_PER_CANCELLATION = 20

const HOURS = 24

/** What is at stake with it (`stakes_of_1` in SQL). The rate is the one that buffers by risk are reckoned with. */
export function stakesOf({ units, days, recent, price, cost, terms }: KnownOfSku): Stakes {
  const shape = PRIOR.unitsPerDay * PRIOR.days + units
  const mean = ((shape / (PRIOR.days + days)) * upliftOf({ units, days, recent })) / HOURS
  const margin = terms?.margin ?? (price === null ? 1 : cost === null ? MARGIN_SHARE * price : Math.max(price - cost, MARGIN_LEAST * price))
  return { mean, shape, margin, cancellation: terms?.cancellation ?? MARGINS_PER_CANCELLATION * margin }
}
