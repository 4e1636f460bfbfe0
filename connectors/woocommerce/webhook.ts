import { isHmacOf } from '../../src/values/hmac.ts'
import type { WebhookDoor } from '../webhooks.ts'

/** WooCommerce's webhooks. The signature is base64(HMAC-SHA256(raw body, secret)). */
export const woocommerceWebhook: WebhookDoor = {
  verify: async (secret, headers, body) => {
    const signature = decoded(headers.get('x-wc-webhook-signature'))
    return signature !== null && isHmacOf(secret, body, signature)
  },
  identify: (headers, body) => {
    const topic = headers.get('x-wc-webhook-topic')
    const delivery = headers.get('x-wc-webhook-delivery-id')
    // The ping that a new webhook sends is a form (`webhook_id=12`), unsigned and without a topic; it must get a 2xx all the same.
    if (!topic || !delivery || isPing(body)) return null
    // WooCommerce makes the delivery id from the webhook's id and the second, so two orders in one second share it: the signature, which
    // differs with the body, tells them apart.
    const parts = [headers.get('x-wc-webhook-id'), delivery, headers.get('x-wc-webhook-signature')]
    return { deliveryId: parts.map(part => part ?? '').join(':'), topic }
  },
}

function isPing(body: Uint8Array): boolean {
  return body.length < 64 && /^webhook_id=\d+$/.test(new TextDecoder().decode(body))
}

function decoded(base64: string | null): Uint8Array<ArrayBuffer> | null {
  if (!base64 || !/^[A-Za-z0-9+/]{43}=$/.test(base64)) return null
  return Uint8Array.from(atob(base64), char => char.charCodeAt(0))
}
