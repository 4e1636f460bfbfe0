/**
 * Signature checks of all platforms, and nothing else: Web Crypto only, no Node module, because the Worker program bundles it.
 * A platform adds its `webhook.ts` here.
 */
import { woocommerceWebhook } from './woocommerce/webhook.ts'

/** What a platform's webhook looks like before it is understood. */
export type WebhookDoor = {
  /** Checks the signature over the raw body in constant time. */
  readonly verify: (secret: string, headers: Headers, body: Uint8Array) => Promise<boolean>
  /** The platform's id of this delivery (drops repeats) and its topic; null for a call that is only a ping. */
  readonly identify: (headers: Headers, body: Uint8Array) => { readonly deliveryId: string; readonly topic: string } | null
}

export const webhookDoors: Readonly<Record<string, WebhookDoor>> = {
  woocommerce: woocommerceWebhook,
}
