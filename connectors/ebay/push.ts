import { currencyDigits, parseDecimal } from '../../src/values/money.ts'
import { AccountTrouble, type ChannelAccess, type FieldOutcome, type PushItem, type PushOutcome, type ShownPrice } from '../contract.ts'
import { type Call, type Client, errorIn, promised } from './client.ts'
import { readOffer, replaceOffer } from './offers.ts'
import type { Revisions } from './revisions.ts'
import { type BulkRow, bulkPriceQuantityShape, type EbayError } from './wire.ts'

/** `bulkUpdatePriceQuantity` takes 25 rows by its model, and one by its text: `rows` falls to what eBay took. */
export const ROWS_MAX = 25

const RETRY_MS = 5_000
/** eBay opens a listing again with the next day, in a time zone that it does not tell. */
const USED_UP_MS = 3_600_000

export type Pusher = {
  readonly channels: readonly ChannelAccess[]
  readonly client: Client
  readonly revisions: Revisions
  readonly now: () => Date
  readonly language: string
  /** How many rows eBay takes in a call, as far as this session knows. */
  rows: number
}

/** Splits items into calls, in their order. */
export function grouped<T>(items: readonly T[], rows: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / rows) }, (_, n) => items.slice(n * rows, (n + 1) * rows))
}

/** Pushes absolute values. One outcome per item and field, in the order of the items. */
export async function push(pusher: Pusher, items: readonly PushItem[]): Promise<PushOutcome[]> {
  const outcomes = new Map<PushItem, PushOutcome>()
  /** What is sent of each item: a price that cannot be sent holds no stock up. */
  const go = new Map<PushItem, PushItem>()
  for (const whole of items) {
    const item = inForce(whole, pusher.now())
    const no = refusal(item, pusher.channels)
    const { prices, ...rest } = item
    const sendable: PushItem = no === null ? item : rest
    if (no) outcomes.set(whole, { prices: (prices ?? []).map(() => no) })
    if (!sendable.stock && !sendable.prices) continue
    const later = overBudget(pusher.revisions, sendable)
    if (later) outcomes.set(whole, { ...outcomes.get(whole), ...forAll(sendable, later) })
    else go.set(whole, sendable)
  }
  let isFirst = true
  for (const group of grouped([...go], pusher.rows)) {
    const sent = group.map(([, item]) => item)
    const judged = await (isFirst ? send(pusher, sent) : afterOthers(() => send(pusher, sent)))
    for (const [at, [whole]] of group.entries()) outcomes.set(whole, { ...outcomes.get(whole), ...judged[at] })
    isFirst = false
  }
  return items.map(item => outcomes.get(item) ?? {})
}

/** eBay knows no sale of ours: what is in force now is the price. */
function inForce(item: PushItem, now: Date): PushItem {
  if (!item.prices?.some(one => one.price.sale !== null)) return item
  const plain = ({ currency, regular, sale }: ShownPrice): ShownPrice => {
    const isOn = sale !== null && (sale.from === null || new Date(sale.from) <= now) && (sale.to === null || now < new Date(sale.to))
    return { currency, regular: isOn ? sale.amount : regular, sale: null }
  }
  return { ...item, prices: item.prices.map(one => ({ ...one, price: plain(one.price) })) }
}

/** Why an item cannot be put in eBay's words, or null. */
function refusal(item: PushItem, channels: readonly ChannelAccess[]): FieldOutcome | null {
  const { externalSku, channelRef } = item.listing
  const no = (words: string): FieldOutcome => ({ status: 'rejected', code: 'not_sendable', words: `${externalSku}: ${words}` })
  for (const { channelRef: ref, price } of item.prices ?? []) {
    const channel = channels.find(one => one.ref === ref)
    if (ref !== channelRef || price.currency !== channel?.currency)
      return no(
        `a price in ${price.currency} for ${ref} does not fit its offer on ${channelRef}; eBay sells a SKU on one marketplace only.`,
      )
    const digits = currencyDigits(price.currency)
    if ((parseDecimal(price.regular)?.decimalPlaces() ?? 0) > digits)
      return no(
        `eBay takes ${price.currency} with at most ${digits} decimals, not ${price.regular}; round the channel's prices to the currency's digits.`,
      )
  }
  return null
}

function overBudget(revisions: Revisions, item: PushItem): FieldOutcome | null {
  // What is sold out is sold out, whoever asks for it.
  const afterMs = revisions.take(item.stock?.quantity === 0 ? { ...item, first: true } : item)
  if (afterMs === 0) return null
  const words = `${item.listing.externalSku}: eBay lets a listing be changed 250 times a day; the rest is kept for what is sold out or below its floor. It goes when its turn comes.`
  return { status: 'retry', words, afterMs }
}

async function send(pusher: Pusher, items: readonly PushItem[]): Promise<PushOutcome[]> {
  const call = bulkCall(items)
  const answer = await pusher.client(call)
  if (answer.status === 400 || answer.status === 404 || answer.status === 409) {
    const error = errorIn(answer.json) ?? { code: String(answer.status), words: `status ${answer.status}` }
    const [only] = items
    if (items.length === 1 && only) return [await refused(pusher, only, error)]
    // Nothing of it was taken: for one bad row, or because eBay holds to one SKU in a call. Halving finds out which.
    const middle = Math.ceil(items.length / 2)
    const lower = await send(pusher, items.slice(0, middle))
    const both = [...lower, ...(await afterOthers(() => send(pusher, items.slice(middle))))]
    // Neither of the two was at fault alone, so two were too many: kept in mind, and not tried again.
    if (items.length === 2 && both.every(one => statusesOf(one).every(status => status !== 'rejected'))) pusher.rows = 1
    return both
  }
  const { responses } = promised(call, bulkPriceQuantityShape, answer)
  const judged: PushOutcome[] = []
  for (const item of items) judged.push(await afterOthers(() => verdict(pusher, item, responses)))
  return judged
}

