import type { ShortInBooks } from '../../../db/replay-books.ts'
import { SCALES } from './accounts.ts'
import { compareOrders } from './compare-orders.ts'
import { compareShown } from './compare-shown.ts'
import { compareStock, expectedStock } from './compare-stock.ts'
import type { Difference, Evidence } from './evidence.ts'
import type { DataCounts, Platform } from './plan.ts'
import { RULES } from './rules.ts'
import { PLATFORMS } from './scene.ts'

export type ReplayReport = {
  readonly differences: number
  /** The first fifty. */
  readonly list: readonly Difference[]
  readonly seconds: number
  readonly ordersPerSecond: number
  readonly jobs: string
  readonly seed: string
  readonly scales: typeof SCALES
  readonly data: DataCounts
  readonly rules: typeof RULES
  readonly orders: Readonly<
    Record<
      Platform,
      {
        readonly sold: number
        readonly booked: number
        readonly calls: number
        readonly stockWritten: number
        readonly stockTakenByOrders: number
        readonly messagesSent: number
        readonly messagesLost: number
      }
    >
  >
  readonly arrivals: Readonly<Record<string, number>>
  readonly units: {
    readonly wanted: number
    /** Not for sale any more when they were wanted. */
    readonly lostDemand: number
    readonly sold: number
    readonly shipped: number
    readonly returned: number
    /** Of returns: never delivered, so not booked. */
    readonly returnsUndelivered: number
    readonly adjusted: number
    readonly onHand: number
  }
  readonly ordersSoldOut: number
  readonly adjustmentsRefused: number
  readonly shorts: {
    /** Lines that were short for a while or are still. */
    readonly lines: number
    readonly linesStillShort: number
    readonly unitsStillShort: number
    readonly causes: Readonly<Record<string, number>>
    readonly examples: readonly ShortInBooks[]
  }
  readonly check: { readonly violations: number; readonly findings: readonly unknown[] }
}

const LISTED = 50
const SHORT_EXAMPLES = 20

/** Compares all sources with each other and counts. Times in seconds. */
export function makeReport(
  evidence: Evidence,
  run: { readonly sellingSeconds: number; readonly jobs: string; readonly seed: string },
): Omit<ReplayReport, 'seconds'> {
  const { plan, done, told, books, check } = evidence
  const found: Difference[] = [...compareOrders(evidence), ...compareStock(evidence), ...compareShown(evidence), ...unfinished(evidence)]
  const stock = [...expectedStock(evidence).values()]
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
  const lines = books.orders.flatMap(order => order.lines)
  const sold = sum(PLATFORMS.map(platform => told[platform].orders.size))
  const unitsSold = sum(stock.map(one => one.sold))
  return {
    differences: found.length,
    list: found.slice(0, LISTED),
    ordersPerSecond: Math.round((sold / run.sellingSeconds) * 10) / 10,
    ...{ jobs: run.jobs, seed: run.seed, scales: SCALES, data: plan.counts, rules: RULES },
    orders: Object.fromEntries(PLATFORMS.map(platform => [platform, ordersOf(evidence, platform)])) as ReplayReport['orders'],
    arrivals: books.arrivals,
    units: {
      wanted: plan.counts.unitsWanted ?? 0,
      lostDemand: (plan.counts.unitsWanted ?? 0) - unitsSold,
      sold: unitsSold,
      shipped: sum(lines.map(line => line.shipped)),
      returned: sum(done.returned.map(one => one.quantity)),
      returnsUndelivered: sum(done.returned.map(one => one.undelivered)),
      adjusted: sum(done.adjusted.map(one => one.quantity)),
      onHand: sum(books.stock.map(one => one.onHand)),
    },
    ordersSoldOut: [...done.sold.values()].filter(order => order === null).length,
    adjustmentsRefused: done.adjustmentsRefused.length,
    shorts: {
      lines: books.shorts.length,
      linesStillShort: lines.filter(line => line.short > 0).length,
      unitsStillShort: sum(lines.map(line => line.short)),
      causes: causesOf(books.shorts),
      examples: books.shorts.slice(0, SHORT_EXAMPLES),
    },
    check: { violations: check.violations, findings: check.findings.filter(finding => finding.violations > 0) },
  }
}

/** What is left undone, what broke a rule of `check`, and lines of which nobody can say why they are short. */
function unfinished({ books, check }: Evidence): Difference[] {
  return [
    ...books.leftovers.map(({ what, n, example }) => ({
      what,
      of: example ?? '',
      expected: 0,
      found: n,
      sources: 'plain counts of the tables',
    })),
    ...check.findings
      .filter(finding => finding.violations > 0)
      .map(finding => ({
        what: `check: ${finding.rule}`,
        of: JSON.stringify(finding.examples[0] ?? null),
        expected: 0,
        found: finding.violations,
        sources: 'check',
      })),
    ...books.orders.flatMap(order =>
      order.lines
        .filter(line => line.short > 0 && !books.shorts.some(one => one.order === order.externalId && one.sku === line.sku))
        .map(line => ({
          what: 'a line is short without a cause',
          of: `${order.externalId} ${line.sku}`,
          expected: 'a cause',
          found: null,
          sources: 'orders',
        })),
    ),
  ]
}

function ordersOf({ told, books }: Evidence, platform: Platform): ReplayReport['orders'][Platform] {
  const { orders, calls, written, taken, messages } = told[platform]
  return {
    sold: orders.size,
    booked: books.orders.filter(order => order.platform === platform).length,
    ...{ calls, stockWritten: written, stockTakenByOrders: taken, messagesSent: messages.sent, messagesLost: messages.lost },
  }
}

/** Why lines were short, in words: the books' own cause, and who had the units. */
function causesOf(shorts: readonly ShortInBooks[]): Record<string, number> {
  const causes: Record<string, number> = {}
  for (const { platform, cause, takenBy } of shorts) {
    const words =
      cause === 'over_available'
        ? takenBy
          ? `sold in ${platform} while ${takenBy.platform} sold the same units`
          : `sold in ${platform} beyond what there was`
        : cause === 'adjust'
          ? 'promised units were written off'
          : cause
    causes[words] = (causes[words] ?? 0) + 1
  }
  return causes
}
