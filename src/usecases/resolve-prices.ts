import { type ResolvedRow, resolveMany, resolvePlace } from '../../db/price-resolve.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { unknownSku } from './past.ts'
import { priceMoment } from './price-moment.ts'

export type PricesAsked = {
  readonly channel: string
  readonly skus: readonly string[]
  readonly partner?: string | undefined
  /** Units of each SKU, 1 unless told. */
  readonly quantity?: number | undefined
  /** ISO text: a past instant is answered by what was known then, one to come by what is known now. */
  readonly at?: string | undefined
}

export type PricesResolved = {
  readonly channel: string
  readonly currency: string
  readonly taxIncluded: boolean
  readonly partner: string | null
  readonly quantity: number
  readonly at: string
  readonly items: readonly ResolvedRow[]
}

export const RESOLVE_MOST = 500

/**
 * What a buyer pays for SKUs in a channel, with what each price comes from. The same function serves pages, channels and baskets. Faults: not_found
 * (channel, partner, SKU), invalid (quantity, instant, more than 500 SKUs).
 */
export async function resolvePrices(context: Context, asked: PricesAsked): Promise<PricesResolved> {
  const { channel, skus, partner = null, quantity = 1 } = asked
  refuseQuantity(quantity)
  if (skus.length === 0 || skus.length > RESOLVE_MOST)
    throw new Fault('invalid', `${skus.length} SKUs cannot be asked at once.`, { field: 'sku', expected: `1 to ${RESOLVE_MOST} SKUs` })
  const { channelId, partnerId, currency, taxIncluded } = await resolvePlace(context.sql, channel, partner)
  if (channelId === null) throw new Fault('not_found', `There is no channel ${channel}.`, { field: 'channel', value: channel })
  if (partner !== null && partnerId === null) throw unknownPartner(partner)
  const { at, known } = await priceMoment(context.sql, asked.at)
  const items = await resolveMany(context.sql, skus, { channelId, partnerId, quantity, at, known })
  const missing = skus.find(sku => !items.some(item => item.sku === sku))
  if (missing !== undefined) throw unknownSku(missing)
  return { channel, currency, taxIncluded, partner, quantity, at, items }
}

/** Refuses what is no number of units. Fault: invalid. */
export function refuseQuantity(quantity: number): void {
  if (Number.isInteger(quantity) && quantity > 0 && quantity <= 1_000_000_000) return
  throw new Fault('invalid', `A quantity of ${quantity} has no price.`, {
    field: 'quantity',
    value: quantity,
    expected: 'a whole number of units from 1',
  })
}

/** The refusal of a partner that nobody knows. */
export const unknownPartner = (partner: string): Fault =>
  new Fault('not_found', `There is no partner ${partner}.`, { field: 'partner', value: partner })
