import { channelsThen } from '../../db/explain-channels.ts'
import { readPriceFacts } from '../../db/price-facts.ts'
import { effectivePrice } from '../domain/pricing/effective.ts'
import { type SourceTold, toldPrice } from '../domain/pricing/explained.ts'
import type { PriceFacts } from '../domain/pricing/facts.ts'
import type { Context } from './context.ts'
import { priceMoment } from './price-moment.ts'

/** What one costs when so many are bought; null where there is no price, or it is held for a person. Decimal text. */
export type BreakPrice = {
  readonly quantity: number
  readonly amount: string | null
  readonly isSale: boolean
  readonly source: SourceTold | null
}

export type BreakRow = {
  readonly channel: string
  readonly currency: string
  /** Null: anybody. */
  readonly partner: string | null
  readonly prices: readonly BreakPrice[]
}

/** `quantities`: from one on, each at which some price is another than before. */
export type PriceBreaks = { readonly quantities: readonly number[]; readonly rows: readonly BreakRow[] }

/** Columns that a person can look over; what begins at a greater quantity is left out. */
const BREAKS_MOST = 24

/**
 * A SKU's prices by quantity in each channel, for anybody and for a partner where one is named; now or at any instant (ISO text). `also`: a quantity that is
 * asked for. An unknown SKU or partner has no rows. Faults: invalid (the instant).
 */
export async function priceBreaks(
  { sql }: Context,
  sku: string,
  { partner, at, also }: { readonly partner: string | null; readonly at?: string | undefined; readonly also: number },
): Promise<PriceBreaks> {
  const moment = await priceMoment(sql, at)
  const channels = await channelsThen(sql, null, { bound: moment.known ?? 'infinity', clock: moment.at })
  const asked = channels.flatMap(({ channel }) => (partner === null ? [null] : [null, partner]).map(buyer => ({ channel, partner: buyer })))
  const facts = await Promise.all(asked.map(one => readPriceFacts(sql, { sku, ...one, known: moment.known })))
  const all = asked.flatMap((one, n) => {
    const known = facts[n]
    return known === null || known === undefined ? [] : [{ ...one, facts: known }]
  })
  const quantities = [...new Set([1, also, ...all.flatMap(one => quantitiesOf(one.facts))])].sort((a, b) => a - b).slice(0, BREAKS_MOST)
  const rows = all.map(one => ({
    channel: one.channel,
    currency: one.facts.channel.currency,
    partner: one.partner,
    prices: quantities.map(quantity => priceOf(one.facts, quantity, new Date(moment.at))),
  }))
  const kept = quantities.filter(
    (quantity, n) => n === 0 || quantity === also || rows.some(row => differ(row.prices[n - 1], row.prices[n])),
  )
  return { quantities: kept, rows: rows.map(row => ({ ...row, prices: row.prices.filter(price => kept.includes(price.quantity)) })) }
}

/** Also of lists that others lean on: their breaks come through. */
const quantitiesOf = (facts: PriceFacts): number[] => facts.lists.flatMap(list => list.entries.map(entry => entry.minQuantity))

function priceOf(facts: PriceFacts, quantity: number, at: Date): BreakPrice {
  const { amount, regular, sale, isSale } = effectivePrice(facts, quantity, at)
  const winner = isSale ? sale : regular
  return {
    quantity,
    amount: amount?.toFixed() ?? null,
    isSale,
    source: winner === null ? null : toldPrice(facts, winner).source,
  }
}

const differ = (before: BreakPrice | undefined, after: BreakPrice | undefined): boolean =>
  before?.amount !== after?.amount || before?.source?.list !== after?.source?.list
