import type { ShownPrice } from '../contract.ts'

/**
 * Amazon wants both ends of a sale. A sale that is open on a side gets these instants, always the same ones, so that the value sent twice is the
 * same value and is read back as open.
 */
const OPEN_START = '2000-01-01T00:00:00.000Z'
const OPEN_END = '2099-12-31T23:59:59.000Z'

/**
 * The whole offer of one marketplace. `replace` drops what is left out, so an offer without `discounted_price` ends a sale; the selectors
 * (marketplace, currency, audience) keep the offers of other marketplaces and of business buyers as they are.
 */
export function offerOf(channelRef: string, price: ShownPrice) {
  return {
    marketplace_id: channelRef,
    currency: price.currency,
    audience: 'ALL',
    our_price: [{ schedule: [{ value_with_tax: Number(price.regular) }] }],
    ...(price.sale === null
      ? {}
      : {
          discounted_price: [
            {
              schedule: [
                { value_with_tax: Number(price.sale.amount), start_at: price.sale.from ?? OPEN_START, end_at: price.sale.to ?? OPEN_END },
              ],
            },
          ],
        }),
  }
}

/** The start of a sale as we say it: null for one that is open. */
export function closedStart(startAt: string | undefined): string | null {
  return ended(startAt, OPEN_START)
}

/** The end of a sale as we say it: null for one that is open. */
export function closedEnd(endAt: string | undefined): string | null {
  return ended(endAt, OPEN_END)
}

function ended(at: string | undefined, open: string): string | null {
  if (at === undefined) return null
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return null
  return ms === Date.parse(open) ? null : new Date(ms).toISOString()
}
