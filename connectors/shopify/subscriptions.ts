import { AccountTrouble } from '../contract.ts'
import type { Credentials } from './access.ts'
import type { Client } from './client.ts'
import { subscribe, subscriptions } from './operations.ts'
import { subscribeShape, subscriptionsShape } from './wire.ts'

/**
 * What we are told of. Every change of an order is an update; the others tell what matters most by a way of their own, so that one lost message is not the only
 * one. `inventory_levels/update` would bring back our own pushes: stock is read instead.
 */
export const TOPICS = ['ORDERS_CREATE', 'ORDERS_UPDATED', 'ORDERS_CANCELLED', 'ORDERS_EDITED', 'REFUNDS_CREATE'] as const

/** All that a message is needed for: the order is read from Shopify, and no buyer's data lies in our inbox. */
const FIELDS = ['id', 'admin_graphql_api_id', 'order_id', 'updated_at']

/**
 * Makes sure that each topic is told to this address. Shopify deletes a subscription whose messages nobody took for four hours, and tells nobody: where some are
 * left, the others were dropped. It signs with the secret of the app; with another secret at our door its messages would all be refused, so none are asked for.
 */
export async function ensureWebhooks(
  client: Client,
  credentials: Credentials,
  address: string,
  secret: string,
): Promise<'present' | 'created' | 'revived'> {
  if (credentials.clientSecret !== secret) return 'present'
  const having = new Set((await ours(client, address)).map(one => one.topic))
  const missing = TOPICS.filter(topic => !having.has(topic))
  for (const topic of missing) {
    const variables = { topic, webhookSubscription: { uri: address, format: 'JSON', includeFields: FIELDS } }
    const { webhookSubscriptionCreate: answer } = await client.ask(subscribe, variables, subscribeShape)
    const [error] = answer.userErrors
    if (error) throw new AccountTrouble('down', `a webhook of ${topic} at Shopify: ${error.message}`)
  }
  if (missing.length === 0) return 'present'
  return having.size === 0 ? 'created' : 'revived'
}

async function ours(client: Client, address: string): Promise<{ topic: string }[]> {
  const found: { topic: string }[] = []
  let after: string | null = null
  for (;;) {
    const { webhookSubscriptions: page }: ReturnType<typeof subscriptionsShape.parse> = await client.ask(
      subscriptions,
      { after },
      subscriptionsShape,
    )
    found.push(...page.nodes.filter(one => one.uri === address))
    if (!page.pageInfo.hasNextPage) return found
    after = page.pageInfo.endCursor
  }
}
