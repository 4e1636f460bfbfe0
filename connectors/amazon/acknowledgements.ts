import type { ActCause } from '../../src/values/act-cause.ts'
import { AccountTrouble, type Act, type ActOutcome } from '../contract.ts'
import { promised } from './client.ts'
import { type FeedAccount, look, reportText, startFeed, uploadDocument } from './feeds.ts'
import { orderCall } from './orders.ts'
import { type Order, orderAnswerShape, orderShape } from './wire.ts'

const TYPE = 'POST_ORDER_ACKNOWLEDGEMENT_DATA'
const CONTENT_TYPE = 'text/xml; charset=UTF-8'
/** How soon a feed is looked at again. */
const AGAIN_MS = 60_000

/** Amazon's reasons in order acknowledgements. */
const REASONS: Readonly<Record<ActCause, string>> = {
  customer: 'BuyerCanceled',
  stock: 'NoInventory',
  undeliverable: 'ShippingAddressUndeliverable',
  price: 'PricingError',
  fraud: 'RiskAssessmentInformationNotValid',
  other: 'GeneralAdjustment',
  returned: 'CustomerReturn',
  lost: 'MerchandiseNotReceived',
  faulty: 'GeneralAdjustment',
}

export type Acknowledging = {
  readonly act: (wanted: Act) => Promise<ActOutcome>
  readonly happened: (wanted: Act) => Promise<boolean>
}

/**
 * Accepts or cancels whole orders by the order acknowledgement feed, the only way that Amazon has for it. A feed takes minutes: the act is tried again until the order
 * shows it. Which feed is whose is kept while the session lives; one more after a restart does nothing to an order that is cancelled or acknowledged already.
 */
export function makeAcknowledging(account: FeedAccount): Acknowledging {
  const feeds = new Map<string, string>()
  const scale = account.settings.scale ?? 1
  const later = (words: string): ActOutcome => ({ status: 'retry', words, afterMs: AGAIN_MS / scale })

  const begin = async (wanted: Act, order: Order): Promise<ActOutcome> => {
    const document = await uploadDocument(account, CONTENT_TYPE, acknowledgement(account.settings.sellerId, wanted, order))
    const started = await startFeed(account, document, TYPE)
    if (started.status === 'refused') return { status: 'refused', code: 'feed', words: started.words }
    if (started.status === 'retry') return started
    feeds.set(wanted.key, started.feed)
    return later(`order ${wanted.externalOrderId}: Amazon has it in its queue (feed ${started.feed})`)
  }

  const goOn = async (wanted: Act, feed: string): Promise<ActOutcome> => {
    const found = await look(account, feed)
    if (found.status === 'queued' || found.status === 'working')
      return later(`order ${wanted.externalOrderId}: feed ${feed} is ${found.status} at Amazon`)
    // It ended without a word of this order, or has done its work and the order does not show it yet: then it is looked at, or asked for, anew.
    if (found.status !== 'done') feeds.delete(wanted.key)
    const words = found.status === 'done' ? errorOf(await reportText(account, found.report)) : null
    if (words === null) return later(`order ${wanted.externalOrderId} does not show it yet (feed ${feed} is ${found.status})`)
    feeds.delete(wanted.key)
    return { status: 'refused', code: 'feed', words: `order ${wanted.externalOrderId} at Amazon: ${words}` }
  }

  return {
    act: async wanted => {
      try {
        const order = await orderOf(account, wanted)
        if (order === null) return { status: 'refused', code: 'order_not_found', words: `Amazon has no order ${wanted.externalOrderId}` }
        if (shows(order, wanted)) return { status: 'confirmed' }
        const no = objection(order, wanted)
        if (no) return no
        const feed = feeds.get(wanted.key)
        return feed === undefined ? await begin(wanted, order) : await goOn(wanted, feed)
      } catch (error) {
        if (!(error instanceof AccountTrouble)) throw error
        if (error.kind === 'throttled') return { status: 'retry', words: error.message, afterMs: error.afterMs }
        if (error.maybeTookEffect) return { status: 'unknown', words: error.message }
        throw error
      }
    },
    happened: async wanted => {
      const order = await orderOf(account, wanted)
      return order !== null && shows(order, wanted)
    },
  }
}

async function orderOf(account: FeedAccount, wanted: Act): Promise<Order | null> {
  const call = orderCall(wanted.externalOrderId, 'FULFILLMENT')
  const answer = await account.client(call)
  return answer.status === 404 ? null : orderShape.parse(promised(call, orderAnswerShape, answer).order)
}

/** A cancelled order is cancelled, whoever did it; an accepted one carries our id of it. */
function shows(order: Order, wanted: Act): boolean {
  if (wanted.kind === 'cancel') return order.fulfillment.fulfillmentStatus === 'CANCELLED'
  return (order.orderAliases ?? []).some(one => one.aliasType === 'SELLER_ORDER_ID' && one.aliasId === wanted.key)
}

function objection(order: Order, wanted: Act): ActOutcome | null {
  const no = (code: string, words: string): ActOutcome => ({ status: 'refused', code, words: `order ${order.orderId} at Amazon: ${words}` })
  const status = order.fulfillment.fulfillmentStatus
  if (status === 'PENDING' || status === 'PENDING_AVAILABILITY')
    return no('order_pending', 'it is not paid yet; Amazon cancels it by itself if it stays so')
  if (status !== 'UNSHIPPED') return no(`order_${status.toLowerCase()}`, `it is ${status} and takes no acknowledgement any more`)
  if (wanted.kind === 'acknowledge') return null
  const units = new Map(wanted.lines.map(line => [line.externalLineId, line.quantity]))
  const isPart = order.orderItems.some(
    item => (units.get(item.orderItemId) ?? 0) < (item.fulfillment?.quantityUnfulfilled ?? item.quantityOrdered),
  )
  return isPart ? no('partial_cancel', 'single units cannot be cancelled: cancel it whole, or ship it and refund there') : null
}

/** The document of the feed: one order with all of its items. */
export function acknowledgement(sellerId: string, wanted: Act, order: Pick<Order, 'orderId' | 'orderItems'>): string {
  const tag = (name: string, value: string): string => `<${name}>${value}</${name}>`
  const text = (name: string, value: string): string =>
    tag(name, value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'))
  const isCancel = wanted.kind === 'cancel'
  const items = order.orderItems.map(item =>
    tag('Item', text('AmazonOrderItemCode', item.orderItemId) + (isCancel ? text('CancelReason', REASONS[wanted.cause ?? 'other']) : '')),
  )
  const body = [
    text('AmazonOrderID', order.orderId),
    text('MerchantOrderID', wanted.key),
    text('StatusCode', isCancel ? 'Failure' : 'Success'),
    ...items,
  ].join('')
  const header = tag('Header', tag('DocumentVersion', '1.01') + text('MerchantIdentifier', sellerId))
  const message = tag('Message', tag('MessageID', '1') + tag('OrderAcknowledgement', body))
  const envelope = `<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">`
  return `<?xml version="1.0" encoding="UTF-8"?>${envelope}${header}${tag('MessageType', 'OrderAcknowledgement')}${message}</AmazonEnvelope>`
}

/** What the processing report says against it; null: nothing. */
function errorOf(report: string): string | null {
  if (!/<ResultCode>Error<\/ResultCode>/.test(report)) return null
  return /<ResultDescription>([^<]*)<\/ResultDescription>/.exec(report)?.[1] ?? 'it was refused without a reason'
}
