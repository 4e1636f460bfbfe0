import { type OtherSales, type RiskTerms, riskBuffer, tailAbove, unseenSales } from '../../src/domain/sync/risk-buffer.ts'

// A day of many SKUs in three channels, sale by sale, in virtual time. A channel learns what the others sold only after its lag; its own sales it takes off
// its own number at once, as platforms do. What is counted is what an operator counts: units sold that were not there, and units that stayed on the shelf
// though buyers were turned away.

/** Sales in all channels together are split like this; what a channel shows is so many minutes old. */
export const CHANNELS = [
  { share: 0.5, lagMinutes: 1 },
  { share: 0.3, lagMinutes: 15 },
  { share: 0.2, lagMinutes: 60 },
] as const

/** Days whose sales are known when the day begins. */
export const LEARNT_DAYS = 28

const DAY_MINUTES = 1_440
/** Units that the SKUs sell in a day, evenly spread over its logarithm. */
const RATES = { least: 1, most: 130 }
const STOCK_MOST = 29

/** How many units each channel keeps back, by what was learnt of the others. */
export type BufferRule = (others: readonly OtherSales[]) => number

export const fixed =
  (units: number): BufferRule =>
  () =>
    units

export const byRisk =
  (terms: RiskTerms): BufferRule =>
  others =>
    riskBuffer(unseenSales(others), terms).units

export type SkuDay = {
  readonly stock: number
  /** Units sold by each channel in the days before. */
  readonly learnt: readonly number[]
  /** Who wants a unit when, minutes, in their order. */
  readonly buyers: readonly { readonly at: number; readonly channel: number }[]
}

export type Outcome = { accepted: number; oversold: number; stock: number; stranded: number; predicted: number; realised: number }

/** SKU-days drawn by `chance` (in [0, 1)): stock of 1 to 29 units, no replenishment. */
export function drawDays(count: number, chance: () => number): SkuDay[] {
  return Array.from({ length: count }, () => {
    const rate = RATES.least * (RATES.most / RATES.least) ** chance()
    const buyers: { at: number; channel: number }[] = []
    for (let at = wait(rate, chance); at < DAY_MINUTES; at += wait(rate, chance)) buyers.push({ at, channel: channelOf(chance()) })
    const learnt = CHANNELS.map(() => 0)
    for (let at = wait(rate, chance); at < DAY_MINUTES * LEARNT_DAYS; at += wait(rate, chance)) {
      const channel = channelOf(chance())
      learnt[channel] = (learnt[channel] ?? 0) + 1
    }
    return { stock: 1 + Math.floor(chance() * STOCK_MOST), learnt, buyers }
  })
}

const wait = (perDay: number, chance: () => number): number => (-Math.log(1 - chance()) / perDay) * DAY_MINUTES

function channelOf(chance: number): number {
  let sum = 0
  for (const [at, { share }] of CHANNELS.entries()) {
    sum += share
    if (chance < sum) return at
  }
  return CHANNELS.length - 1
}

/** What becomes of these days where buffers are set by this rule. */
export function live(days: readonly SkuDay[], rule: BufferRule): Outcome {
  const sum: Outcome = { accepted: 0, oversold: 0, stock: 0, stranded: 0, predicted: 0, realised: 0 }
  for (const day of days) {
    const others = CHANNELS.map((channel, at) => othersOf(day, at, channel.lagMinutes))
    const buffers = others.map(rule)
    sell(day, buffers, sum)
    for (const [at, { lagMinutes }] of CHANNELS.entries())
      compareRisk(day, { at, lagMinutes, buffer: buffers[at] ?? 0, others: others[at] ?? [] }, sum)
  }
  return sum
}

function othersOf(day: SkuDay, channel: number, lagMinutes: number): OtherSales[] {
  return day.learnt.flatMap((units, other) =>
    other === channel ? [] : [{ units, days: LEARNT_DAYS, lagDays: lagMinutes / DAY_MINUTES, uplift: 1 }],
  )
}

function sell(day: SkuDay, buffers: readonly number[], sum: Outcome): void {
  const sales: { at: number; channel: number }[] = []
  let turnedAway = 0
  for (const { at, channel } of day.buyers) {
    const seenUntil = at - (CHANNELS[channel]?.lagMinutes ?? 0)
    // Own sales are known at once, those of others only after the lag.
    const known = sales.filter(sale => sale.channel === channel || sale.at <= seenUntil).length
    if (day.stock - known - (buffers[channel] ?? 0) <= 0) {
      turnedAway++
      continue
    }
    if (sales.length >= day.stock) sum.oversold++
    sales.push({ at, channel })
  }
  sum.accepted += sales.length
  sum.stock += day.stock
  sum.stranded += Math.min(turnedAway, Math.max(0, day.stock - sales.length))
}

type Watched = { readonly at: number; readonly lagMinutes: number; readonly buffer: number; readonly others: readonly OtherSales[] }

/** How often the others sold more than the buffer within a lag, beside how often the model says so. Windows follow each other without overlap. */
function compareRisk(day: SkuDay, { at, lagMinutes, buffer, others }: Watched, sum: Outcome): void {
  const windows = Math.floor(DAY_MINUTES / lagMinutes)
  const sold = new Int32Array(windows)
  for (const buyer of day.buyers) {
    const window = Math.floor(buyer.at / lagMinutes)
    if (buyer.channel !== at && window < windows) sold[window] = (sold[window] ?? 0) + 1
  }
  sum.predicted += windows * tailAbove(buffer, unseenSales(others))
  for (const units of sold) if (units > buffer) sum.realised++
}

export const oversoldPer10k = ({ oversold, accepted }: Outcome): number => (oversold / accepted) * 10_000
export const strandedShare = ({ stranded, stock }: Outcome): number => stranded / stock
