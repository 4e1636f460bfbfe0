import { Decimal } from './numbers.ts'

/** A price document that a platform took, or that was read there. */
export type ShownStep = {
  readonly at: Date
  /** Seen to show, rather than only accepted. */
  readonly isConfirmed: boolean
  readonly regular: string
  readonly sale: { readonly amount: string; readonly from: Date | null; readonly to: Date | null } | null
}

/** What a listing showed of a variant, step by step in their order, and until when it was the variant's; null: it still is. */
export type ShownSteps = { readonly steps: readonly ShownStep[]; readonly until: Date | null }

/** An amount that a listing showed, from an instant on; `to` null: it still does. */
export type ShownPeriod = {
  readonly from: Date
  readonly to: Date | null
  /** What a buyer paid, decimal text. */
  readonly amount: string
  readonly regular: string
  readonly isSale: boolean
  /** When it was first seen to show; null: it was only accepted. */
  readonly confirmedAt: Date | null
}

/** 30 days are 720 hours, whatever clocks do. */
const WINDOW_MS = 720 * 3_600_000

/**
 * The lowest price that was applied in any listing in the 30 days before an instant, by what was shown up to `now`; null where nothing was. What was accepted
 * counts from then on; what it took the place of, until another price was seen to show. `price_lowest_1` in SQL.
 */
export function lowestApplied(listings: readonly ShownSteps[], before: Date, now: Date): Decimal | null {
  const end = Math.min(before.getTime(), now.getTime())
  const start = before.getTime() - WINDOW_MS
  const amounts = listings.flatMap(({ steps, until }) =>
    steps.flatMap((step, n) => {
      const next = steps.slice(n + 1).find(later => later.isConfirmed)
      const from = Math.max(step.at.getTime(), start)
      const to = Math.min(end, next?.at.getTime() ?? Number.POSITIVE_INFINITY, until?.getTime() ?? Number.POSITIVE_INFINITY)
      return step.at.getTime() < end && from < to ? shownWithin(step, from, to) : []
    }),
  )
  return amounts.length === 0 ? null : Decimal.min(...amounts)
}

/**
 * The lowest price of the 30 days before each instant from `from` to `now`: what a reduction that began then would be measured by. One point for each instant from which
 * it is another; null: nothing was applied.
 */
export function lowestOverTime(
  listings: readonly ShownSteps[],
  from: Date,
  now: Date,
): { readonly at: Date; readonly amount: string | null }[] {
  const begins = listings.flatMap(({ steps, until }) => [
    ...steps.flatMap(({ at, sale }) => [at, sale?.from, sale?.to].flatMap(cut => (cut ? [cut.getTime()] : []))),
    ...(until === null ? [] : [until.getTime()]),
  ])
  // What begins counts from just after; what ends, until 30 days later.
  const instants = begins.flatMap(ms => [ms + 1, ms + WINDOW_MS + 1]).filter(ms => ms > from.getTime() && ms <= now.getTime())
  const ordered = [from.getTime(), ...[...new Set(instants)].sort((a, b) => a - b)]
  const points = ordered.map(ms => ({ at: new Date(ms), amount: lowestApplied(listings, new Date(ms), now)?.toFixed() ?? null }))
  return points.filter((point, n) => n === 0 || point.amount !== points[n - 1]?.amount)
}

/** The amounts that a document showed at some time from one instant to before another, ms. */
function shownWithin({ regular, sale }: ShownStep, from: number, to: number): string[] {
  if (sale === null) return [regular]
  const [on, off] = [sale.from?.getTime() ?? Number.NEGATIVE_INFINITY, sale.to?.getTime() ?? Number.POSITIVE_INFINITY]
  return [...(on > from || off < to ? [regular] : []), ...(on < to && off > from ? [sale.amount] : [])]
}

/** What one listing showed, period by period, the oldest first. What is shown again without a change is one period. */
export function shownPeriods({ steps, until }: ShownSteps, now: Date): ShownPeriod[] {
  const periods: ShownPeriod[] = []
  for (const [n, step] of steps.entries()) {
    const end = steps[n + 1]?.at ?? until
    for (const part of parts(step, end, now)) {
      const last = periods.at(-1)
      const goesOn = last && last.amount === part.amount && last.regular === part.regular && last.isSale === part.isSale
      if (goesOn) periods[periods.length - 1] = { ...last, to: part.to, confirmedAt: last.confirmedAt ?? part.confirmedAt }
      else periods.push(part)
    }
  }
  return periods
}

/** A document's time cut where its sale begins and ends; what is to come is left out. */
function parts(step: ShownStep, end: Date | null, now: Date): ShownPeriod[] {
  const until = end ?? now
  const cuts = [step.sale?.from, step.sale?.to].flatMap(cut => (cut && cut > step.at && cut < until ? [cut] : []))
  const starts = [step.at, ...cuts]
  return starts.flatMap((from, n) => {
    const to = starts[n + 1] ?? end
    if (to !== null && to <= from) return []
    const isSale =
      step.sale !== null && (step.sale.from === null || step.sale.from <= from) && (step.sale.to === null || step.sale.to > from)
    const amount = isSale && step.sale ? step.sale.amount : step.regular
    return [{ from, to, amount, regular: step.regular, isSale, confirmedAt: step.isConfirmed ? from : null }]
  })
}
