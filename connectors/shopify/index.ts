import type { AccountAccess, Connector, Session, Tools } from '../contract.ts'
import { credentialsShape, settingsShape } from './access.ts'
import { act, actHappened } from './acts.ts'
import { makeTokens } from './auth.ts'
import { check } from './check.ts'
import { makeClient, TOKEN_POINTS } from './client.ts'
import { connecting } from './connecting.ts'
import { allListings, bulkListings, namedListings, READ_MAX } from './listings.ts'
import { readMessage } from './messages.ts'
import { ORDER_STATES } from './order.ts'
import { changed, one } from './orders.ts'
import { grouped, PUSH_MAX, pushed } from './push.ts'
import { ensureWebhooks } from './subscriptions.ts'

/** The smallest plan's bucket of points; the answers tell the shop's own. */
const POINTS_PER_S = 100
const POINTS_BURST = 2_000

/** Shopify by its Admin GraphQL API 2026-10. README.md says how to connect a shop, and what its limits are. */
export const shopify: Connector = {
  platform: 'shopify',
  title: 'Shopify',
  connecting,
  settings: settingsShape,
  credentials: credentialsShape,
  webhookSecret: credentials => credentialsShape.parse(credentials).clientSecret ?? null,
  limits: {
    points: { kind: 'bucket', ratePerS: POINTS_PER_S / TOKEN_POINTS, burst: POINTS_BURST / TOKEN_POINTS },
    token: { kind: 'spacing', everyMs: 1000 },
  },
  declares: {
    stockBasis: 'sellable',
    // Each channel is one location of the shop.
    stockPerAccount: false,
    acceptedIsNotApplied: false,
    saleDates: false,
    saleBeside: true,
    referencePrice: false,
    acts: ['ready', 'ship', 'cancel', 'refund'],
    cancelsParts: true,
    flags: ['fraud'],
    tellsLanguage: true,
    statesShipBy: true,
    cancelPaysBack: { whole: true, parts: true },
    returns: 'order',
    arrival: 'webhook',
    pushMax: PUSH_MAX,
    readMax: READ_MAX,
    pushConcurrency: 2,
    pollEveryMs: 30_000,
    // The search that lists orders is written a little after the orders themselves.
    pollOverlapMs: 300_000,
    pollBlindMs: 15_000,
    applyWithinMs: 60_000,
    orderStates: ORDER_STATES,
    pushLatencyMs: 300,
    pushOperation: 'points',
    pushBucket: { ratePerS: POINTS_PER_S / TOKEN_POINTS, burst: POINTS_BURST / TOKEN_POINTS },
  },
  open,
}

function open(account: AccountAccess, tools: Tools): Session {
  const settings = settingsShape.parse(account.settings)
  const credentials = credentialsShape.parse(account.credentials)
  const { channels } = account
  if (channels.length === 0) throw new Error('a Shopify account needs a channel, which is a location of the shop')
  const url = settings.url.replace(/\/+$/, '')
  const client = makeClient(settings, credentials, makeTokens(url, credentials, tools), tools)
  const acting = { client, channels, notifyBuyers: settings.notifyBuyers === true }
  return {
    test: () => check(client, channels, settings, credentials),
    listings: () => allListings(client, channels),
    readListings: (keys, rank = {}) => namedListings(client, channels, keys, rank),
    bulk: bulkListings(client, channels),
    group: grouped,
    push: items => pushed(client, channels, items),
    orders: changedAfter => changed(client, channels, changedAfter),
    order: externalId => one(client, channels, externalId),
    readMessage: (topic, body) => readMessage(channels, topic, body),
    ensureWebhooks: (address, secret) => ensureWebhooks(client, credentials, address, secret),
    act: wanted => act(acting, wanted),
    actHappened: wanted => actHappened(acting, wanted),
  }
}
