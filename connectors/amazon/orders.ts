import { z } from 'zod'
import type { ChannelOrder, ChannelOrderLine, OrderPerson } from '../../src/values/channel-order.ts'
import type { ChannelAccess, OrderPage, Unreadable } from '../contract.ts'
import { languageOfCountry } from '../marketplace-language.ts'
import { lacksAddress } from '../no-address.ts'
import type { Settings } from './access.ts'
import { amountsOf } from './amounts.ts'
import { type Call, type Client, promised } from './client.ts'
import { effectOf, flagsOf, type OrderState, stateOf, toldState } from './order-states.ts'
import { type Order, orderAnswerShape, orderSearchShape, orderShape } from './wire.ts'

type Account = { readonly settings: Settings; readonly channels: readonly ChannelAccess[]; readonly client: Client }

/** Orders changed at or after the instant. Each page is sorted by change; Amazon does not promise an order between the pages. */
export async function* orders(account: Account, changedAfter: Date): AsyncGenerator<OrderPage> {
  let paginationToken: string | undefined
  do {
    const call: Call = {
      operation: 'searchOrders',
      method: 'GET',
      path: '/orders/2026-01-01/orders',
      query: {
        lastUpdatedAfter: changedAfter.toISOString(),
        marketplaceIds: account.channels.map(channel => channel.ref).join(','),
        maxResultsPerPage: '100',
        includedData: includedData(account.settings),
        paginationToken,
      },
    }
    const page = promised(call, orderSearchShape, await account.client(call))
    yield pageOf(page.orders, account.channels)
    paginationToken = page.pagination?.nextToken
  } while (paginationToken !== undefined)
}

/** The order as it is now; null when Amazon does not know it. */
export async function order(account: Account, externalId: string): Promise<ChannelOrder | Unreadable | null> {
  const call = orderCall(externalId, includedData(account.settings))
  const answer = await account.client(call)
  if (answer.status === 404) return null
  return read(promised(call, orderAnswerShape, answer).order, account.channels)
}

/** The call that reads one order with these data sets. */
export function orderCall(externalId: string, included: string): Call {
  const path = `/orders/2026-01-01/orders/${encodeURIComponent(externalId)}`
  return { operation: 'getOrder', method: 'GET', path, query: { includedData: included } }
}

function includedData(settings: Settings): string {
  return `PROCEEDS,FULFILLMENT,CANCELLATION${settings.personalData === false ? '' : ',BUYER,RECIPIENT'}`
}

function pageOf(raw: readonly unknown[], channels: readonly ChannelAccess[]): OrderPage {
  const understood: ChannelOrder[] = []
  const unreadable: Unreadable[] = []
  for (const one of raw) {
    const result = read(one, channels)
    if ('reason' in result) unreadable.push(result)
    else understood.push(result)
  }
  return { orders: understood.sort((a, b) => Date.parse(a.stamp) - Date.parse(b.stamp)), unreadable }
}

/** Turns Amazon's order into ours, or says why that cannot be done. */
export function read(raw: unknown, channels: readonly ChannelAccess[]): ChannelOrder | Unreadable {
  const parsed = orderShape.safeParse(raw)
  const named = z.object({ orderId: z.string() }).safeParse(raw)
  const unreadable = (reason: string): Unreadable => ({ externalId: named.data?.orderId ?? null, reason, raw: JSON.stringify(raw) ?? '' })
  if (!parsed.success) return unreadable(`Amazon order ${named.data?.orderId ?? 'without id'}: ${z.prettifyError(parsed.error)}`)
  const theirs = parsed.data
  const state = stateOf(theirs.fulfillment.fulfillmentStatus)
  if (!state) return unreadable(`Amazon order ${theirs.orderId} is in the unknown state ${theirs.fulfillment.fulfillmentStatus}.`)
  const channel = channels.find(one => one.ref === theirs.salesChannel.marketplaceId)
  if (!channel) return unreadable(noChannel(theirs.orderId, theirs.salesChannel.marketplaceId ?? theirs.salesChannel.channelName))
  const nameless = theirs.orderItems.find(item => !item.product.sellerSku)
  if (nameless) return unreadable(`Amazon order ${theirs.orderId}: item ${nameless.orderItemId} has no seller SKU.`)
  const lines = theirs.orderItems.map(item => lineOf(item, state))
  const person = personOf(theirs)
  return {
    externalId: theirs.orderId,
    number: theirs.orderId,
    channelRef: channel.ref,
    stamp: new Date(theirs.lastUpdatedTime).toISOString(),
    placedAt: new Date(theirs.createdTime).toISOString(),
    shipBy: instantOf(theirs.fulfillment.shipByWindow?.latestDateTime),
    effect: effectOf(state, theirs.fulfillment.fulfilledBy === 'AMAZON'),
    platformState: toldState(state, theirs.orderItems.some(asksToCancel)),
    currency: theirs.proceeds?.grandTotal?.currencyCode ?? channel.currency,
    total: theirs.proceeds?.grandTotal?.amount ?? null,
    ...amountsOf(theirs),
    flags: flagsOf(state),
    // Before the payment, and without the role for it, Amazon tells no recipient.
    ...(theirs.recipient === undefined ? {} : { noAddress: lacksAddress(lines, person) }),
    lines,
    person,
  }
}

