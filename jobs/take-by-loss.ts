import type { WorkRow } from '../db/publications.ts'
import { waitingByLoss } from '../db/waiting.ts'
import { AGED_EVERY, AGED_S, DANGER, inOrder } from '../src/domain/sync/push-order.ts'
import { mustReadFirst } from '../src/domain/sync/read-first.ts'
import { callsOf, dangerOf, type WaitingCall } from './call-order.ts'
import type { Lane } from './lane.ts'

/**
 * What is noted as sent and waits for its call is no more than goes out in this time, so that the platform never waits for us; the less of it, the longer what comes
 * back meanwhile is kept in the bucket.
 */
const LINE_MS = 800
const LINE_MIN_MS = 250

/** SKUs whose fields are under way, and in which part. `line`: of how many of them the calls come before what is taken next. */
export type UnderWay = {
  readonly skus: readonly string[]
  readonly stock: readonly string[]
  readonly prices: readonly string[]
  readonly line: number
}

/** Answers what may go next, at most so many fields and what shares their calls. */
export type Take = (max: number) => Promise<WorkRow[]>

/**
 * Takes what waits, call by call in the order of what is expected to be lost meanwhile: `danger` what is shown below its floor or sold out, and whatever has room in
 * its calls; `rest` everything else. What comes to be worth more does not wait behind a long line of what was worth less. One call of twenty carries what has waited
 * longest, where that is long. `underWay`: what each of them leaves alone.
 */
export function takeByLoss(
  lane: Lane,
  underWay: { readonly danger: () => UnderWay; readonly rest: () => UnderWay },
): { readonly danger: Take; readonly rest: Take } {
  const { deps, account } = lane
  const { declares } = account.connector
  const old = { only: 'rest', olderThanS: AGED_S / account.scale } as const
  let sinceOldest = 0

  /** Beside what waits for its call already; 0: that is enough. */
  const mostCalls = (line: number, only: 'danger' | 'rest'): number => {
    const { left, ratePerS, burst, closedMs, going } = account.pace.stand(declares.pushOperation)
    const lineMs = only === 'danger' ? LINE_MS : Math.max(LINE_MIN_MS, LINE_MS - (1000 * burst) / ratePerS)
    const inLine = Math.max(0, Math.ceil(line / declares.pushMax) - going)
    return Math.max(1, Math.floor(left + (ratePerS * Math.max(0, lineMs - closedMs)) / 1000)) - inLine
  }
  const waiting = (
    limit: number,
    { skus, stock, prices, line }: UnderWay,
    how: { readonly only: 'danger' | 'rest'; readonly olderThanS?: number },
  ) =>
    waitingByLoss(deps.sql, account.row.id, limit, {
      ...{ ...how, exceptSkus: skus, exceptStock: stock, exceptPrices: prices },
      familyMax: declares.pushMax,
      familiesMost: 2 * Math.max(1, mostCalls(line, how.only)),
    })
  const fieldsOf = (calls: readonly WaitingCall[]): WorkRow[] => calls.flatMap(call => call.rows)

  return {
    danger: async max => {
      const leaves = underWay.danger()
      const most = Math.min(max, mostCalls(leaves.line, 'danger'))
      if (most <= 0) return []
      const found = await waiting(max, leaves, { only: 'danger' })
      if (found.length === 0) return []
      const dangerous = new Set(found.filter(row => dangerOf(row) < DANGER.none).map(row => row.externalSku))
      // Rides along only what needs no look at the platform first.
      const room =
        declares.pushMax > 1
          ? await waiting(max, { ...underWay.rest(), skus: [...underWay.rest().skus, ...dangerous] }, { only: 'rest' })
          : []
      const riding = [...found, ...room].filter(row => dangerOf(row) < DANGER.none || !needsRead(row))
      const calls = inOrder(callsOf(account.session, riding)).filter(call => call.danger < DANGER.none)
      const taken = calls.slice(0, most)
      sinceOldest += taken.length
      return fieldsOf(taken)
    },
    rest: async max => {
      const leaves = underWay.rest()
      const most = Math.min(max, mostCalls(leaves.line, 'rest'))
      if (most <= 0) return []
      const found = await waiting(max, leaves, { only: 'rest' })
      const calls = inOrder(callsOf(account.session, found))
      const taken = calls.slice(0, most)
      sinceOldest += taken.length
      if (sinceOldest < AGED_EVERY || calls.length === 0 || max === 1) return fieldsOf(taken)
      sinceOldest = 0
      const skus = [...leaves.skus, ...fieldsOf(taken).map(row => row.externalSku)]
      const [oldest] = callsOf(account.session, await waiting(declares.pushMax, { ...leaves, skus }, old))
      return fieldsOf(oldest ? [...taken, oldest] : taken)
    },
  }
}

/** Whether the platform is looked at before this is written. */
export function needsRead(row: WorkRow): boolean {
  if (row.field === 'price') return false
  return mustReadFirst({ expected: row.expected, target: row.target ?? 0, readAgeMs: row.readAgeMs, doubtful: row.doubtful })
}
