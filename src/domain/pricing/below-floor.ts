import { unitPrice } from '../../values/money.ts'
import type { PriceLimit } from './facts.ts'
import { Decimal } from './numbers.ts'

/** A typed price that is below its floor in a channel, as the database tells it. Amounts are decimal text in the channel's currency. */
export type BelowFloor = {
  readonly sku: string
  readonly channel: string
  readonly amount: string
  readonly currency: string
  readonly floor: string
  /** What the floor comes from; of a margin with the cost (in `currency`, its own) and the tax percent that the channel shows with it. */
  readonly why: {
    readonly basis: PriceLimit['basis']
    readonly amount?: string
    readonly currency: string
    readonly percent?: string
    readonly cost?: string
    readonly tax?: string
  }
  /** The place of the price in what was sent, from 0. */
  readonly line?: number
  /** Of a price list's entry. */
  readonly minQuantity?: number
}

const BASIS: Readonly<Record<Exclude<PriceLimit['basis'], 'margin'>, string>> = {
  manual: 'the floor set by hand',
  map: 'the minimum advertised price',
  legal: 'the legal minimum',
}

/** Where a floor comes from, with its arithmetic: `cost 5.60 EUR / (100 % − 20 %) + 19 % tax = 8.33 EUR`. */
export function floorArithmetic(below: BelowFloor): string {
  const { why, currency } = below
  const end = leastPrice(below)
  if (why.basis !== 'margin') {
    const said = `${BASIS[why.basis]}, ${money(why.amount, why.currency)}`
    return why.currency === currency ? said : `${said} = ${end}`
  }
  const tax = why.tax === undefined || why.tax === '0' ? '' : ` + ${why.tax} % tax`
  const exchanged = why.currency === currency ? '' : `, exchanged to ${currency}`
  return `cost ${money(why.cost, why.currency)}${exchanged} / (100 % − ${why.percent ?? ''} %)${tax} = ${end}`
}

/** The refusal in words: `TEA at 7.90 EUR is below its floor in woo-eu: …`. */
export function belowFloorWords(one: BelowFloor): string {
  return `${one.sku} at ${money(one.amount, one.currency)}${breakWords(one)} is below its floor in ${one.channel}: ${floorArithmetic(one)}`
}

/** Another price that is below a floor, in short: `LID in fair, floor 7.00 EUR`. */
export const belowFloorShort = (one: BelowFloor): string => `${one.sku}${breakWords(one)} in ${one.channel}, floor ${leastPrice(one)}`

const breakWords = ({ minQuantity = 1 }: BelowFloor): string => (minQuantity === 1 ? '' : ` from ${minQuantity} on`)

/** The least price that is not below the floor, with its currency. Floors are known to 12 decimals, prices have at most 6. */
export const leastPrice = ({ floor, currency }: Pick<BelowFloor, 'floor' | 'currency'>): string =>
  `${unitPrice(new Decimal(floor).toDecimalPlaces(6, Decimal.ROUND_UP), currency)} ${currency}`

const money = (amount: string | undefined, currency: string): string => `${unitPrice(amount ?? '0', currency)} ${currency}`
