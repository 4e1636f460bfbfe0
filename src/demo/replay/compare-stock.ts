import type { StockInBooks } from '../../../db/replay-books.ts'
import { bySku, type Difference, type Evidence } from './evidence.ts'
import { PLATFORMS } from './scene.ts'

/** What must be in the warehouse by the plan and the platforms' journals alone. */
export type Expected = {
  readonly supply: number
  readonly sold: number
  /** Units sold beyond the supply. */
  readonly short: number
  readonly onHand: number
}

/** For each SKU: supply = opening + adjusted + returned; what was sold beyond it is short, the rest is on hand. */
export function expectedStock({ plan, done, told }: Evidence): Map<string, Expected> {
  const adjusted = bySku(done.adjusted)
  const returned = bySku(done.returned)
  const sold = bySku(PLATFORMS.flatMap(platform => [...told[platform].orders.values()].flatMap(order => order.lines)))
  return new Map(
    plan.items.map(({ sku, opening }) => {
      const supply = opening + (adjusted.get(sku) ?? 0) + (returned.get(sku) ?? 0)
      const units = sold.get(sku) ?? 0
      return [sku, { supply, sold: units, short: Math.max(0, units - supply), onHand: Math.max(0, supply - units) }]
    }),
  )
}

/** Balances, ledger and shorts against what must be: no unit lost, none promised twice, none short while it lies there. */
export function compareStock(evidence: Evidence): Difference[] {
  const expected = expectedStock(evidence)
  const inBooks = new Map(evidence.books.stock.map(one => [one.sku, one]))
  const short = bySku(
    evidence.books.orders.flatMap(order => order.lines.map(line => ({ sku: line.matched ?? line.sku, quantity: line.short }))),
  )
  const found: Difference[] = []
  for (const [sku, must] of expected) {
    const is = inBooks.get(sku)
    if (!is) found.push({ what: 'a SKU is missing', of: sku, expected: must.onHand, found: null, sources: 'plan / balances' })
    else found.push(...stockOf(sku, must, is, short.get(sku) ?? 0))
  }
  for (const sku of inBooks.keys())
    if (!expected.has(sku)) found.push({ what: 'a SKU came from nowhere', of: sku, expected: null, found: sku, sources: 'plan / balances' })
  return found
}

function stockOf(sku: string, must: Expected, is: StockInBooks, short: number): Difference[] {
  const detail = { opening: is.opening, adjusted: is.adjusted, returned: is.returnedToStock, handedOver: is.handedOver, other: is.other }
  const found: Difference[] = []
  const differs = (what: string, expected: unknown, has: unknown, sources: string): void => {
    if (expected !== has) found.push({ what, of: sku, expected, found: { is: has, ...detail }, sources })
  }
  differs('on hand is not opening − sold + returned', must.onHand, is.onHand, 'plan and journals / balances')
  differs('units are still promised', 0, is.reserved, 'nothing is open / balances')
  differs('other units are short than were sold beyond the supply', must.short, short, 'plan and journals / orders')
  differs('units were handed over twice, or not at all', must.sold - must.short, is.handedOver, 'plan and journals / ledger')
  differs('the ledger has another supply', must.supply, is.opening + is.adjusted + is.returnedToStock, 'plan / ledger')
  differs('units moved for no reason of the replay', 0, is.other, 'ledger')
  return found
}
