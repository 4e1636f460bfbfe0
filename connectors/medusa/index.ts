import type { AccountAccess, Connector, Session, Tools } from '../contract.ts'
import { credentialsShape, settingsShape } from './access.ts'
import { act, actHappened } from './acts.ts'
import { makeKeys } from './auth.ts'
import { check } from './check.ts'
import { makeClient } from './client.ts'
import { connecting } from './connecting.ts'
import { allListings, bulkListings, namedListings, READ_MAX } from './listings.ts'
import { readMessage } from './messages.ts'
import { ORDER_STATES } from './order.ts'
import { changedOrders, oneOrder } from './orders.ts'
import { grouped, PUSH_MAX, pushed } from './push.ts'
import { makeTurns } from './turns.ts'

/** Medusa 2 by its Admin API. README.md says how to connect a server, and what its limits are. */
export const medusa: Connector = {
  platform: 'medusa',
  title: 'Medusa',
  connecting,
  settings: settingsShape,
  credentials: credentialsShape,
  // Medusa itself has no limit; a small server answers so many calls, a few at a time (gates.ts).
  limits: { call: { kind: 'spacing', everyMs: 50 }, token: { kind: 'spacing', everyMs: 1000 } },
  declares: {
    stockBasis: 'physical',
    // Each channel is one stock location.
    stockPerAccount: false,
    acceptedIsNotApplied: false,
    // Price lists have dates, and each holds the prices of many variants in one period: a period of its own for each variant would take a list each.
    saleDates: false,
    saleBeside: false,
    referencePrice: false,
    acts: ['ready', 'ship', 'cancel', 'refund'],
    cancelsParts: false,
    tellsLanguage: true,
    cancelPaysBack: { whole: true },
    returns: 'order',
    arrival: 'poll',
    pushMax: PUSH_MAX,
    readMax: READ_MAX,
    pushConcurrency: 2,
    pollEveryMs: 10_000,
    // An order is written in several steps, each with its own transaction; the clock is the server's.
    pollOverlapMs: 120_000,
    pollBlindMs: 5_000,
    applyWithinMs: 60_000,
    orderStates: ORDER_STATES,
    pushLatencyMs: 150,
    pushOperation: 'call',
    pushBucket: null,
  },
  open,
}

function open(account: AccountAccess, tools: Tools): Session {
  const settings = settingsShape.parse(account.settings)
  const credentials = credentialsShape.parse(account.credentials)
  const { channels } = account
  if (channels.length === 0) throw new Error('a Medusa account needs a channel, which is a stock location of the server')
  const keys = makeKeys(settings.url.replace(/\/+$/, ''), credentials, tools)
  const client = makeClient(settings, credentials, keys, tools)
  const turns = makeTurns()
  const acting = { turns, client, channels, notifyBuyers: settings.notifyBuyers === true }
  return {
    test: () => check(client, channels, settings, credentials),
    listings: () => allListings(client, channels),
    readListings: (wanted, rank = {}) => namedListings(client, channels, wanted, rank),
    bulk: bulkListings(client, channels),
    group: grouped,
    push: items => pushed(client, channels, turns, items),
    orders: changedAfter => changedOrders(client, channels, tools.now, changedAfter, settings.pickUpOptions),
    order: externalId => oneOrder(client, channels, externalId, settings.pickUpOptions),
    readMessage: (topic, body) => readMessage(channels, topic, body),
    act: wanted => act(acting, wanted),
    actHappened: wanted => actHappened(acting, wanted),
  }
}
