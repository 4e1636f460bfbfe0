import { linesOf, orderRow } from './order-view.ts'
import { cancel, changed } from './shop.ts'
import type { World } from './world.ts'

const REASONS = [
  ...['NoInventory', 'ShippingAddressUndeliverable', 'CustomerExchange', 'BuyerCanceled', 'GeneralAdjustment', 'CarrierCreditDecision'],
  ...['RiskAssessmentInformationNotValid', 'CarrierCoverageFailure', 'CustomerReturn', 'MerchandiseNotReceived', 'PricingError'],
]

/** Works an order acknowledgement feed through: success keeps the seller's own id, failure cancels the whole order. Answers the processing report. */
export function acknowledge(world: World, text: string): string {
  const results = [...text.matchAll(/<Message>([\s\S]*?)<\/Message>/g)].map(([, message = '']) => {
    const id = inside(message, 'MessageID') ?? '0'
    return [id, one(world, message)] as const
  })
  const wrong = results.filter(([, words]) => words !== null)
  const told = wrong.map(
    ([id, words]) =>
      `<Result><MessageID>${id}</MessageID><ResultCode>Error</ResultCode><ResultMessageCode>18028</ResultMessageCode><ResultDescription>${words}</ResultDescription></Result>`,
  )
  const summary = `<ProcessingSummary><MessagesProcessed>${results.length}</MessagesProcessed><MessagesSuccessful>${results.length - wrong.length}</MessagesSuccessful><MessagesWithError>${wrong.length}</MessagesWithError><MessagesWithWarning>0</MessagesWithWarning></ProcessingSummary>`
  return `<?xml version="1.0" encoding="UTF-8"?><AmazonEnvelope><MessageType>ProcessingReport</MessageType><Message><MessageID>1</MessageID><ProcessingReport><StatusCode>Complete</StatusCode>${summary}${told.join('')}</ProcessingReport></Message></AmazonEnvelope>`
}

function one(world: World, message: string): string | null {
  const id = inside(message, 'AmazonOrderID') ?? ''
  const order = orderRow(world, id)
  if (!order) return `The order ${id} was not found.`
  if (order.state === 'CANCELLED' || order.state === 'SHIPPED' || order.is_foreign === 1) return `The order ${id} is ${order.state}.`
  if (inside(message, 'StatusCode') === 'Success') {
    const alias = inside(message, 'MerchantOrderID') ?? ''
    world.store.run('update orders set alias = ? where id = ?', alias, id)
    world.store.record('act', { ref: id, data: { kind: 'acknowledge', alias } })
    changed(world, order, order.state, 'Acknowledged')
    return null
  }
  const items = [...message.matchAll(/<Item>([\s\S]*?)<\/Item>/g)].map(([, item = '']) => [
    inside(item, 'AmazonOrderItemCode'),
    inside(item, 'CancelReason'),
  ])
  const lines = linesOf(world, id)
  if (lines.some(line => !items.some(([code]) => code === line.id))) return `The items of order ${id} are not all named.`
  const strange = items.find(([, reason]) => !REASONS.includes(reason ?? ''))
  if (strange) return `The cancel reason ${strange[1]} is invalid.`
  world.store.run("update orders set cancelled_by = 'MERCHANT' where id = ?", id)
  world.store.record('act', { ref: id, data: { kind: 'cancel', reason: items[0]?.[1] } })
  cancel(world, id)
  return null
}

const inside = (text: string, tag: string): string | undefined => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1]
