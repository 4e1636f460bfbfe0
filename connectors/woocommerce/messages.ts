import { z } from 'zod'
import type { ChannelAccess, MessageReading } from '../contract.ts'
import { needsRefunds, type OrderStates, parseOrder, toChannelOrder } from './order.ts'
import { wooDeleted } from './wire.ts'

const product = z.looseObject({ id: z.int().positive(), sku: z.string() })

/** What a stored webhook tells. An order's webhook holds the order as the REST API would answer it, so it is mostly enough. */
export function readMessage(channel: ChannelAccess, states: OrderStates, topic: string, body: string): MessageReading {
  const [resource, event] = topic.split('.')
  if (resource !== 'order' && resource !== 'product')
    return { kind: 'nothing', why: `"${topic}" is no topic that concerns stock, prices or orders` }
  const value = json(body)
  if (value === undefined) return { kind: 'unreadable', reason: `the body of ${topic} is not JSON` }
  if (resource === 'product') {
    if (event === 'deleted') return { kind: 'nothing', why: 'a deleted product is found by the next comparison' }
    const read = product.safeParse(value)
    if (!read.success) return { kind: 'unreadable', reason: z.prettifyError(read.error) }
    return read.data.sku === ''
      ? { kind: 'nothing', why: `product ${read.data.id} has no SKU` }
      : { kind: 'listings', externalSkus: [read.data.sku] }
  }
  if (event === 'deleted' || event === 'restored') {
    // These carry the id only (`{"id": 727}`).
    const read = wooDeleted.safeParse(value)
    return read.success
      ? { kind: 'reread', externalIds: [String(read.data.id)] }
      : { kind: 'unreadable', reason: z.prettifyError(read.error) }
  }
  const read = parseOrder(value)
  if ('unreadable' in read) return { kind: 'unreadable', reason: read.unreadable.reason }
  if (needsRefunds(read.order)) return { kind: 'reread', externalIds: [String(read.order.id)] }
  const order = toChannelOrder(read.order, [], channel, states)
  return 'effect' in order ? { kind: 'orders', orders: [order] } : { kind: 'unreadable', reason: order.reason }
}

/** The JSON value, or undefined, which is no JSON value. */
function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
