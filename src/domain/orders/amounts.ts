import type { Charge, OrderAmounts } from '../../values/order-amounts.ts'
import { reckoned } from '../../values/order-amounts.ts'

/** By how much an order's amounts do not add up, in minor units. */
export type Misfit = {
  /** The most that any sum is missed by: above 0 where the channel's total is more than its parts. */
  readonly difference: number
  /** What the total of the order is more than its parts; below 0: less. */
  readonly total: number
  /** Charges whose own parts do not give their total: `externalLineId`s, `shipping`, `fees`; with what the total is more. */
  readonly charges: Readonly<Record<string, number>>
  /** Whether it is no more than rounding may leave: a minor unit for each charge. */
  readonly isRounding: boolean
}

/** Whether an order's amounts add up to the minor unit; null where they do. What differs is told and never mended: only the channel knows which number is right. */
export function misfit(amounts: OrderAmounts): Misfit | null {
  const { lines, shipping, fees, taxIncluded } = amounts
  const all: [string, Charge][] = [...Object.entries(lines), ['shipping', shipping], ['fees', fees]]
  const parts = all.reduce((sum, [, { total }]) => sum + total, -amounts.discount)
  const total = amounts.total - parts
  const off = all.map(([name, charge]): [string, number] => [name, charge.total - reckoned(charge, taxIncluded)])
  const charges = Object.fromEntries(off.filter(([, by]) => by !== 0))
  const missed = [total, ...Object.values(charges)].filter(by => by !== 0)
  if (missed.length === 0) return null
  const difference = missed.reduce((most, by) => (Math.abs(by) > Math.abs(most) ? by : most))
  const isRounding = Math.abs(total) <= all.length && Object.values(charges).every(by => Math.abs(by) <= 1)
  return { difference, total, charges, isRounding }
}
