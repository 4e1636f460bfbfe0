import { z } from 'zod'
import type { ChannelOrderLine } from '../../src/values/channel-order.ts'
import type { ChannelAccess, MessageReading } from '../contract.ts'
import type { Settings } from './access.ts'
import { effectOf, flagsOf, type OrderState, stateOf, toldState } from './order-states.ts'
import { cancelledOf, noChannel } from './orders.ts'
import { orderChangeShape, quantityChangeShape } from './wire.ts'

type Account = { readonly settings: Settings; readonly channels: readonly ChannelAccess[] }
type Change = z.infer<typeof orderChangeShape>['Payload']['OrderChangeNotification']

/** What a notification tells. Pure: no calls. */
export function readMessage(account: Account, topic: string, body: string): MessageReading {
  const json = parseJson(body)
  if (json === undefined) return { kind: 'unreadable', reason: 'The Amazon notification is not JSON.' }
  switch (topic) {
    case 'ORDER_CHANGE':
      return orderChange(account, json)
    case 'LISTINGS_ITEM_MFN_QUANTITY_CHANGE':
      return quantityChange(account, json)
    case '':
      return { kind: 'unreadable', reason: 'The Amazon notification does not say its type.' }
    default:
      return { kind: 'nothing', why: `Amazon notifications of type ${topic} ask nothing of us.` }
  }
}

function quantityChange(account: Account, json: unknown): MessageReading {
  const parsed = quantityChangeShape.safeParse(json)
  if (!parsed.success) return { kind: 'unreadable', reason: `LISTINGS_ITEM_MFN_QUANTITY_CHANGE: ${z.prettifyError(parsed.error)}` }
  const { SellerId, Sku } = parsed.data.Payload
  return SellerId === account.settings.sellerId ? { kind: 'listings', externalSkus: [Sku] } : strange(SellerId)
}

/**
 * An order change carries all items with their quantities, enough to reserve at once: `getOrder` allows one call in two seconds, and stock must
 * not wait for it. Prices and the person come with the next search. Where the message tells less than the whole order, it is read.
 */
function orderChange(account: Account, json: unknown): MessageReading {
  const parsed = orderChangeShape.safeParse(json)
  if (!parsed.success) return { kind: 'unreadable', reason: `ORDER_CHANGE: ${z.prettifyError(parsed.error)}` }
  const change = parsed.data.Payload.OrderChangeNotification
  if (change.SellerId !== account.settings.sellerId) return strange(change.SellerId)
  const summary = change.Summary
  const state = stateOf(summary.OrderStatus)
  if (!state)
    return { kind: 'unreadable', reason: `ORDER_CHANGE: order ${change.AmazonOrderId} is in the unknown state ${summary.OrderStatus}.` }
  const channel = account.channels.find(one => one.ref === summary.MarketplaceId)
  if (!channel) return { kind: 'unreadable', reason: noChannel(change.AmazonOrderId, summary.MarketplaceId) }
  const changedAt = change.OrderChangeTrigger.TimeOfOrderChange
  const lines = linesOf(change, state)
  if (changedAt === null || summary.PurchaseDate === null || lines === null) return { kind: 'reread', externalIds: [change.AmazonOrderId] }
  return {
    kind: 'orders',
    orders: [
      {
        externalId: change.AmazonOrderId,
        number: change.AmazonOrderId,
        channelRef: channel.ref,
        stamp: new Date(changedAt).toISOString(),
        placedAt: new Date(summary.PurchaseDate).toISOString(),
        effect: effectOf(state, summary.FulfillmentType === 'AFN'),
        platformState: toldState(
          state,
          summary.OrderItems.some(item => item.IsBuyerRequestedCancel === true),
        ),
        currency: channel.currency,
        total: null,
        flags: flagsOf(state),
        lines,
        person: null,
      },
    ],
  }
}

/** All lines of the order, or null when the message holds only one of them or leaves open what was shipped. */
function linesOf(change: Change, state: OrderState): ChannelOrderLine[] | null {
  if (change.NotificationLevel !== 'OrderLevel' || change.Summary.OrderItems.length === 0) return null
  const lines: ChannelOrderLine[] = []
  for (const item of change.Summary.OrderItems) {
    const isShipped = state === 'SHIPPED' || item.OrderItemStatus === 'Shipped'
    const shipped = item.QuantityShipped ?? (isShipped ? item.Quantity : state === 'PARTIALLY_SHIPPED' ? null : 0)
    if (shipped === null) return null
    lines.push({
      externalLineId: item.OrderItemId,
      listingRef: item.SellerSKU,
      sku: item.SellerSKU,
      title: item.SellerSKU,
      ordered: item.Quantity,
      cancelled: cancelledOf({ ordered: item.Quantity, shipped, open: null }, state),
      shipped,
      returned: 0,
      unitPrice: null,
    })
  }
  return lines
}

function strange(sellerId: string): MessageReading {
  return { kind: 'nothing', why: `The notification is for seller ${sellerId}; this queue should carry one seller only.` }
}

const tagShape = z.object({
  NotificationType: z.string().optional(),
  NotificationMetadata: z.object({ NotificationId: z.string().min(1) }).optional(),
  notificationType: z.string().optional(),
  notificationMetadata: z.object({ notificationId: z.string().min(1) }).optional(),
})

/** Topic and id of a notification. Amazon writes some types in lower camel case. A body that cannot be read has topic '' and no id. */
export function tagOf(body: string): { readonly topic: string; readonly id: string | null } {
  const tag = tagShape.safeParse(parseJson(body)).data
  return {
    topic: tag?.NotificationType ?? tag?.notificationType ?? '',
    id: tag?.NotificationMetadata?.NotificationId ?? tag?.notificationMetadata?.notificationId ?? null,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
