import { sameAmount } from '../src/values/money.ts'
import type { ShownPrice } from './contract.ts'

/** How far a platform's clock may be from ours before the dates of a sale tell nothing for certain. */
const UNSURE_MS = 60_000

/**
 * Whether a platform that states this price is behind its own dates: the sale is on for certain and buyers still pay the regular price, or it is not
 * on and they pay the sale's. Platforms act on dates with jobs of their own, which can be late by a day. A price in force that is neither tells nothing
 * here: plug-ins and the platform's own promotions change it, too.
 */
export function isBehind(stated: ShownPrice, inForce: string, now: Date): boolean {
  const { regular, sale } = stated
  if (sale === null || !/\d/.test(inForce) || sameAmount(sale.amount, regular)) return false
  const from = sale.from === null ? Number.NEGATIVE_INFINITY : Date.parse(sale.from)
  const to = sale.to === null ? Number.POSITIVE_INFINITY : Date.parse(sale.to)
  const isOn = (at: number): boolean => from <= at && at < to
  const before = isOn(now.getTime() - UNSURE_MS)
  if (before !== isOn(now.getTime() + UNSURE_MS)) return false
  return sameAmount(inForce, before ? regular : sale.amount)
}
