import { z } from 'zod'
import { AccountTrouble } from '../contract.ts'
import type { WooClient } from './client.ts'
import { wooWebhook } from './wire.ts'

/**
 * There is no topic for stock, and `product.updated` would bring back every push of our own: products are read back instead. Polling finds
 * what these miss.
 */
export const TOPICS = ['order.created', 'order.updated', 'order.deleted'] as const

type WooWebhook = z.infer<typeof wooWebhook>

/**
 * Makes sure that each topic has a webhook to this address that is on. WooCommerce switches one off after five failures in a row and tells
 * nobody. The secret cannot be read back, so a revived one gets it anew.
 */
export async function ensureWebhooks(client: WooClient, address: string, secret: string): Promise<'present' | 'created' | 'revived'> {
  const ours = (await allWebhooks(client)).filter(webhook => webhook.delivery_url === address)
  let done: 'present' | 'created' | 'revived' = 'present'
  for (const topic of TOPICS) {
    const having = ours.filter(webhook => webhook.topic === topic)
    if (having.some(webhook => webhook.status === 'active')) continue
    const [off] = having
    if (off) {
      await must(client, 'PUT', `wc/v3/webhooks/${off.id}`, { status: 'active', secret })
      if (done === 'present') done = 'revived'
    } else {
      await must(client, 'POST', 'wc/v3/webhooks', { name: `Concord ${topic}`, topic, delivery_url: address, secret, status: 'active' })
      done = 'created'
    }
  }
  return done
}

async function must(client: WooClient, method: 'POST' | 'PUT', path: string, body: object): Promise<void> {
  const answer = await client.call(method, path, wooWebhook, { body })
  if (answer.status === 'refused') throw new AccountTrouble('down', `${method} /wp-json/${path}: ${answer.words} (${answer.code})`)
}

async function allWebhooks(client: WooClient): Promise<WooWebhook[]> {
  const found: WooWebhook[] = []
  for (let page = 1, last = 1; page <= last; page += 1) {
    const answer = await client.read('wc/v3/webhooks', z.array(wooWebhook), { page, per_page: 100, orderby: 'id', order: 'asc' })
    last = answer.totalPages
    found.push(...answer.data)
  }
  return found
}
