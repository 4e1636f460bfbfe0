import { isHmacOf } from '../../src/values/hmac.ts'
import type { WebhookDoor } from '../webhooks.ts'

/**
 * Medusa sends no webhooks; a subscriber in the shop's own project may (README.md has one). It signs the body with the account's webhook secret, in hex, and sends the
 * event as it got it.
 */
export const medusaWebhook: WebhookDoor = {
  verify: async (secret, headers, body) => {
    const signature = bytesOf(headers.get('x-concord-signature'))
    return signature !== null && isHmacOf(secret, body, signature)
  },
  identify: (headers, body) => {
    const event = parsed(body)
    const topic = typeof event?.name === 'string' ? event.name : null
    const signature = headers.get('x-concord-signature')
    // One event is one body (it holds its instant and its group), so its signature tells it from every other; a ping has none.
    return topic && signature ? { deliveryId: signature, topic } : null
  },
}

function parsed(body: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body))
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

function bytesOf(hex: string | null): Uint8Array<ArrayBuffer> | null {
  if (!hex || !/^[0-9a-f]{64}$/.test(hex)) return null
  return Uint8Array.from({ length: 32 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16))
}
