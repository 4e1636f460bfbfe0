import { createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Args, Resolver, Thing } from '../../sandbox-graphql.ts'
import type { Due } from '../../sandbox-store.ts'
import { connection } from './execute.ts'
import { gidOf, type OrderRow, type Shop, type SubscriptionRow, stampOf } from './schema.ts'

/** So many tries in a row without a 2xx, and the subscription is deleted. Shopify takes four hours for them. */
const FAILURES_MAX = 8

const queued = z.object({ subscriptionId: z.int(), webhookId: z.string(), eventId: z.string(), body: z.string(), at: z.string() })

/** Tells the subscriptions of a topic, later; the message holds what the order was at this moment, and no more than was asked for. */
export function announce(shop: Shop, topic: string, orderId: number): void {
  const { store } = shop
  for (const { id } of store.all<SubscriptionRow>('select * from subscription where topic = ?', topic)) {
    if (store.strikes('webhook-drop')) {
      store.record('webhook', { ref: String(orderId), data: { topic, lost: true } })
      continue
    }
    const eventId = `e-${store.next('event')}`
    const times = store.strikes('webhook-double') ? 2 : 1
    const afterMs = store.strikes('webhook-late') ? store.lateMs : store.lag()
    const body = bodyOf(shop, topic, orderId)
    // Another try is another message of the same event.
    for (let n = 0; n < times; n += 1)
      store.later(
        'hook',
        `${id}:${orderId}`,
        { subscriptionId: id, webhookId: `w-${store.next('webhook')}`, eventId, body, at: stampOf(shop) },
        afterMs,
      )
  }
}

function bodyOf({ store }: Shop, topic: string, orderId: number): string {
  const row = store.one<OrderRow>('select * from shop_order where id = ?', orderId)
  const global = gidOf(topic === 'REFUNDS_CREATE' ? 'Refund' : 'Order', orderId)
  if (topic === 'REFUNDS_CREATE') return JSON.stringify({ id: orderId, order_id: orderId, admin_graphql_api_id: global })
  return JSON.stringify({ id: orderId, admin_graphql_api_id: global, updated_at: row?.updated ?? '' })
}

/** Sends one waiting message. */
export async function deliver(shop: Shop, due: Due): Promise<void> {
  const { store, options } = shop
  const { subscriptionId, webhookId, eventId, body, at } = queued.parse(due.data)
  const known = store.one<SubscriptionRow>('select * from subscription where id = ?', subscriptionId)
  if (!known) return
  const sent = store.strikes('webhook-garbage') ? body.slice(0, body.length / 2) : body
  const headers = {
    'content-type': 'application/json',
    'x-shopify-topic': known.topic.toLowerCase().replace('_', '/'),
    'x-shopify-shop-domain': 'sample.myshopify.com',
    'x-shopify-api-version': '2026-10',
    'x-shopify-triggered-at': at,
    'x-shopify-webhook-id': webhookId,
    'x-shopify-event-id': eventId,
    'x-shopify-hmac-sha256': createHmac('sha256', options.clientSecret).update(sent).digest('base64'),
  }
  const status = await options.deliver(known.uri, headers, sent)
  store.change(() => {
    store.record('webhook', { ref: due.ref, data: { topic: known.topic, status } })
    if (status >= 200 && status < 300) store.run('update subscription set failures = 0 where id = ? and failures > 0', subscriptionId)
    else {
      store.run('update subscription set failures = failures + 1 where id = ?', subscriptionId)
      store.run('delete from subscription where id = ? and failures >= ?', subscriptionId, FAILURES_MAX)
    }
  })
}

const wanted = z.strictObject({
  uri: z.url(),
  format: z.literal('JSON'),
  includeFields: z.array(z.string()).optional(),
})

/** `webhookSubscriptionCreate`. */
export const subscribe =
  (shop: Shop): Resolver =>
  ({ topic, webhookSubscription }) => {
    const { uri } = wanted.parse(webhookSubscription)
    const answer = (done: Thing | null, ...messages: string[]): Thing => ({
      ...{ __typename: 'WebhookSubscriptionCreatePayload', webhookSubscription: done },
      userErrors: messages.map(message => ({ __typename: 'UserError', field: ['webhookSubscription', 'uri'], message })),
    })
    if (shop.store.one('select 1 as yes from subscription where topic = ? and uri = ?', String(topic), uri))
      return answer(null, 'Address for this topic has already been taken')
    const id = shop.store.next('subscription', 16_001)
    shop.store.run('insert into subscription values (?, ?, ?, 0)', id, String(topic), uri)
    return answer(subscriptionThing({ id, topic: String(topic), uri, failures: 0 }))
  }

/** `webhookSubscriptions`. */
export function subscriptionList({ store }: Shop, args: Args): Thing {
  return connection(store.all<SubscriptionRow>('select * from subscription order by id'), args, row => String(row.id), subscriptionThing)
}

function subscriptionThing({ id, topic, uri }: SubscriptionRow): Thing {
  return { __typename: 'WebhookSubscription', id: gidOf('WebhookSubscription', id), topic, uri }
}