const instantOf = (text: string | undefined): string | null => (text === undefined ? null : new Date(text).toISOString())

/** Why an order of a marketplace without a channel is kept aside, and what to do. */
export function noChannel(orderId: string, marketplace: string): string {
  return `Amazon order ${orderId} was placed in ${marketplace}, for which this account has no channel: add that marketplace, then replay the order.`
}

function lineOf(item: Order['orderItems'][number], state: OrderState): ChannelOrderLine {
  const sku = item.product.sellerSku ?? ''
  const shipped = item.fulfillment?.quantityFulfilled ?? (state === 'SHIPPED' ? item.quantityOrdered : 0)
  return {
    externalLineId: item.orderItemId,
    listingRef: sku,
    sku,
    title: item.product.title ?? sku,
    ordered: item.quantityOrdered,
    cancelled: cancelledOf({ ordered: item.quantityOrdered, shipped, open: openOf(item) }, state),
    shipped,
    // Amazon's orders do not tell of returns; those come in reports (returns.ts).
    returned: 0,
    unitPrice: item.product.price?.unitPrice?.amount ?? null,
  }
}

/** The buyer wants it cancelled, and nobody has done so. */
function asksToCancel({ cancellation }: Order['orderItems'][number]): boolean {
  return cancellation?.cancellationRequest !== undefined && cancellation.cancellationExecution === undefined
}

/** Units still to be shipped where the item itself was cancelled; null where it was not. */
function openOf(item: Order['orderItems'][number]): number | null {
  return item.cancellation?.cancellationExecution ? (item.fulfillment?.quantityUnfulfilled ?? 0) : null
}

/** In an order that is over, what was not shipped is cancelled; in an open one, only what Amazon says was cancelled. */
export function cancelledOf(line: { ordered: number; shipped: number; open: number | null }, state: OrderState): number {
  if (state === 'CANCELLED' || state === 'SHIPPED') return Math.max(0, line.ordered - line.shipped)
  return line.open === null ? 0 : Math.max(0, line.ordered - line.shipped - line.open)
}

function personOf(theirs: Order): OrderPerson | null {
  const { name, phone, ...rest } = theirs.recipient?.deliveryAddress ?? {}
  const address: Record<string, string> = {}
  for (const [field, value] of Object.entries(rest)) if (value) address[field] = value
  const person: OrderPerson = {
    ...((name ?? theirs.buyer?.buyerName) ? { name: name ?? theirs.buyer?.buyerName ?? '' } : {}),
    ...(theirs.buyer?.buyerEmail ? { email: theirs.buyer.buyerEmail } : {}),
    ...(phone ? { phone } : {}),
    ...(Object.keys(address).length > 0 ? { address } : {}),
  }
  return Object.keys(person).length > 0 ? { ...person, ...languageOfCountry(COUNTRIES[theirs.salesChannel.marketplaceId ?? '']) } : null
}

/** The countries of Amazon's marketplaces (Selling Partner API, "Marketplace IDs"). */
const COUNTRIES: Readonly<Record<string, string>> = {
  ...{ A2EUQ1WTGCTBG2: 'CA', ATVPDKIKX0DER: 'US', A1AM78C64UM0Y8: 'MX', A2Q3Y263D00KWC: 'BR', A28R8C7NBKEWEA: 'IE', A1RKKUPIHCS9HS: 'ES' },
  ...{ A1F83G8C2ARO7P: 'GB', A13V1IB3VIYZZH: 'FR', AMEN7PMS3EDWL: 'BE', A1805IZSGTT6HS: 'NL', A1PA6795UKMFR9: 'DE', APJ6JRA9NG5V4: 'IT' },
  ...{ A2NODRKZP88ZB9: 'SE', AE08WJ6YKNBMC: 'ZA', A1C3SOZRARQ6R3: 'PL', ARBP9OOSHTCHU: 'EG', A33AVAJ2PDY3EV: 'TR', A17E79C6D8DWNP: 'SA' },
  ...{ A2VIGQ35RCS4UG: 'AE', A21TJRUUN4KGV: 'IN', A19VAU5U5O7RUS: 'SG', A39IBJ37TRP1C6: 'AU', A1VC38T7YXB528: 'JP' },
}
