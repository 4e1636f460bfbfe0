import { z } from 'zod'
import type { ChannelAccess, MessageReading } from '../contract.ts'
import { isId } from './access.ts'
import { partId } from './order.ts'
import { parsed } from './wire.ts'

/** What a subscriber in the shop's own Medusa project forwards: an event names what it is about, and tells nothing else. */
const event = z.looseObject({ data: z.looseObject({ id: z.string().optional(), order_id: z.string().optional() }) })

/** Which order to read. Order events name the order by `id`, those of its fulfilments by `order_id`. */
export function readMessage(channels: readonly ChannelAccess[], topic: string, body: string): MessageReading {
  if (!topic.startsWith('order.')) return { kind: 'nothing', why: `"${topic}" is no event that concerns orders` }
  const read = event.safeParse(parsed(body))
  if (!read.success) return { kind: 'unreadable', reason: `the body of ${topic} is no event of Medusa's` }
  const id = read.data.data.order_id ?? read.data.data.id ?? ''
  if (!isId(id) || !id.startsWith('order_')) return { kind: 'unreadable', reason: `the body of ${topic} names no order` }
  return { kind: 'reread', externalIds: channels.map(channel => partId(id, channel, channels)) }
}
