import type { Sql } from './connect.ts'

/** The account behind a webhook address, as far as the door needs it. */
export type WebhookAccount = {
  readonly id: number
  readonly platform: string
  /** Sealed with purpose `webhook-secret`; null while the account has no secret, so that nothing can be verified. */
  readonly sealedSecret: Uint8Array | null
  readonly settings: Readonly<Record<string, unknown>>
  /** Sealed with purpose `credentials`: some platforms tell only to whom they know what a signature is checked with. */
  readonly sealedCredentials: Uint8Array
}

/** The account whose webhook address carries this token, or null. A paused account still receives: what it is told is kept. */
export async function webhookAccount(sql: Sql, token: string): Promise<WebhookAccount | null> {
  const [row] = await sql<WebhookAccount[]>`
    select id, platform, webhook_secret as "sealedSecret", settings, credentials as "sealedCredentials" from accounts where webhook_token = ${token}`
  return row ?? null
}

/** One delivery from outside, on its way into the inbox. */
export type Delivery = {
  readonly accountId: number
  readonly source: 'webhook' | 'queue' | 'poll' | 'report'
  /** The platform's own id of this delivery: the same one again is the same message. */
  readonly deliveryId: string
  readonly topic: string
  /** The raw body, sealed with purpose `inbox`. */
  readonly sealedBody: Uint8Array
}

/**
 * Stores a delivery once by (account, delivery id) and leaves its change row in the same statement. Answers the inbox row's id, or null
 * when the delivery was there already. Once it has answered the delivery is durable; when it throws, the outcome is unknown, and the
 * platform's next try is harmless.
 */
export async function inboxPut(sql: Sql, delivery: Delivery): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`
    with put as (
      insert into inbox (account_id, source, delivery_id, topic, body)
      values (${delivery.accountId}, ${delivery.source}, ${delivery.deliveryId}, ${delivery.topic}, ${delivery.sealedBody})
      on conflict (account_id, delivery_id) do nothing
      returning id, account_id
    ), told as (
      insert into change (kind, account_id, ref_id) select 'inbox', account_id, id from put
    )
    select id from put`
  return row?.id ?? null
}
