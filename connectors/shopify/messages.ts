import type { ChannelAccess, MessageReading } from '../contract.ts'
import { gid, idOf } from './access.ts'
import { partId } from './order.ts'

const ORDERS = /^orders\/(create|updated|cancelled|edited|paid|fulfilled|partially_fulfilled|delete)$/

/**
 * What a stored webhook tells: which order to read. Shopify's messages come late, twice and out of order, and they do not tell from which location an order is
 * sent, so what they say of its state is not used. Ids have more digits than a number of JSON can hold: they are taken from the text.
 */
export function readMessage(channels: readonly ChannelAccess[], topic: string, body: string): MessageReading {
  const isRefund = topic === 'refunds/create'
  if (!isRefund && !ORDERS.test(topic)) return { kind: 'nothing', why: `"${topic}" is no topic that concerns orders` }
  if (!isObject(body)) return { kind: 'unreadable', reason: `the body of ${topic} is no JSON object` }
  const id = isRefund ? numberOf(body, 'order_id') : orderId(body)
  if (id === null) return { kind: 'unreadable', reason: `the body of ${topic} names no order` }
  return { kind: 'reread', externalIds: channels.map(channel => partId(id, channel, channels)) }
}

function orderId(body: string): string | null {
  const global = /"admin_graphql_api_id"\s*:\s*"(gid:\/\/shopify\/Order\/\d+)"/.exec(body)?.[1]
  return global === undefined ? numberOf(body, 'id') : idOf(gid('Order', idOf(global)))
}

/** The digits of a number, wherever it first stands: the fields that we ask for have no others inside. */
function numberOf(body: string, name: string): string | null {
  return new RegExp(`"${name}"\\s*:\\s*"?(\\d{1,19})\\b`).exec(body)?.[1] ?? null
}

function isObject(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
