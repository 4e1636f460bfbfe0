import type { WorkRow } from '../db/publications.ts'
import { waitingByLoss } from '../db/waiting.ts'
import { AGED_EVERY, DANGER, inOrder } from '../src/domain/sync/push-order.ts'
import { mustReadFirst } from '../src/domain/sync/read-first.ts'
import { callsOf, dangerOf, type WaitingCall } from './call-order.ts'
import type { Lane } from './lane.ts'

/** What is noted as sent and waits for its call is no more than goes out in this time: what comes to be worth more meanwhile does not wait for a long line. */
const LINE_MS = 800

/** SKUs whose fields are under way, and in which part. */
export type UnderWay = { readonly skus: readonly string[]; readonly stock: readonly string[]; readonly prices: readonly string[] }

/** Answers what may go next, at most so many fields and what shares their calls. */
export type Take = (max: number) => Promise<WorkRow[]>

/**
 * Takes what waits, call by call in the order of what is expected to be lost meanwhile: `danger` what is shown below its floor or sold out, and whatever has room in
 * its calls; `rest` everything else. One call of twenty carries what waited longest. `underWay`: what each of them leaves alone.
 */
export function takeByLoss(
  lane: Lane,
  underWay: { readonly danger: () => UnderWay; readonly rest: () => UnderWay },
): { readonly danger: Take; readonly rest: Take } {
  const { deps, account } = lane
  const { declares } = account.connector
  let sinceOldest = 0

  /** Beside what waits for its call already. */
  const mostCalls = (): number => {
    const { left, ratePerS, closedMs } = account.pace.stand(declares.pushOperation)
    const inLine = Math.ceil(underWay.rest().skus.length / declares.pushMax)
    return Math.max(1, Math.floor(left + (ratePerS * Math.max(0, LINE_MS - closedMs)) / 1000) - inLine)
  }
  const waiting = (
    limit: number,
    { skus, stock, prices }: UnderWay,
    how: { readonly only?: 'danger' | 'rest'; readonly oldest?: boolean },
  ) =>
    waitingByLoss(deps.sql, account.row.id, limit, {
      ...{ ...how, exceptSkus: skus, exceptStock: stock, exceptPrices: prices },
      familyMax: declares.pushMax,
      familiesMost: 2 * mostCalls(),
    })
  const fieldsOf = (calls: readonly WaitingCall[]): WorkRow[] => calls.flatMap(call => call.rows)

  return {
    danger: async max => {
      const leaves = underWay.danger()
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
      const taken = calls.slice(0, Math.min(max, mostCalls()))
      sinceOldest += taken.length
      return fieldsOf(taken)
    },
    rest: async max => {
      const leaves = underWay.rest()
      const most = Math.min(max, mostCalls())
      const found = await waiting(max, leaves, { only: 'rest' })
      const calls = inOrder(callsOf(account.session, found))
      const taken = calls.slice(0, most)
      sinceOldest += taken.length
      if (sinceOldest < AGED_EVERY || calls.length === 0 || max === 1) return fieldsOf(taken)
      sinceOldest = 0
      const skus = [...leaves.skus, ...fieldsOf(taken).map(row => row.externalSku)]
      const [oldest] = callsOf(account.session, await waiting(declares.pushMax, { ...leaves, skus }, { only: 'rest', oldest: true }))
      return fieldsOf(oldest ? [...taken, oldest] : taken)
    },
  }
}

/** Whether the platform is looked at before this is written. */
export function needsRead(row: WorkRow): boolean {
  if (row.field === 'price') return false
  return mustReadFirst({ expected: row.expected, target: row.target ?? 0, readAgeMs: row.readAgeMs, doubtful: row.doubtful })
}
