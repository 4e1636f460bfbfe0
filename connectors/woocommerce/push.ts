import {
  AccountTrouble,
  type ChannelAccess,
  type FieldOutcome,
  type ListingKey,
  type PushItem,
  type PushOutcome,
  type ShownPrice,
} from '../contract.ts'
import { isBehind } from '../in-force.ts'
import type { WooClient } from './client.ts'
import { byParent } from './listings.ts'
import { sameAmount, type WooChange, type WooProduct, wooBatch, wooItemError, wooProduct, wooTime } from './wire.ts'

/** WooCommerce refuses a batch of more (filter `woocommerce_rest_batch_items_limit`). */
export const BATCH_MAX = 100

const RETRY_MS = 5000

/** One group for each call: all simple products together, variations by their parent, at most `max` each, in the order of the items. */
export function grouped(items: readonly PushItem[], max: number): PushItem[][] {
  const keyed = items.map(item => ({ item, externalParentId: item.listing.externalParentId }))
  return [...byParent(keyed).values()].flatMap(group => {
    const members = group.map(each => each.item)
    return Array.from({ length: Math.ceil(members.length / max) }, (_, n) => members.slice(n * max, (n + 1) * max))
  })
}

/** Pushes absolute values. One outcome per item and field, in the order of the items. */
export async function pushed(
  client: WooClient,
  channel: ChannelAccess,
  items: readonly PushItem[],
  max: number,
  now: () => Date,
): Promise<PushOutcome[]> {
  const outcomes = new Map<PushItem, PushOutcome>()
  for (const group of grouped(items, max)) {
    try {
      for (const [item, outcome] of await batch(client, channel, group, now)) outcomes.set(item, outcome)
    } catch (error) {
      // Something before this call did take effect, and its outcome is lost with the error.
      if (error instanceof AccountTrouble && outcomes.size > 0)
        throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
      throw error
    }
  }
  return items.map(item => outcomes.get(item) ?? {})
}

async function batch(
  client: WooClient,
  channel: ChannelAccess,
  items: readonly PushItem[],
  now: () => Date,
): Promise<[PushItem, PushOutcome][]> {
  const sendable = items.filter(item => refusal(item, channel) === null)
  const refused = items.flatMap((item): [PushItem, PushOutcome][] => {
    const words = refusal(item, channel)
    return words === null ? [] : [[item, all(item, { status: 'rejected', code: 'not_sendable', words })]]
  })
  const [first] = sendable
  if (!first) return refused
  const parentId = first.listing.externalParentId
  const path = parentId === null ? 'wc/v3/products/batch' : `wc/v3/products/${parentId}/variations/batch`
  const answer = await client.call('POST', path, wooBatch, {
    body: { update: sendable.map(changeOf) },
    urgent: sendable.some(item => item.urgent === true),
    first: sendable.some(item => item.first === true),
  })
  if (answer.status === 'ok')
    return [...refused, ...sendable.map((item, at): [PushItem, PushOutcome] => [item, outcome(item, answer.data.update, at, now())])]
  // The whole batch was refused before any of it ran, for one bad element or a lower limit of the host: halving finds out which.
  // Of a missing parent there is nothing to find out.
  if (sendable.length === 1 || answer.http === 404) {
    const verdict = (item: PushItem): PushOutcome => all(item, rejected(item, answer.code, answer.words, answer.http))
    return [...refused, ...sendable.map((item): [PushItem, PushOutcome] => [item, verdict(item)])]
  }
  const middle = Math.ceil(sendable.length / 2)
  const lower = await batch(client, channel, sendable.slice(0, middle), now)
  return [...refused, ...lower, ...(await batch(client, channel, sendable.slice(middle), now))]
}

/** Why an item cannot be put in Woo's words, or null. */
function refusal(item: PushItem, channel: ChannelAccess): string | null {
  const { externalId, externalSku } = item.listing
  if (!/^\d+$/.test(externalId)) return `${externalSku}: "${externalId}" is no WooCommerce id; match the listing anew`
  for (const { channelRef, price } of item.prices ?? []) {
    if (channelRef !== channel.ref || price.currency !== channel.currency)
      return `${externalSku}: a price in ${price.currency} for ${channelRef} does not fit a shop in ${channel.currency}`
  }
  return null
}

function changeOf(item: PushItem): WooChange {
  const price = item.prices?.[0]?.price
  return {
    id: Number(item.listing.externalId),
    ...(item.stock ? { manage_stock: true, stock_quantity: item.stock.quantity } : {}),
    ...(price ? pricesOf(price) : {}),
  }
}

function pricesOf(price: ShownPrice): Omit<WooChange, 'id'> {
  return {
    regular_price: price.regular,
    sale_price: price.sale?.amount ?? '',
    date_on_sale_from_gmt: price.sale?.from ? wooTime(price.sale.from) : '',
    date_on_sale_to_gmt: price.sale?.to ? wooTime(price.sale.to) : '',
  }
}

function outcome(item: PushItem, answers: readonly { readonly id: number }[], at: number, now: Date): PushOutcome {
  const id = Number(item.listing.externalId)
  const answer = answers[at]?.id === id ? answers[at] : answers.find(each => each.id === id)
  if (!answer)
    return all(item, { status: 'retry', words: `${item.listing.externalSku}: the batch's answer does not tell of it`, afterMs: RETRY_MS })
  const error = wooItemError.safeParse(answer)
  if (error.success) return all(item, rejected(item, error.data.error.code, error.data.error.message, error.data.error.data?.status ?? 400))
  const product = wooProduct.safeParse(answer)
  const echo = product.success ? product.data : null
  const price = item.prices?.[0]?.price
  return {
    ...(item.stock ? { stock: { status: 'accepted', applied: echo !== null && showsStock(echo, item.stock.quantity) } } : {}),
    ...(item.prices
      ? {
          prices: item.prices.map(
            () => ({ status: 'accepted', applied: echo !== null && price !== undefined && showsPrice(echo, price, now) }) as const,
          ),
        }
      : {}),
  }
}

function showsStock(echo: WooProduct, quantity: number): boolean {
  return echo.manage_stock === true && echo.stock_quantity === quantity
}

function showsPrice(echo: WooProduct, price: ShownPrice, now: Date): boolean {
  const wanted = pricesOf(price)
  return (
    sameAmount(echo.regular_price, wanted.regular_price ?? '') &&
    sameAmount(echo.sale_price, wanted.sale_price ?? '') &&
    (echo.date_on_sale_from_gmt?.slice(0, 19) ?? '') === wanted.date_on_sale_from_gmt &&
    (echo.date_on_sale_to_gmt?.slice(0, 19) ?? '') === wanted.date_on_sale_to_gmt &&
    (echo.price === undefined || !isBehind(price, echo.price, now))
  )
}

function rejected({ listing }: { readonly listing: ListingKey }, code: string, words: string, http: number): FieldOutcome {
  const again = { status: 'retry', words: `${listing.externalSku}: ${words}`, afterMs: RETRY_MS } as const
  if (http === 429) return { ...again, throttled: true }
  if (http >= 500) return again
  const next =
    http === 404 || code.includes('invalid_id')
      ? 'It is no longer in the shop: match the listing anew.'
      : 'Look at the product in WooCommerce.'
  return { status: 'rejected', code, words: `WooCommerce refuses ${listing.externalSku}: ${words} ${next}` }
}

function all(item: PushItem, verdict: FieldOutcome): PushOutcome {
  return { ...(item.stock ? { stock: verdict } : {}), ...(item.prices ? { prices: item.prices.map(() => verdict) } : {}) }
}
