import { type ResolvedRow, resolveMany, resolvePlace } from '../../db/price-resolve.ts'
import type { ListingStanding } from '../domain/pricing/standing.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { unknownSku } from './past.ts'
import { priceMoment } from './price-moment.ts'
import { priceStandings } from './price-standings.ts'

export type PricesAsked = {
  readonly channel: string
  readonly skus: readonly string[]
  readonly partner?: string | undefined
  /** Units of each SKU, 1 unless told. */
  readonly quantity?: number | undefined
  /** ISO text: a past instant is answered by what was known then, one to come by what is known now. */
  readonly at?: string | undefined
}

/** What the lists and rules say of a SKU, and how it stands at the platform. */
export type ResolvedItem = ResolvedRow & {
  /** What buyers see of each listing now, and what is held back; null of another instant, for a partner or a quantity: no platform shows that. */
  readonly listings: readonly ListingStanding[] | null
}

export type PricesResolved = {
  readonly channel: string
  readonly currency: string
  readonly taxIncluded: boolean
  readonly partner: string | null
  readonly quantity: number
  readonly at: string
  readonly items: readonly ResolvedItem[]
}

export const RESOLVE_MOST = 500

/**
 * What the lists and rules say that SKUs cost in a channel, with what each price comes from, and what buyers see of it now. The same function serves pages, channels and baskets. Faults: not_found
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
  const { at, known, tense } = await priceMoment(context.sql, asked.at)
  const isShown = tense === 'now' && partner === null && quantity === 1
  const [rows, standings] = await Promise.all([
    resolveMany(context.sql, skus, { channelId, partnerId, quantity, at, known }),
    isShown ? priceStandings(context, skus, channel) : null,
  ])
  const missing = skus.find(sku => !rows.some(item => item.sku === sku))
  if (missing !== undefined) throw unknownSku(missing)
  const items = rows.map(row => ({ ...row, listings: standings?.filter(one => one.sku === row.sku) ?? null }))
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
