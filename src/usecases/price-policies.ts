import { type PricePolicyRow, readPricePolicies } from '../../db/price-policies.ts'
import { Fault } from '../values/fault.ts'
import { currencyDigits, parseDecimal } from '../values/money.ts'
import type { Context } from './context.ts'
import { tellingMoved, type WithMoved } from './moved-prices.ts'
import { type PriceChanged, priceCommand, refuseNumber } from './price-command.ts'

export type RoundingStated =
  | { readonly kind: 'none' | 'digits' }
  /** On multiples of `step` plus `ending`: 0.99 in steps of 1; 0.05 Swiss: steps of 0.05 with ending 0; whole yen: steps of 1. */
  | {
      readonly kind: 'ending'
      readonly step: string
      readonly ending: string
      readonly direction?: 'nearest' | 'up' | 'down' | undefined
    }

/** What is not stated stays as it is. */
export type PricePolicyChange = {
  /** The code of its tax and price region; null: none. */
  readonly region?: string | null | undefined
  readonly rounding?: RoundingStated | undefined
  /** Percent added to each converted price, decimal text. */
  readonly exchangeMargin?: string | undefined
  readonly why?: string | undefined
}

/** Sets how a channel states prices: its region, rounding, margin on exchange. Its prices are reckoned anew, and which of them move is told. Faults: not_found, invalid, conflict of keys. */
export async function setPricePolicy(
  context: Context,
  key: string | null,
  channel: string,
  change: PricePolicyChange,
): Promise<PricePolicyRow & { readonly changed: boolean } & WithMoved> {
  const before = await showPricePolicy(context, channel)
  if (change.exchangeMargin !== undefined)
    refuseNumber(
      change.exchangeMargin,
      { above: -100, below: 1000, decimals: 4 },
      'exchangeMargin',
      `${channel}: the margin on exchange of`,
    )
  if (change.rounding?.kind === 'ending') refuseEnding(channel, before.currency, change.rounding)
  const { changed, channels } = await tellingMoved(context, key, (within, ownKey) =>
    priceCommand(within, 'price_policy_set_1', 'price.policy', ownKey, { channel, ...change }),
  )
  return { ...(await showPricePolicy(context, channel)), changed: changed > 0, channels }
}

/** How a channel states prices. Fault: not_found. */
export async function showPricePolicy(context: Context, channel: string): Promise<PricePolicyRow> {
  const [row] = await readPricePolicies(context.sql, channel)
  if (row === undefined) throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  return row
}

/** How all channels state prices. */
export const listPricePolicies = (context: Context): Promise<PricePolicyRow[]> => readPricePolicies(context.sql, null)

/** Prices that the channel's currency has no digits for could not be shown. */
function refuseEnding(channel: string, currency: string, { step, ending }: Extract<RoundingStated, { kind: 'ending' }>): void {
  const decimals = currencyDigits(currency)
  refuseNumber(step, { above: 0, below: 1_000_000, decimals }, 'rounding.step', `${channel} (${currency}): steps of`)
  refuseNumber(ending, { from: 0, decimals }, 'rounding.ending', `${channel} (${currency}): the ending`)
  if (parseDecimal(ending)?.greaterThanOrEqualTo(step))
    throw new Fault('invalid', `${channel}: prices in steps of ${step} cannot end in ${ending}.`, {
      field: 'rounding.ending',
      value: ending,
      expected: `less than the step of ${step}: 0.99 in steps of 1, 0 in steps of 0.05`,
    })
}

export type TaxCategoryStated = { readonly sku: string; readonly category: string }

/** Says how goods are taxed, all or none. Their prices are reckoned anew. Faults: invalid, conflict of keys. */
export function setTaxCategories(
  context: Context,
  key: string | null,
  lines: readonly TaxCategoryStated[],
  why?: string,
): Promise<PriceChanged> {
  for (const [at, { sku, category }] of lines.entries()) {
    refuseCategory(category, `lines.${at}.category`)
    const first = lines.findIndex(line => line.sku === sku)
    if (first < at)
      throw new Fault('invalid', `${sku} stands in two lines.`, { field: `lines.${at}.sku`, value: sku, expected: 'each SKU once' })
  }
  return priceCommand(context, 'tax_categories_set_1', 'price.tax_categories', key, { lines, why }, 'lines')
}

/** Refuses what is no category of taxing. Fault: invalid. */
export function refuseCategory(category: string, field: string): void {
  if (/^[a-z][a-z0-9-]{0,39}$/.test(category)) return
  throw new Fault('invalid', `"${category}" is no tax category.`, {
    field,
    value: category,
    expected: 'small letters, digits and hyphens, such as standard or reduced',
    // Goods have categories too, which are no such names.
    named: 'taxCategory',
  })
}
