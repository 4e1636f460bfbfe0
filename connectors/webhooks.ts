/**
 * Signature checks of all platforms, and nothing else: Web Crypto and `src/values/hmac.ts` only, no Node module, because the Worker program bundles it.
 * A platform adds its `webhook.ts` here.
 */
import { ebayWebhook } from './ebay/webhook.ts'
import { medusaWebhook } from './medusa/webhook.ts'
import { shopifyWebhook } from './shopify/webhook.ts'
import { woocommerceWebhook } from './woocommerce/webhook.ts'

/** What a platform's webhook looks like before it is understood. */
export type WebhookDoor = {
  /**
   * Checks the signature over the raw body in constant time. `later`: what it is checked with cannot be read from the platform just now, so that it must send again.
   */
  readonly verify: (secret: string, headers: Headers, body: Uint8Array, account?: DoorAccount) => Promise<boolean | 'later'>
  /** The platform's id of this delivery (drops repeats) and its topic; null for a call that is only a ping. */
  readonly identify: (headers: Headers, body: Uint8Array) => { readonly deliveryId: string; readonly topic: string } | null
  /**
   * Only where the platform asks an address (GET) whether it is ours before it sends anything: the answer, as JSON. Null: that is not what was asked. `address` is
   * the address as the platform was told it.
   */
  readonly challenge?: (secret: string, address: string, query: URLSearchParams) => Promise<string | null>
}

/** What a door may use of the account, where a signature is checked with what the platform itself tells. */
export type DoorAccount = {
  readonly settings: Readonly<Record<string, unknown>>
  readonly credentials: () => Promise<Readonly<Record<string, unknown>>>
  readonly call: DoorCall
}

/** A call to the platform. Rejects when there is no answer. */
export type DoorCall = (call: {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}) => Promise<{ readonly status: number; readonly text: string }>

export const webhookDoors: Readonly<Record<string, WebhookDoor>> = {
  ebay: ebayWebhook,
  medusa: medusaWebhook,
  shopify: shopifyWebhook,
  woocommerce: woocommerceWebhook,
}
