import { explainHead } from '../../db/explain.ts'
import { type ListingShown, pricesShown } from '../../db/price-history.ts'
import { lowestApplied, lowestOverTime, type ShownPeriod, shownPeriods } from '../domain/pricing/history.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { refuseUnknown } from './near-names.ts'
import { readInstant, unknownSku } from './past.ts'
import { priceMoment } from './price-moment.ts'

/** ISO text; periods that overlap [from, to). All there are, where neither is told. */
export type ShownAsked = { readonly channel?: string | undefined; readonly from?: string | undefined; readonly to?: string | undefined }

export type ListingPrices = Pick<ListingShown, 'channel' | 'currency' | 'externalId' | 'externalSku'> & {
  /** The newest first. */
  readonly periods: readonly ShownPeriod[]
}

export type PricesShown = {
  readonly sku: string
  readonly title: string
  readonly at: string
  readonly listings: readonly ListingPrices[]
  /** Per channel, over its listings: the lowest price of the 30 days up to now: what a reduction that began now would be measured by. */
  readonly lowest: readonly { readonly channel: string; readonly currency: string; readonly amount: string }[]
  /** The same before each instant from `from` on, only where that is told: a point for each instant from which it is another. */
  readonly lowestBefore: readonly {
    readonly channel: string
    readonly currency: string
    readonly points: readonly { readonly at: Date; readonly amount: string | null }[]
  }[]
}

/**
 * Every price that buyers of a SKU were shown, by channel and listing, since when: what the platform took or was seen to show, cut where sales began and ended.
 * Faults: not_found, invalid.
 */
export async function shownPrices(context: Context, sku: string, { channel, from, to }: ShownAsked = {}): Promise<PricesShown> {
  const { sql } = context
  const head = await explainHead(sql, sku)
  if (head === null) throw unknownSku(sku)
  await refuseUnknown(context, { channel })
  const [start, end] = [
    from === undefined ? null : new Date(readInstant(from, 'from')),
    to === undefined ? null : new Date(readInstant(to, 'to')),
  ]
  if (start && end && start >= end)
    throw new Fault('invalid', `${to} is not after ${from}.`, { field: 'to', value: to, expected: 'an instant after `from`' })
  const { at } = await priceMoment(sql, undefined)
  const now = new Date(at)
  const listings = await pricesShown(sql, head.id, channel ?? null, null)
  const isWanted = (period: ShownPeriod): boolean =>
    (start === null || period.to === null || period.to > start) && (end === null || period.from < end)
  const channels = [...new Set(listings.map(one => one.channel))]
  return {
    ...{ sku, title: head.title, at },
    listings: listings.map(listing => ({
      ...{ channel: listing.channel, currency: listing.currency, externalId: listing.externalId, externalSku: listing.externalSku },
      periods: shownPeriods(listing, now).filter(isWanted).reverse(),
    })),
    lowestBefore:
      start === null
        ? []
        : channels.map(code => ({
            channel: code,
            currency: listings.find(one => one.channel === code)?.currency ?? '',
            points: lowestOverTime(
              listings.filter(one => one.channel === code),
              start,
              now,
            ),
          })),
    lowest: channels.flatMap(code => {
      const own = listings.filter(one => one.channel === code)
      const amount = lowestApplied(own, now, now)
      return amount === null ? [] : [{ channel: code, currency: own[0]?.currency ?? '', amount: amount.toFixed() }]
    }),
  }
}
