import type { ChannelAccess, FieldOutcome, PushItem, PushOutcome, ShownPrice } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { channelOf, isId } from './access.ts'
import { toMinor } from './amounts.ts'
import type { Facts } from './facts.ts'
import type { Shop } from './listings.ts'
import { type Row, type Stocks, written } from './stock.ts'

/** Variants in a call. Vendure writes one after the other in one transaction, and a call must end in a few seconds. */
export const PUSH_MAX = 50

export function grouped(items: readonly PushItem[]): PushItem[][] {
  return Array.from({ length: Math.ceil(items.length / PUSH_MAX) }, (_, n) => items.slice(n * PUSH_MAX, (n + 1) * PUSH_MAX))
}

/** Pushes absolute values, stock and prices of a variant in one. One outcome per item and field, in the order of the items. */
export async function pushed(shop: Shop, stocks: Stocks, items: readonly PushItem[]): Promise<PushOutcome[]> {
  const facts = await shop.facts()
  const sendable = items.filter(item => refusal(item, shop.channels) === null)
  const groups = Map.groupBy(sendable, item => item.listing.externalId)
  const rows = [...groups].flatMap(([id, group]) => rowOf(shop, facts, id, group))
  const outcomes = await written(shop, stocks, rows, rankOf(sendable))
  return items.map(item => {
    const words = refusal(item, shop.channels)
    const no = words === null ? null : rejected('not_sendable', words)
    const outcome = outcomes.get(item.listing.externalId)
    const unsent = again(item)
    return {
      ...(item.stock ? { stock: no ?? outcome?.stock ?? unsent } : {}),
      ...(item.prices
        ? {
            prices: item.prices.map(one => no ?? priceRefusal(item, one, shop, facts) ?? outcome?.prices.get(one.price.currency) ?? unsent),
          }
        : {}),
    }
  })
}

/** What is to be written of a variant, whichever channels' listings it came with; none where nothing of it may be sent. */
function rowOf(shop: Shop, facts: Facts, id: string, group: readonly PushItem[]): Row[] {
  const [first] = group
  const quantity = group.find(item => item.stock)?.stock?.quantity
  const prices = new Map<string, number>()
  for (const item of group)
    for (const one of item.prices ?? []) {
      const minor = toMinor(one.price.regular, facts.precision)
      if (minor !== null && priceRefusal(item, one, shop, facts) === null) prices.set(one.price.currency, minor)
    }
  if (!first || (quantity === undefined && prices.size === 0)) return []
  return [{ id, sku: first.listing.externalSku, prices, ...(quantity === undefined ? {} : { quantity }) }]
}

const rankOf = (items: readonly PushItem[]): Rank => ({
  first: items.some(item => item.first === true),
  urgent: items.some(item => item.urgent === true),
})

/** Why an item cannot be put in Vendure's words, or null. */
function refusal({ listing }: PushItem, channels: readonly ChannelAccess[]): string | null {
  const { channelRef, externalId, externalSku } = listing
  if (!channels.some(one => one.ref === channelRef)) return `${externalSku}: ${channelRef} is no channel of this account`
  return isId(externalId) ? null : `${externalSku}: "${externalId}" is no id of a Vendure variant; match the listing anew`
}

/** Why a price may not be sent, or null. */
function priceRefusal(
  { listing: { externalSku } }: PushItem,
  { channelRef, price }: { readonly channelRef: string; readonly price: ShownPrice },
  { channels, settings }: Shop,
  facts: Facts,
): FieldOutcome | null {
  const { currency, regular, sale } = price
  const hasTax = settings.pricesIncludeTax ?? true
  if (channelOf(channels, currency)?.ref !== channelRef)
    return rejected('not_sendable', `${externalSku}: a price in ${currency} does not fit the channel ${channelRef}`)
  if (sale !== null)
    return rejected('not_sendable', `${externalSku}: the hub begins and ends sales at Vendure with plain prices; this one came with a sale`)
  if (!facts.currencies.includes(currency))
    return rejected('currency', `${externalSku}: the Vendure channel ${facts.code} does not sell in ${currency}; add the currency to it`)
  if (facts.pricesIncludeTax !== hasTax)
    return rejected(
      'tax_basis',
      `${externalSku}: the Vendure channel ${facts.code} states prices ${facts.pricesIncludeTax ? 'with' : 'without'} tax, the account's setting pricesIncludeTax says otherwise; set them alike`,
    )
  if (toMinor(regular, facts.precision) === null)
    return rejected(
      'not_sendable',
      `${externalSku}: Vendure keeps ${facts.precision} digits behind the point (15 in all), not ${regular}; round the channel's prices`,
    )
  return null
}

const rejected = (code: string, words: string): FieldOutcome => ({ status: 'rejected', code, words })

function again({ listing }: PushItem): FieldOutcome {
  return { status: 'retry', words: `${listing.externalSku}: it was not sent`, afterMs: 2_000 }
}
