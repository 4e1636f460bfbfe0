import { createHash, createHmac } from 'node:crypto'
import { z } from 'zod'
import type { Due } from '../../sandbox-store.ts'
import { orderBody } from './order-body.ts'
import { productBody } from './product-body.ts'
import { failure, type OrderRow, type ProductRow, paged, pageOf, type Shop, stampOf, type WebhookRow, type WooReply } from './schema.ts'

const FAILURES_MAX = 5

const wanted = z.looseObject({
  name: z.string().optional(),
  topic: z
    .string()
    .regex(/^(order|product|coupon|customer)\.(created|updated|deleted|restored)$/)
    .optional(),
  delivery_url: z.url().optional(),
  secret: z.string().optional(),
  status: z.enum(['active', 'paused', 'disabled']).optional(),
})

const queued = z.object({ webhookId: z.int(), deliveryId: z.string(), body: z.string().nullable(), resourceId: z.int() })

/** Tells the webhooks of a topic, later. An order is told as it is now, so that a late one tells an old state. */
export function announce(shop: Shop, topic: string, resourceId: number): void {
  const { store } = shop
  const webhooks = store.all<WebhookRow>("select * from webhook where topic = ? and status = 'active'", topic)
  for (const webhook of webhooks) {
    const ref = `${webhook.id}:${resourceId}`
    // A product that changes again before it was told of is told of once, as it is then.
    if (topic.startsWith('product.') && store.isWaiting('hook', ref)) continue
    if (store.strikes('webhook-drop')) {
      store.record('webhook', { ref, data: { topic, lost: true } })
      continue
    }
    // Not unique within a second; WooCommerce makes it just so.
    const deliveryId = createHash('md5')
      .update(`${webhook.id}${stampOf(shop)}`)
      .digest('hex')
    const body = topic.startsWith('order.') ? bodyOf(shop, topic, resourceId) : null
    const times = store.strikes('webhook-double') ? 2 : 1
    const afterMs = store.strikes('webhook-late') ? store.lateMs : store.lag()
    for (let n = 0; n < times; n += 1) store.later('hook', ref, { webhookId: webhook.id, deliveryId, body, resourceId }, afterMs)
  }
}

function bodyOf(shop: Shop, topic: string, resourceId: number): string {
  const { store, options } = shop
  if (topic === 'order.deleted' || topic === 'product.deleted') return JSON.stringify({ id: resourceId })
  if (topic.startsWith('order.')) {
    const row = store.one<OrderRow>('select * from shop_order where id = ?', resourceId)
    return JSON.stringify(row ? orderBody(shop, row) : { id: resourceId })
  }
  const row = store.one<ProductRow>('select * from product where id = ?', resourceId)
  return JSON.stringify(row ? productBody(row, options.now()) : { id: resourceId })
}

/** Sends one waiting webhook or ping. Five failures in a row switch the webhook off, as WooCommerce does; nothing is sent twice by itself. */
export async function deliver(shop: Shop, due: Due): Promise<void> {
  const { store, options } = shop
  const { webhookId, deliveryId, body, resourceId } = queued.parse(due.data)
  const webhook = store.one<WebhookRow>('select * from webhook where id = ?', webhookId)
  if (webhook?.status !== 'active') return
  if (due.kind === 'ping') {
    await options.deliver(webhook.url, { 'content-type': 'application/x-www-form-urlencoded' }, `webhook_id=${webhookId}`)
    return
  }
  const whole = body ?? bodyOf(shop, webhook.topic, resourceId)
  const sent = store.strikes('webhook-garbage') ? whole.slice(0, whole.length / 2) : whole
  const [resource, event] = webhook.topic.split('.')
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'WooCommerce/10.3.0 Hookshot (WordPress/6.8)',
    'x-wc-webhook-source': 'https://shop.example/',
    'x-wc-webhook-topic': webhook.topic,
    'x-wc-webhook-resource': resource ?? '',
    'x-wc-webhook-event': event ?? '',
    'x-wc-webhook-signature': createHmac('sha256', webhook.secret).update(sent).digest('base64'),
    'x-wc-webhook-id': String(webhookId),
    'x-wc-webhook-delivery-id': deliveryId,
  }
  const status = await options.deliver(webhook.url, headers, sent)
  store.change(() => {
    store.record('webhook', { ref: due.ref, data: { topic: webhook.topic, status } })
    if (status >= 200 && status < 300) store.run('update webhook set failures = 0 where id = ? and failures > 0', webhookId)
    else
      store.run(
        "update webhook set failures = failures + 1, status = case when failures + 1 >= ? then 'disabled' else status end where id = ?",
        ...[FAILURES_MAX, webhookId],
      )
  })
}

