import { createHmac } from 'node:crypto'
import type { Sql } from '../../db/connect.ts'
import { type Keyring, readKeyring, seal } from '../../src/values/sealed.ts'

/** Keys for tests, as CONCORD_KEYS would hold them. */
export const testKeys = `test:${Buffer.alloc(32, 7).toString('base64')}`

export const testKeyring = (): Promise<Keyring> => readKeyring(testKeys)

export type WebhookAccountGiven = { readonly token: string; readonly secret: string | null; readonly platform?: string }

/** An account that receives webhooks at `/webhooks/<token>`. Answers its id. */
export async function webhookAccountRow(sql: Sql, keyring: Keyring, given: WebhookAccountGiven): Promise<number> {
  const sealed = given.secret === null ? null : await seal(keyring, 'webhook-secret', given.secret)
  const [row] = await sql<{ id: number }[]>`
    insert into accounts (name, platform, credentials, webhook_secret, webhook_token)
    values (${`shop-${given.token}`}, ${given.platform ?? 'woocommerce'}, ${new Uint8Array()}, ${sealed}, ${given.token}) returning id`
  if (!row) throw new Error('the account was not stored')
  return row.id
}

/** What WooCommerce sends: `signedWith` null leaves the signature out. */
export function wooDelivery(body: string | Uint8Array, deliveryId: string, signedWith: string | null): RequestInit {
  const signature = signedWith === null ? null : createHmac('sha256', signedWith).update(body).digest('base64')
  return {
    method: 'POST',
    body: body as string,
    headers: {
      'content-type': 'application/json',
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-id': '3',
      'x-wc-webhook-delivery-id': deliveryId,
      ...(signature === null ? {} : { 'x-wc-webhook-signature': signature }),
    },
  }
}
