import { isHmacOf } from '../../src/values/hmac.ts'
import type { WebhookDoor } from '../webhooks.ts'

/** Shopify's webhooks. The signature is base64(HMAC-SHA256(raw body, client secret of the app)). */
export const shopifyWebhook: WebhookDoor = {
  verify: async (secret, headers, body) => {
    const signature = decoded(headers.get('x-shopify-hmac-sha256'))
    return signature !== null && isHmacOf(secret, body, signature)
  },
  identify: headers => {
    const topic = headers.get('x-shopify-topic')
    const event = headers.get('x-shopify-event-id')
    // The webhook id names one subscription's message; the event id stays the same however often, and by however many of them, an event is told.
    const delivery = event ?? headers.get('x-shopify-webhook-id')
    return topic && delivery ? { deliveryId: `${delivery}:${topic}`, topic } : null
  },
}

function decoded(base64: string | null): Uint8Array<ArrayBuffer> | null {
  if (!base64 || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) return null
  return Uint8Array.from(atob(base64), char => char.charCodeAt(0))
}
