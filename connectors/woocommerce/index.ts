import { z } from 'zod'
import type { AccountAccess, Connector, Session, Tools } from '../contract.ts'
import { act, actHappened } from './acts.ts'
import { check } from './check.ts'
import { wooClient } from './client.ts'
import { connecting } from './connecting.ts'
import { allListings, bulkListings, namedListings } from './listings.ts'
import { readMessage } from './messages.ts'
import { ORDER_STATES } from './order.ts'
import { changedOrders, oneOrder } from './orders.ts'
import { BATCH_MAX, grouped, pushed } from './push.ts'
import { ensureWebhooks } from './subscriptions.ts'

const READY_NOTE = 'Your order is ready to be picked up.'

const settings = z.strictObject({
  /** The shop's address, with the folder when WordPress lives in one. */
  url: z.url({ protocol: /^https?$/ }),
  /** For hosts that strip the Authorization header. */
  keysInQuery: z.boolean().optional(),
  /** Fewer listings per call than 100, for hosts that need longer for them than a call may take. */
  batchMax: z.int().min(1).max(BATCH_MAX).optional(),
  /** What WooCommerce writes to a buyer whose order may be picked up. */
  readyNote: z.string().min(1).max(1000).optional(),
  /** What order states of plug-ins ask of us, beside WooCommerce's own. */
  orderStates: z.record(z.string(), z.enum(['ignore', 'reserve', 'settle', 'cancel', 'foreign'])).optional(),
  /** How many times faster than a real shop polls and calls may go; for sandboxes. */
  scale: z.number().positive().max(1000).optional(),
})

const credentials = z.strictObject({
  consumerKey: z.string().min(1),
  consumerSecret: z.string().min(1),
  webhookSecret: z.string().min(1).optional(),
})

/** WooCommerce by its REST API v3. README.md says how to connect a shop, and what its limits are. */
export const woocommerce: Connector = {
  platform: 'woocommerce',
  title: 'WooCommerce',
  connecting,
  settings,
  credentials,
  webhookSecret: keys => credentials.parse(keys).webhookSecret ?? null,
  // WooCommerce itself has no limit, but hosts block bursts: spacing rather than a bucket, and few calls at a time (client.ts).
  limits: { call: { kind: 'spacing', everyMs: 200 } },
  declares: {
    stockBasis: 'sellable',
    stockPerAccount: true,
    acceptedIsNotApplied: false,
    saleDates: true,
    saleBeside: true,
    referencePrice: false,
    acts: ['ready', 'ship', 'cancel', 'refund'],
    cancelsParts: true,
    flags: ['payment'],
    tellsLanguage: true,
    cancelPaysBack: { parts: true },
    returns: 'order',
    arrival: 'webhook',
    pushMax: BATCH_MAX,
    readMax: 100,
    pushConcurrency: 2,
    pollEveryMs: 30_000,
    // Orders are saved in parts: an order may become visible a little after the second that it is stamped with.
    pollOverlapMs: 120_000,
    pollBlindMs: 5_000,
    applyWithinMs: 60_000,
    orderStates: ORDER_STATES,
    pushLatencyMs: 250,
    pushOperation: 'call',
    pushBucket: null,
  },
  open,
}

function open(account: AccountAccess, tools: Tools): Session {
  const { url, keysInQuery, orderStates, batchMax = BATCH_MAX, readyNote = READY_NOTE } = settings.parse(account.settings)
  const keys = credentials.parse(account.credentials)
  const [channel] = account.channels
  if (!channel) throw new Error('a WooCommerce account needs its one channel')
  const states = { ...ORDER_STATES, ...orderStates }
  const client = wooClient({ ...keys, url, keysInQuery: keysInQuery ?? false }, tools)
  return {
    test: () => check(client, channel, url),
    listings: () => allListings(client, channel, tools.now),
    readListings: wanted => namedListings(client, channel, wanted, tools.now),
    bulk: bulkListings(client, channel, tools.now),
    group: items => grouped(items, batchMax),
    push: items => pushed(client, channel, items, batchMax, tools.now),
    orders: changedAfter => changedOrders(client, channel, states, changedAfter),
    order: externalId => oneOrder(client, channel, states, externalId),
    readMessage: (topic, body) => readMessage(channel, states, topic, body),
    ensureWebhooks: (address, secret) => ensureWebhooks(client, address, secret),
    act: wanted => act(client, wanted, readyNote),
    actHappened: wanted => actHappened(client, wanted),
  }
}
