import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { z } from 'zod'
import type { Due } from '../../sandbox-store.ts'
import { buyerOf } from './order-view.ts'
import { linesOf, orderRow } from './shop.ts'
import type { World } from './world.ts'

/** An address that failed so often in a row is marked down. */
const FAILURES_MAX = 5

export type DestinationRow = { id: string; name: string; status: string; endpoint: string; token: string; failures: number }
export type SubscriptionRow = {
  id: string
  topic: string
  bearer: string
  status: string
  destination_id: string
  version: string
  created: string
}

const queued = z.object({ subscriptionId: z.string(), notificationId: z.string(), topic: z.string(), data: z.unknown(), at: z.string() })

/** Tells of an order: once for each of its lines, as eBay does. */
export function notifyOrder(world: World, topic: string, orderId: string): void {
  const order = orderRow(world, orderId)
  if (!order) return
  for (const line of linesOf(world, orderId)) {
    const data = {
      user: { username: buyerOf(order) },
      order: { orderId, orderLineItems: [{ orderLineItemId: line.id, listingId: line.listing_id, quantity: line.quantity }] },
    }
    notify(world, topic, data)
  }
}

/** Somebody closed his account at eBay; every application is told. */
export function notifyDeletion(world: World, username: string): void {
  notify(world, 'MARKETPLACE_ACCOUNT_DELETION', {
    username,
    userId: 'ma8vp1jySJC',
    eiasToken: 'nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6wJnY+gAZGEpwmdj6x9nY+seQ==',
  })
}

function notify(world: World, topic: string, data: object): void {
  const { store, options } = world
  const at = options.now().toISOString()
  const known = store.all<SubscriptionRow>("select * from subscription where topic = ? and status = 'ENABLED'", topic)
  for (const subscription of known) {
    if (store.strikes('webhook-drop')) {
      store.record('webhook', { ref: subscription.id, data: { topic, lost: true } })
      continue
    }
    const one = { subscriptionId: subscription.id, notificationId: crypto.randomUUID(), topic, data, at }
    const afterMs = store.strikes('webhook-late') ? store.lateMs : store.lag()
    for (let n = store.strikes('webhook-double') ? 2 : 1; n > 0; n -= 1) store.later('notice', subscription.id, one, afterMs)
  }
}

/** Sends one notification that is due, signed with eBay's key. */
export async function deliver(world: World, due: Due): Promise<void> {
  const { store, options } = world
  const { subscriptionId, notificationId, topic, data, at } = queued.parse(due.data)
  const subscription = store.one<SubscriptionRow>('select * from subscription where id = ?', subscriptionId)
  const to = store.one<DestinationRow>('select * from destination where id = ?', subscription?.destination_id ?? '')
  if (to?.status !== 'ENABLED') return
  const message = {
    metadata: { topic, schemaVersion: subscription?.version ?? '1.0', deprecated: false },
    notification: { notificationId, eventDate: at, publishDate: options.now().toISOString(), publishAttemptCount: 1, data },
  }
  const whole = JSON.stringify(message)
  const body = store.strikes('webhook-garbage') ? whole.slice(0, whole.length / 2) : whole
  const { kid, pem } = keyOf(world)
  const signature = sign('sha1', Buffer.from(body), createPrivateKey(pem)).toString('base64')
  const header = Buffer.from(JSON.stringify({ alg: 'ecdsa', kid, signature, digest: 'SHA1' })).toString('base64')
  const status = await options.deliver(to.endpoint, { 'content-type': 'application/json', 'x-ebay-signature': header }, body)
  store.change(() => {
    store.record('webhook', { ref: subscriptionId, data: { topic, status } })
    if (status >= 200 && status < 300) store.run('update destination set failures = 0 where id = ?', to.id)
    else
      store.run(
        "update destination set failures = failures + 1, status = case when failures + 1 >= ? then 'MARKED_DOWN' else status end where id = ?",
        ...[FAILURES_MAX, to.id],
      )
  })
}

/** eBay's key pair, made once. */
export function keyOf({ store }: World): { readonly kid: string; readonly pem: string; readonly publicPem: string } {
  const known = store.one<{ value: string }>("select value from setting where name = 'key'")
  if (known) return JSON.parse(known.value) as ReturnType<typeof keyOf>
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const made = {
    kid: crypto.randomUUID(),
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    // eBay tells it without line breaks.
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString().replaceAll('\n', ''),
  }
  store.run("insert into setting values ('key', ?)", JSON.stringify(made))
  return made
}
