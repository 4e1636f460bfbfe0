import { z } from 'zod'
import type { MessageReading } from '../contract.ts'

/** What we ask eBay to tell. Cancellations and refunds are no topics: polls find them. */
export const ORDER_TOPICS = ['ORDER_CONFIRMATION', 'ITEM_MARKED_SHIPPED'] as const
export const DELETION_TOPIC = 'MARKETPLACE_ACCOUNT_DELETION'

const noticeShape = z.looseObject({ notification: z.looseObject({ data: z.looseObject({ username: z.string().min(1) }) }) })
const envelopeShape = z.looseObject({ notification: z.looseObject({ data: z.unknown() }) })

/**
 * What a stored notification tells. Those of orders come for each line, and more than once; they name the order, which is read then. A notice that somebody closed
 * his account names him: eBay sends it to every application, whether or not he ever bought there.
 */
export function readMessage(topic: string, body: string): MessageReading {
  const value = parsed(body)
  if (value === undefined) return { kind: 'unreadable', reason: `the body of ${topic} is not JSON` }
  if (topic === DELETION_TOPIC) {
    const notice = noticeShape.safeParse(value)
    return notice.success
      ? { kind: 'forget', account: notice.data.notification.data.username }
      : { kind: 'unreadable', reason: z.prettifyError(notice.error) }
  }
  if (!ORDER_TOPICS.some(one => one === topic)) return { kind: 'nothing', why: `"${topic}" is no topic that concerns orders or buyers` }
  const envelope = envelopeShape.safeParse(value)
  if (!envelope.success) return { kind: 'unreadable', reason: z.prettifyError(envelope.error) }
  const ids = [...new Set(orderIdsIn(envelope.data.notification.data, 0))]
  return ids.length > 0 ? { kind: 'reread', externalIds: ids } : { kind: 'unreadable', reason: `${topic} names no order` }
}

/** The order's id, wherever this version of the topic's schema puts it. */
function orderIdsIn(value: unknown, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > 5) return []
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'orderId' && typeof inner === 'string' && inner !== '' ? [inner] : orderIdsIn(inner, depth + 1),
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