/** Something of the same push is at eBay already: trouble from here on must not count as if nothing had happened. */
async function afterOthers<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof AccountTrouble)) throw error
    throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
  }
}

/** The call for these items, a row each. Both quantities are told: an offer may have been given a limit of its own. */
export function bulkCall(items: readonly PushItem[], withOffers = true): Call {
  return {
    operation: 'bulkUpdatePriceQuantity',
    method: 'POST',
    writes: true,
    first: items.some(item => item.first === true),
    urgent: items.some(item => item.urgent === true),
    path: '/sell/inventory/v1/bulk_update_price_quantity',
    body: {
      requests: items.map(({ listing, stock, prices }) => {
        const price = prices?.[0]?.price
        const offer = {
          offerId: listing.externalId,
          ...(stock ? { availableQuantity: stock.quantity } : {}),
          ...(price ? { price: { value: price.regular, currency: price.currency } } : {}),
        }
        return {
          sku: listing.externalSku,
          ...(stock ? { shipToLocationAvailability: { quantity: stock.quantity } } : {}),
          ...(withOffers ? { offers: [offer] } : {}),
        }
      }),
    },
  }
}

/** What eBay says of one row: it may answer once for the offer and once for the SKU. */
async function verdict(pusher: Pusher, item: PushItem, responses: readonly BulkRow[]): Promise<PushOutcome> {
  const { externalId, externalSku } = item.listing
  const own = responses.filter(row => row.offerId === externalId || (row.offerId === undefined && row.sku === externalSku))
  if (own.length === 0)
    return forAll(item, { status: 'retry', words: `${externalSku}: eBay's answer does not tell of it`, afterMs: RETRY_MS })
  const bad = own.find(row => row.statusCode >= 300)
  if (!bad) return forAll(item, { status: 'accepted', applied: false })
  const error = errorIn(bad) ?? { code: String(bad.statusCode), words: `status ${bad.statusCode}` }
  if (bad.statusCode >= 500 || error.code === '25001')
    return forAll(item, { status: 'retry', words: `${externalSku}: ${error.words}`, afterMs: RETRY_MS })
  return refused(pusher, item, error)
}

/** A refused row, looked into: a value must not be held up by another of the same row, nor by an offer that is not published yet. */
async function refused(pusher: Pusher, item: PushItem, error: EbayError): Promise<PushOutcome> {
  const { externalSku, externalId } = item.listing
  const next = (words: string): FieldOutcome => ({ status: 'rejected', code: error.code, words: `eBay refuses ${externalSku}: ${words}` })
  if (isUsedUp(error)) {
    pusher.revisions.usedUp(item.listing, USED_UP_MS)
    return forAll(item, { status: 'retry', words: `${externalSku}: ${error.words}`, afterMs: USED_UP_MS })
  }
  const offer = await readOffer(pusher.client, externalId, { first: item.first === true, urgent: item.urgent === true })
  if (offer === null) return forAll(item, next(`${error.words} It is no longer at eBay: match the listing anew.`))
  if (offer.status === 'UNPUBLISHED') return unpublished(pusher, item, offer)
  const { stock, prices, ...rest } = item
  if (!stock || !prices) return forAll(item, next(`${error.words} Look at the listing in Seller Hub.`))
  const [first] = await send(pusher, [{ ...rest, stock }])
  const [second] = await afterOthers(() => send(pusher, [{ ...rest, prices }]))
  return { ...first, ...second }
}

async function unpublished(pusher: Pusher, item: PushItem, offer: Parameters<typeof replaceOffer>[1]): Promise<PushOutcome> {
  const replaced = await replaceOffer(pusher, offer, item)
  if (!item.stock || replaced.status !== 'accepted') return forAll(item, replaced)
  // What there is in all stands at the SKU, beside the offer.
  const call = bulkCall([{ listing: item.listing, stock: item.stock }], false)
  const answer = await afterOthers(() => pusher.client(call))
  const error =
    answer.status >= 300
      ? errorIn(answer.json)
      : errorIn(promised(call, bulkPriceQuantityShape, answer).responses.find(row => row.statusCode >= 300))
  if (!error) return forAll(item, replaced)
  return {
    ...forAll(item, replaced),
    stock: { status: 'rejected', code: error.code, words: `eBay refuses ${item.listing.externalSku}: ${error.words}` },
  }
}

/** eBay has no number of its own for it, only words. */
function isUsedUp(error: EbayError): boolean {
  return /revis/i.test(error.words) && /\b250\b|limit|threshold|maximum/i.test(error.words)
}

const statusesOf = (outcome: PushOutcome): string[] => [outcome.stock, ...(outcome.prices ?? [])].flatMap(one => (one ? [one.status] : []))

function forAll(item: PushItem, outcome: FieldOutcome): PushOutcome {
  return {
    ...(item.stock ? { stock: outcome } : {}),
    ...(item.prices ? { prices: item.prices.map(() => outcome) } : {}),
  }
}
