import { parseDecimal } from '../../src/values/money.ts'
import { AccountTrouble, type ChannelAccess, type FieldOutcome, type PushItem, type PushOutcome } from '../contract.ts'
import type { Rank } from '../pace.ts'
import { isId } from './access.ts'
import type { Client } from './client.ts'
import { READ_MAX, readVariants } from './listings.ts'
import { pushPrices, type WantedPrices } from './prices.ts'
import { pushStock, type Verdicts } from './stock.ts'
import type { Turns } from './turns.ts'

/** Listings in a call: what they are merged with is read in one. The batch itself has no limit. */
export const PUSH_MAX = READ_MAX
/** Listings with prices in a group: each product is a call of its own, and a group is answered as a whole. */
const PRICED_MAX = 20
/** Medusa keeps decimals of any length; a number of JavaScript keeps so many digits. */
const DIGITS_MAX = 15

/** Stock alone goes location by location, many in a call; prices with what else their listings carry in small groups. */
export function grouped(items: readonly PushItem[]): PushItem[][] {
  const groups = Map.groupBy(items, ({ listing, prices }) => `${prices ? 'prices' : 'stock'} ${listing.channelRef}`)
  return [...groups].flatMap(([name, group]) => {
    const max = name.startsWith('prices') ? PRICED_MAX : PUSH_MAX
    return Array.from({ length: Math.ceil(group.length / max) }, (_, n) => group.slice(n * max, (n + 1) * max))
  })
}

/** Pushes absolute values. One outcome per item and field, in the order of the items. */
export function pushed(
  client: Client,
  channels: readonly ChannelAccess[],
  turns: Turns,
  items: readonly PushItem[],
): Promise<PushOutcome[]> {
  return items.some(item => item.stock) ? turns.stock(() => push(client, channels, items)) : push(client, channels, items)
}

async function push(client: Client, channels: readonly ChannelAccess[], items: readonly PushItem[]): Promise<PushOutcome[]> {
  const sendable = items.filter(item => refusal(item, channels) === null)
  const rank = rankOf(sendable)
  const variants = await readVariants(
    client,
    sendable.map(item => item.listing.externalId),
    rank,
  )
  const stock: Verdicts = new Map()
  const price: Verdicts = new Map()
  const steps: Step[] = []
  for (const [location, group] of Map.groupBy(
    sendable.filter(item => item.stock),
    item => item.listing.channelRef,
  ))
    steps.push([stock, () => pushStock(client, location, group, variants, rank)])
  const priced = sendable.map(item => ourPrices(item, channels)).filter(one => one.prices.length > 0)
  for (const [product, group] of Map.groupBy(priced, ({ item }) => item.listing.externalParentId ?? ''))
    steps.push([price, () => pushPrices(client, product, group, variants, rank)])
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

type Step = readonly [Verdicts, () => Promise<Verdicts>]

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

const rankOf = (items: readonly PushItem[]): Rank => ({
  first: items.some(item => item.first === true),
  urgent: items.some(item => item.urgent === true),
})

/** Why an item cannot be put in Medusa's words, or null. */
function refusal({ listing }: PushItem, channels: readonly ChannelAccess[]): string | null {
  const { channelRef, externalId, externalSku } = listing
  if (!channels.some(one => one.ref === channelRef)) return `${externalSku}: ${channelRef} is no stock location of this account`
  return isId(externalId) ? null : `${externalSku}: "${externalId}" is no id of a Medusa variant; match the listing anew`
}

type Priced = NonNullable<PushItem['prices']>[number]

/** Those of an item's prices that may be sent. */
function ourPrices(item: PushItem, channels: readonly ChannelAccess[]): WantedPrices {
  return { item, prices: (item.prices ?? []).filter(one => priceRefusal(item, one, channels) === null).map(one => one.price) }
}

function priceRefusal({ listing }: PushItem, { channelRef, price }: Priced, channels: readonly ChannelAccess[]): FieldOutcome | null {
  const { externalParentId, externalSku } = listing
  const no = (code: string, words: string): FieldOutcome => ({ status: 'rejected', code, words: `${externalSku}: ${words}` })
  // A variant has one price for each currency, at all locations: two channels of one currency would write it in turn, each over the other's.
  const first = channels.find(one => one.currency === price.currency)
  if (!isId(externalParentId ?? '')) return no('not_sendable', 'its product is not known; match the listing anew')
  if (!first) return no('not_sendable', `a price in ${price.currency} does not fit a channel of this account`)
  if (price.sale !== null) return no('not_sendable', 'the hub begins and ends sales at Medusa with plain prices; this one came with a sale')
  if ((parseDecimal(price.regular)?.precision() ?? DIGITS_MAX + 1) > DIGITS_MAX)
    return no('not_sendable', `Medusa does not keep all digits of ${price.regular}; round the channel's prices.`)
  if (channelRef !== first.ref)
    return no(
      'price_of_the_shop',
      `a variant has one ${price.currency} price for all locations: publish it in the channel of location ${first.ref} only`,
    )
  return null
}

function unsent({ listing }: PushItem): FieldOutcome {
  return { status: 'retry', words: `${listing.externalSku}: its price was not sent`, afterMs: 2_000 }
}
