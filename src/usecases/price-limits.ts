import type { PriceLimitRow } from '../../db/price-limits.ts'
import { Fault } from '../values/fault.ts'
import { isCurrency } from '../values/money.ts'
import type { Context } from './context.ts'
import { tellingMoved, type WithMoved } from './moved-prices.ts'
import { type PriceChanged, priceCommand, refuseNumber } from './price-command.ts'

/**
 * A floor or ceiling for a SKU, a product (handle), a category, or (none of the three) all; in one channel or all. An amount is as the channel shows prices, with
 * or without tax; a margin is percent of the net price. Without amount and percent it ends.
 */
export type PriceLimitStated = {
  readonly kind: PriceLimitRow['kind']
  readonly basis: PriceLimitRow['basis']
  readonly channel?: string | undefined
  readonly sku?: string | undefined
  readonly product?: string | undefined
  readonly category?: string | undefined
  readonly amount?: string | null | undefined
  readonly currency?: string | undefined
  readonly percent?: string | null | undefined
}

/**
 * Sets or ends floors and ceilings, all or none. One of each kind and basis holds for a scope in a channel; the one before is closed. Prices that stand beyond a
 * moved limit are reckoned anew and go out. Faults: invalid (with the line), conflict of keys.
 */
export async function setPriceLimits(
  context: Context,
  key: string | null,
  limits: readonly PriceLimitStated[],
  why?: string,
): Promise<PriceChanged & WithMoved> {
  const lines = limits.map((limit, at) => {
    refuseWrong(limit, at)
    return { ...limit, amount: limit.amount ?? null, percent: limit.percent ?? null, scope: scopeOf(limit) }
  })
  return tellingMoved(context, key, (within, ownKey) =>
    priceCommand(within, 'price_limits_set_1', 'price.limits', ownKey, { limits: lines, why }, 'limits'),
  )
}

function scopeOf({ sku, product, category }: PriceLimitStated): PriceLimitRow['scope'] {
  return sku !== undefined ? 'variant' : product !== undefined ? 'product' : category !== undefined ? 'category' : 'all'
}

function refuseWrong(limit: PriceLimitStated, at: number): void {
  const { kind, basis, sku, product, category, currency } = limit
  const [amount, percent] = [limit.amount ?? null, limit.percent ?? null]
  const what = `Limit ${at} (${kind}, ${basis}, ${sku ?? product ?? category ?? 'all'}):`
  const wrong = (field: string, value: unknown, words: string, expected: string): Fault =>
    new Fault('invalid', `${what} ${words}.`, { field: `limits.${at}.${field}`, value, expected })
  const named = [sku, product, category].filter(one => one !== undefined)
  if (named.length > 1) throw wrong('sku', sku, 'it is for one scope', 'one of sku, product and category, or none for all')
  if (basis === 'margin') {
    if (kind === 'ceiling') throw wrong('basis', basis, 'a margin gives a floor', 'manual, map or legal for a ceiling')
    if (amount !== null) throw wrong('amount', amount, 'a margin is a percentage', '`percent` of the net price')
    if (percent !== null) refuseNumber(percent, { above: -1000, below: 100, decimals: 4 }, `limits.${at}.percent`, `${what} a margin of`)
    return
  }
  if (percent !== null) throw wrong('percent', percent, 'a percentage is for a margin', '`amount` and `currency`')
  if (amount === null) return
  refuseNumber(amount, { above: 0, below: 1e12, decimals: 6 }, `limits.${at}.amount`, what)
  if (currency === undefined || !isCurrency(currency))
    throw wrong('currency', currency, `${currency ?? 'no currency'} cannot be`, 'a currency code of ISO 4217 beside the amount')
}
