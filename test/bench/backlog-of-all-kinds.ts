import { expectedLoss } from '../../src/domain/sync/expected-loss.ts'
import { stakesOf } from '../../src/domain/sync/stakes.ts'
import { skuOf } from './requests.ts'

type Shown = { readonly quantity: number; readonly price: string }

/** A SKU of which one or two fields wait: what the platform shows and is to show, what was sold and what it costs. */
export type Waiting = {
  readonly sku: string
  readonly before: Shown
  readonly after: Shown
  /** Where its price stands below its floor: that floor. */
  readonly floor: string | null
  readonly cost: number
  readonly units: number
  readonly recent: number
  /** Money per hour in which each waits. */
  readonly parts: readonly { readonly field: 'stock' | 'price'; readonly weight: number }[]
}

/** Of so many SKUs in a hundred each kind; the rest gets another price. One in ten of those changes its stock as well. */
const KINDS = { soldOut: 3, tooMuch: 12, back: 8, more: 7, belowFloor: 1 }

/**
 * A backlog as a busy day leaves it, in no order: rates of sale from a unit in nine days to ten a day, prices from 5 to 100. Weights are the rule's; a price below its floor
 * weighs what the heaviest other does, beside its own loss.
 */
export function weighedBacklog(skus: number, days: number, random: () => number): readonly Waiting[] {
  const drawn = Array.from({ length: skus }, (_, n) => draw(skuOf(n), days, random))
  const heaviest = Math.max(...drawn.flatMap(one => one.parts.map(part => part.weight)))
  return drawn.map(one => ({
    ...one,
    parts: one.parts.map(part => ({ ...part, weight: part.weight + (one.floor === null ? 0 : heaviest) })),
  }))
}

function draw(sku: string, days: number, random: () => number): Waiting {
  const units = Math.round(3 * 10 ** (random() * 2))
  const recent = Math.round((units / days) * 2 * random())
  const price = 5 * 10 ** (random() * 1.3)
  const cost = Number((price * (0.5 + 0.4 * random())).toFixed(2))
  const was = Number(price.toFixed(2))
  const stock = Math.round(2 + 40 * random())
  const kind = random() * 100
  const { before, after, floor } = change(kind, stock, was, random)
  const known = { units, recent, days, cost, terms: null, price: was }
  const stakes = stakesOf(known)
  const parts = [
    ...(after.quantity === before.quantity
      ? []
      : [{ field: 'stock' as const, weight: expectedLoss({ field: 'stock', shown: before.quantity, target: after.quantity }, stakes) }]),
    ...(after.price === before.price
      ? []
      : [{ field: 'price' as const, weight: expectedLoss({ field: 'price', shown: was, target: Number(after.price) }, stakes) }]),
  ]
  return { sku, before, after, floor, cost, units, recent, parts }
}

function change(kind: number, stock: number, was: number, random: () => number): Pick<Waiting, 'before' | 'after' | 'floor'> {
  const price = was.toFixed(2)
  const other = (was * (0.85 + 0.3 * random()) + 0.01).toFixed(2)
  const to = (quantity: number, before = stock) => ({ before: { quantity: before, price }, after: { quantity, price }, floor: null })
  let from = 0
  const isOf = (share: number): boolean => {
    from += share
    return kind < from
  }
  if (isOf(KINDS.soldOut)) return to(0)
  if (isOf(KINDS.tooMuch)) return to(Math.max(1, Math.floor(stock * random())), stock + 1)
  if (isOf(KINDS.back)) return to(stock, 0)
  if (isOf(KINDS.more)) return to(stock + 1 + Math.round(20 * random()))
  if (isOf(KINDS.belowFloor)) {
    const floor = (was * 1.2).toFixed(2)
    return { before: { quantity: stock, price }, after: { quantity: stock, price: floor }, floor }
  }
  const quantity = random() < 0.1 ? stock - 1 : stock
  return { before: { quantity: stock, price }, after: { quantity, price: other === price ? (was + 1).toFixed(2) : other }, floor: null }
}
