import type { JournalEntry } from './sandbox.ts'
import type { SandboxStore } from './sandbox-store.ts'

/** How late a platform's own schedule is under the fault `schedule-late`: a shop whose daily job did not run. */
export const SCHEDULE_LATE_MS = 24 * 3_600_000

/** A price with its period as a platform has taken it; it acts on both instants `lateMs` late. */
export type TakenPrice = {
  readonly channelRef: string
  readonly regular: string
  readonly sale: string | null
  /** ISO instants; null: open. */
  readonly from: string | null
  readonly to: string | null
  readonly lateMs: number
}

/** Writes down a price that has taken effect, so that `pricesSeen` can tell what buyers saw. */
export function recordPrice(store: SandboxStore, entry: { sku: string; ref?: string; data?: object }, taken: TakenPrice): void {
  store.record('price', { ...entry, data: { ...entry.data, taken } })
}

/** What buyers paid for a SKU in a channel from an instant on. */
export type SeenPrice = { readonly sku: string; readonly channelRef: string; readonly atMs: number; readonly amount: string }

/**
 * What buyers saw over time, from the journal, until the instant: each price as it took effect, and each that the platform's own schedule began or
 * ended. By SKU and channel, in the order of time; a price that stays the same is told once.
 */
export function pricesSeen(journal: readonly JournalEntry[], untilMs: number): SeenPrice[] {
  const taken = journal.flatMap(({ kind, sku, at, data }) =>
    kind === 'price' && sku !== null && data.taken !== undefined ? [{ sku, atMs: Date.parse(at), ...(data.taken as TakenPrice) }] : [],
  )
  return [...Map.groupBy(taken, one => `${one.sku}\n${one.channelRef}`).values()].flatMap(list => {
    const all = list.flatMap(({ sku, channelRef, ...price }, n) => {
      const endMs = list[n + 1]?.atMs ?? untilMs
      const turns = [price.from, price.to].flatMap(at => (at === null ? [] : [Date.parse(at) + price.lateMs]))
      const instants = [price.atMs, ...turns.filter(at => at > price.atMs && at < endMs).sort((a, b) => a - b)]
      return instants.map(atMs => ({ sku, channelRef, atMs, amount: amountAt(price, atMs) }))
    })
    return all.filter((one, n) => one.amount !== all[n - 1]?.amount)
  })
}

/** The price that a buyer pays at an instant. */
export function amountAt({ regular, sale, from, to, lateMs }: Omit<TakenPrice, 'channelRef'>, atMs: number): string {
  if (sale === null) return regular
  const isOn = (from === null || Date.parse(from) + lateMs <= atMs) && (to === null || Date.parse(to) + lateMs > atMs)
  return isOn ? sale : regular
}