/** `GET /webhooks`. */
export function listWebhooks({ store }: Shop, query: URLSearchParams): WooReply {
  const page = pageOf(query)
  if ('status' in page) return page
  const total = store.one<{ n: number }>('select count(*) as n from webhook')?.n ?? 0
  const way = query.get('order') === 'asc' ? 'asc' : 'desc'
  const rows = store.all<WebhookRow>(`select * from webhook order by id ${way} limit ? offset ?`, page.limit, page.offset)
  return paged(rows.map(webhookBody), total, page.limit)
}

/** `POST /webhooks`: the new webhook sends a ping. */
export function createWebhook(shop: Shop, body: unknown): WooReply {
  const read = wanted.safeParse(body)
  if (!read.success || !read.data.topic) return failure(400, 'woocommerce_rest_webhook_invalid_topic', 'Webhook topic must be valid.')
  if (!read.data.delivery_url)
    return failure(400, 'woocommerce_rest_webhook_invalid_delivery_url', 'Webhook delivery URL must be a valid URL.')
  const { name = 'Webhook', topic, delivery_url: url, secret = '', status = 'active' } = read.data
  const now = stampOf(shop)
  const id = shop.store.next('webhook')
  shop.store.run('insert into webhook values (?, ?, ?, ?, ?, ?, 0, ?, ?)', id, name, status, topic, url, secret, now, now)
  shop.store.later('ping', String(id), { webhookId: id, deliveryId: '', body: null, resourceId: 0 }, shop.store.lag())
  return answerWith(shop, id, 201)
}

/** `PUT /webhooks/{id}`: switching it on again forgets its failures. */
export function updateWebhook(shop: Shop, id: number, body: unknown): WooReply {
  const row = shop.store.one<WebhookRow>('select * from webhook where id = ?', id)
  if (!row) return failure(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.')
  const read = wanted.safeParse(body)
  if (!read.success) return failure(400, 'rest_invalid_param', z.prettifyError(read.error))
  const { status = row.status, secret = row.secret, delivery_url: url = row.url, topic = row.topic } = read.data
  const values = [status, secret, url, topic, status === 'active' ? 0 : row.failures, stampOf(shop), id]
  shop.store.run('update webhook set status = ?, secret = ?, url = ?, topic = ?, failures = ?, modified = ? where id = ?', ...values)
  return answerWith(shop, id, 200)
}

function answerWith({ store }: Shop, id: number, status: number): WooReply {
  const row = store.one<WebhookRow>('select * from webhook where id = ?', id)
  return row ? { status, body: webhookBody(row) } : failure(404, 'woocommerce_rest_shop_webhook_invalid_id', 'Invalid ID.')
}

function webhookBody(row: WebhookRow): Record<string, unknown> {
  const [resource, event] = row.topic.split('.')
  const times = { date_created: row.created, date_created_gmt: row.created, date_modified: row.modified, date_modified_gmt: row.modified }
  return { id: row.id, name: row.name, status: row.status, topic: row.topic, resource, event, hooks: [], delivery_url: row.url, ...times }
}
