import type { Sql } from '../../db/connect.ts'
import type { Delivery, WebhookAccount } from '../../db/inbox.ts'
import { inboxPutTogether, webhookAccountsTogether } from '../../db/inbox-together.ts'
import { gathered } from './gathered.ts'

const TOGETHER = { most: 128, underWayMost: 2, furtherLeast: 16 }

/**
 * Stores what platforms deliver; those that come in while a statement is under way go together in the next, so that a burst of orders costs few writes to the
 * disk. Answers the inbox row's id, null where the delivery was known already; what it throws means that the outcome is unknown.
 */
export function keepDeliveries(sql: Sql): (delivery: Delivery) => Promise<number | null> {
  return gathered((deliveries: readonly Delivery[]) => inboxPutTogether(sql, deliveries), TOGETHER)
}

/** Finds the account behind a webhook's token, those that are asked about while a statement is under way together in the next: never one of a moment ago. */
export function findAccounts(sql: Sql): (token: string) => Promise<WebhookAccount | null> {
  return gathered((tokens: readonly string[]) => webhookAccountsTogether(sql, tokens), TOGETHER)
}
