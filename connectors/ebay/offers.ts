import type { FieldOutcome, PushItem } from '../contract.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { type Offer, offerShape } from './wire.ts'

type Account = { readonly client: Client; readonly language: string }

/** What eBay tells of an offer and does not take back: everything else must go along, or it is lost. */
const READ_ONLY = ['offerId', 'sku', 'marketplaceId', 'format', 'status', 'listing'] as const

const path = (offerId: string): string => `/sell/inventory/v1/offer/${encodeURIComponent(offerId)}`

/** The offer with every field that eBay tells of it; null when it has no such offer. */
export async function readOffer(client: Client, offerId: string, rank: { first?: boolean; urgent?: boolean } = {}): Promise<Offer | null> {
  const call: Call = { ...rank, operation: 'getOffer', method: 'GET', path: path(offerId) }
  const answer = await client(call)
  if (answer.status === 404 || errorIn(answer.json)?.code === '25713') return null
  return promised(call, offerShape, answer)
}

/**
 * Changes quantity and price of an offer that is not published, which the bulk call refuses. eBay replaces the offer as a whole: whatever is left out of the
 * call is gone. So what was read goes back with all its fields, also those that we know nothing of.
 */
export async function replaceOffer({ client, language }: Account, offer: Offer, item: PushItem): Promise<FieldOutcome> {
  const call = replaceCall(offer, item, language)
  const answer = await client(call)
  if (answer.status < 300) return { status: 'accepted', applied: false }
  const error = errorIn(answer.json) ?? { code: String(answer.status), words: `status ${answer.status}` }
  return { status: 'rejected', code: error.code, words: `eBay refuses the offer of ${item.listing.externalSku}: ${error.words}` }
}

/** The call that puts the offer back, changed. */
export function replaceCall(offer: Offer, item: PushItem, language: string): Call {
  const kept = Object.fromEntries(Object.entries(offer).filter(([name]) => !READ_ONLY.some(one => one === name)))
  const price = item.prices?.[0]?.price
  return {
    operation: 'updateOffer',
    method: 'PUT',
    writes: true,
    first: item.first === true,
    urgent: item.urgent === true,
    path: path(offer.offerId),
    language,
    body: {
      ...kept,
      ...(item.stock ? { availableQuantity: item.stock.quantity } : {}),
      ...(price ? { pricingSummary: { ...offer.pricingSummary, price: { value: price.regular, currency: price.currency } } } : {}),
    },
  }
}
