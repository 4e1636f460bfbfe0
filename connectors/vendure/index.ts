import type { AccountAccess, Connector, Session, Tools } from '../contract.ts'
import { apiOf, credentialsShape, settingsShape } from './access.ts'
import { act, actHappened } from './acts.ts'
import { makeKeys } from './auth.ts'
import { check } from './check.ts'
import { makeClient } from './client.ts'
import { connecting } from './connecting.ts'
import { makeFacts } from './facts.ts'
import { allListings, bulkListings, namedListings, READ_MAX, type Shop } from './listings.ts'
import { readMessage } from './messages.ts'
import { ORDER_STATES } from './order.ts'
import { changedOrders, oneOrder } from './orders.ts'
import { grouped, PUSH_MAX, pushed } from './push.ts'
import { makeSilentMoves } from './silent-moves.ts'
import { makeStocks } from './stock.ts'

/** Vendure 3.7 by its Admin API. README.md says how to connect a server, and what its limits are. */
export const vendure: Connector = {
  platform: 'vendure',
  title: 'Vendure',
  connecting,
  settings: settingsShape,
  credentials: credentialsShape,
  // Vendure itself has no limit; a server answers so many calls, a few at a time (gates.ts).
  limits: { call: { kind: 'spacing', everyMs: 50 }, token: { kind: 'spacing', everyMs: 1000 } },
  declares: {
    stockBasis: 'physical',
    // One stock location serves all currencies of the channel.
    stockPerAccount: true,
    acceptedIsNotApplied: false,
    saleDates: false,
    saleBeside: false,
    referencePrice: false,
    acts: ['ship', 'cancel', 'refund'],
    cancelsParts: true,
    returns: 'order',
    arrival: 'poll',
    pushMax: PUSH_MAX,
    readMax: READ_MAX,
    pushConcurrency: 2,
    pollEveryMs: 10_000,
    // Stamps are of the statement, and seen when its transaction ends; the clock is the server's.
    pollOverlapMs: 120_000,
    pollBlindMs: 5_000,
    applyWithinMs: 60_000,
    orderStates: ORDER_STATES,
    pushLatencyMs: 300,
    pushOperation: 'call',
    pushBucket: null,
  },
  open,
}

function open(account: AccountAccess, tools: Tools): Session {
  const settings = settingsShape.parse(account.settings)
  const credentials = credentialsShape.parse(account.credentials)
  const { channels } = account
  if (channels.length === 0) throw new Error('a Vendure account needs a channel, which is a currency of the Vendure channel')
  const client = makeClient(settings, credentials, makeKeys(apiOf(settings), credentials, tools), tools)
  const shop: Shop = { client, channels, settings, facts: makeFacts(client, tools) }
  const stocks = makeStocks()
  const moves = makeSilentMoves(client, tools.now, settings.scale ?? 1)
  return {
    test: () => check(client, channels, settings, credentials),
    listings: () => allListings(shop),
    readListings: (wanted, rank = {}) => namedListings(shop, wanted, rank),
    bulk: bulkListings(shop),
    group: grouped,
    push: items => pushed(shop, stocks, items),
    orders: changedAfter => changedOrders(shop, moves, changedAfter),
    order: externalId => oneOrder(shop, externalId),
    readMessage,
    act: wanted => act({ shop, stocks }, wanted),
    actHappened: wanted => actHappened({ shop, stocks }, wanted),
  }
}
