import { currencyDigits, parseDecimal } from '../../src/values/money.ts'
import { AccountTrouble, type ChannelAccess, type FieldOutcome, type PushItem, type PushOutcome } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { isId } from './access.ts'
import type { Client } from './client.ts'
import { pushPrices, type WantedPrice } from './prices.ts'
import { pushStock } from './stock.ts'

/** Listings in a call: reading what they are compared with must fit in one query's points. Shopify itself takes 250 rows. */
export const PUSH_MAX = 200

/** Prices go product by product, because Shopify takes no more in a call; stock alone goes location by location. */
export function grouped(items: readonly PushItem[]): PushItem[][] {
  const groups = Map.groupBy(items, ({ listing, prices }) =>
    prices ? `product ${listing.externalParentId}` : `location ${listing.channelRef}`,
  )
  return [...groups.values()].flatMap(group =>
    Array.from({ length: Math.ceil(group.length / PUSH_MAX) }, (_, n) => group.slice(n * PUSH_MAX, (n + 1) * PUSH_MAX)),
  )
}

/** Pushes absolute values. One outcome per item and field, in the order of the items. */
export async function pushed(client: Client, channels: readonly ChannelAccess[], items: readonly PushItem[]): Promise<PushOutcome[]> {
  const stock = new Map<PushItem, FieldOutcome>()
  const price = new Map<PushItem, FieldOutcome>()
  const sendable = items.filter(item => refusal(item, channels) === null)
  const steps: Step[] = []
  const stocked = sendable.filter(item => item.stock)
  for (const [location, group] of Map.groupBy(stocked, item => item.listing.channelRef))
    for (const part of parts(group)) steps.push([stock, () => pushStock(client, location, part, rankOf(part))])
  const priced = sendable.flatMap(item => ourPrice(item, channels) ?? [])
  for (const [product, group] of Map.groupBy(priced, ({ item }) => item.listing.externalParentId ?? ''))
    for (const part of parts(group)) steps.push([price, () => pushPrices(client, product, part, rankOf(part.map(one => one.item)))])
  await run(steps)
  return items.map(item => {
    const words = refusal(item, channels)
    const no = words === null ? null : ({ status: 'rejected', code: 'not_sendable', words } as const)
    const shown = no ?? stock.get(item)
    return {
      ...(item.stock && shown ? { stock: shown } : {}),
      ...(item.prices
        ? { prices: item.prices.map(one => no ?? priceRefusal(item, one, channels) ?? price.get(item) ?? unsent(item)) }
        : {}),
    }
  })
}

type Step = readonly [Map<PushItem, FieldOutcome>, () => Promise<Map<PushItem, FieldOutcome>>]

async function run(steps: readonly Step[]): Promise<void> {
  let hasWritten = false
  for (const [field, step] of steps) {
    try {
      for (const [item, outcome] of await step()) field.set(item, outcome)
      hasWritten = true
    } catch (error) {
      // Something before this call did take effect, and its outcome is lost with the error.
      if (error instanceof AccountTrouble && hasWritten)
        throw new AccountTrouble(error.kind, error.message, { afterMs: error.afterMs, maybeTookEffect: true, answered: error.answered })
      throw error
    }
  }
}

function parts<T>(group: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(group.length / PUSH_MAX) }, (_, n) => group.slice(n * PUSH_MAX, (n + 1) * PUSH_MAX))
}

const rankOf = (items: readonly PushItem[]): Rank => ({
  first: items.some(item => item.first === true),
  urgent: items.some(item => item.urgent === true),
})

/** Why an item cannot be put in Shopify's words, or null. */
function refusal({ listing }: PushItem, channels: readonly ChannelAccess[]): string | null {
  const { channelRef, externalId, externalSku } = listing
  if (!channels.some(one => one.ref === channelRef)) return `${externalSku}: ${channelRef} is no location of this account`
  return isId(externalId) ? null : `${externalSku}: "${externalId}" is no id of a Shopify variant; match the listing anew`
}

type Priced = NonNullable<PushItem['prices']>[number]

/** The one price that a shop has, or null where none of these may be sent. */
function ourPrice(item: PushItem, channels: readonly ChannelAccess[]): WantedPrice | null {
  const found = item.prices?.find(one => priceRefusal(item, one, channels) === null)
  return found ? { item, price: found.price } : null
}

function priceRefusal({ listing }: PushItem, { channelRef, price }: Priced, channels: readonly ChannelAccess[]): FieldOutcome | null {
  const { externalParentId, externalSku } = listing
  const no = (code: string, words: string): FieldOutcome => ({ status: 'rejected', code, words: `${externalSku}: ${words}` })
  const [main] = channels
  if (!isId(externalParentId ?? '')) return no('not_sendable', 'its product is not known; match the listing anew')
  if (price.currency !== main?.currency) return no('not_sendable', `a price in ${price.currency} does not fit a shop in ${main?.currency}`)
  const digits = currencyDigits(price.currency)
  const tooFine = [price.regular, price.sale?.amount ?? ''].find(amount => (parseDecimal(amount)?.decimalPlaces() ?? 0) > digits)
  if (tooFine !== undefined)
    return no(
      'not_sendable',
      `Shopify takes ${price.currency} with at most ${digits} decimals, not ${tooFine}; round the channel's prices to the currency's digits.`,
    )
  // Two channels would write the same price in turn, each over the other's.
  if (channelRef !== main.ref)
    return no('price_of_the_shop', `a shop has one price for all locations: publish prices in the channel of location ${main.ref} only`)
  return null
}

function unsent({ listing }: PushItem): FieldOutcome {
  return { status: 'retry', words: `${listing.externalSku}: its price was not sent`, afterMs: 2_000 }
}
