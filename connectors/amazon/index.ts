import type { Connector } from '../contract.ts'
import { credentialsShape, settingsShape } from './access.ts'
import { makeAcknowledging } from './acknowledgements.ts'
import { act, actHappened } from './acts.ts'
import { makeTokens } from './auth.ts'
import { test } from './check.ts'
import { makeClient } from './client.ts'
import { connecting } from './connecting.ts'
import { FEED_MAX, makeFeed } from './feeds.ts'
import { limits } from './limits.ts'
import { bulkListings, listings, READ_MAX, readListings } from './listings.ts'
import { readMessage } from './notifications.ts'
import { orderStates } from './order-states.ts'
import { order, orders } from './orders.ts'
import { push } from './push.ts'
import { deleteMessages, receive } from './queue.ts'
import { makeReport } from './reports.ts'
import { makeReturns } from './returns.ts'
import { ensureQueue } from './subscriptions.ts'

/** Amazon Selling Partner API: Listings Items 2021-08-01, Feeds and Reports 2021-06-30, Orders 2026-01-01, shipment confirmation and status of Orders v0, notifications by SQS. */
export const amazon: Connector = {
  platform: 'amazon',
  title: 'Amazon',
  connecting,
  declares: {
    stockBasis: 'sellable',
    stockPerAccount: true,
    acceptedIsNotApplied: true,
    saleDates: true,
    saleBeside: true,
    referencePrice: false,
    // Merchants refund by a feed whose effect no call shows: a lost answer could pay twice.
    acts: ['acknowledge', 'ready', 'ship', 'cancel'],
    tellsBuyers: true,
    cancelsParts: false,
    flags: ['payment'],
    tellsLanguage: true,
    statesShipBy: true,
    // Amazon charges its buyers for what is shipped: of what is cancelled there is nothing to give back.
    cancelPaysBack: { whole: true },
    returns: 'report',
    // It lists the days of a return, not its hours; each look is one report for each marketplace.
    returnsReport: { everyMs: 4 * 3_600_000, lookEveryMs: 30_000, lateMs: 2 * 3_600_000 },
    arrival: 'queue',
    pushMax: 1,
    readMax: READ_MAX,
    pushConcurrency: 5,
    // One search in 179 s is all that Amazon allows in the long run; the queue brings orders meanwhile.
    pollEveryMs: 240_000,
    // Amazon may hold changes of the last two minutes back from a search.
    pollOverlapMs: 300_000,
    pollBlindMs: 125_000,
    // Most values show within a minute, some sellers saw many; sending the same value again does no harm.
    applyWithinMs: 10 * 60_000,
    orderStates,
    pushLatencyMs: 250,
    pushOperation: 'patchListingsItem',
    pushBucket: { ratePerS: limits.patchListingsItem.ratePerS, burst: limits.patchListingsItem.burst },
    // In the EU half an hour is usual, minutes elsewhere; 8 h in the queue were seen.
    feed: { itemsMin: 500, itemsMax: FEED_MAX, operation: 'createFeed', processingMs: 15 * 60_000, lateMs: 4 * 3_600_000 },
    report: {
      ...{ operation: 'createReport', readOperation: 'searchListingsItems', bulkMax: READ_MAX },
      // Minutes are usual; sellers saw hours.
      ...{ processingMs: 10 * 60_000, lookEveryMs: 15_000, lateMs: 2 * 3_600_000 },
      // A sale that somebody set at Amazon is in no report.
      searchEveryMs: 7 * 24 * 3_600_000,
    },
  },
  settings: settingsShape,
  credentials: credentialsShape,
  limits,
  open: (account, tools) => {
    const settings = settingsShape.parse(account.settings)
    const credentials = credentialsShape.parse(account.credentials)
    const tokens = makeTokens(settings, credentials, tools)
    const client = makeClient(settings, tokens, tools, makeTokens(settings, credentials, tools, true))
    const basis = { settings, credentials, channels: account.channels, tokens, client, tools }
    const opened = { ...basis, acknowledging: makeAcknowledging(basis) }
    return {
      test: () => test(opened),
      listings: () => listings(opened),
      readListings: (keys, rank) => readListings(opened, keys, rank?.spare === true),
      bulk: bulkListings(opened),
      group: items => items.map(item => [item]),
      push: items => push(opened, items),
      feed: makeFeed(opened),
      report: makeReport(opened),
      ...(settings.returns === false ? {} : { returns: makeReturns(opened) }),
      orders: changedAfter => orders(opened, changedAfter),
      order: externalId => order(opened, externalId),
      readMessage: (topic, body) => readMessage(opened, topic, body),
      receive: () => receive(opened),
      deleteMessages: receipts => deleteMessages(opened, receipts),
      ...(settings.queueUrl === undefined ? {} : { ensureQueue: () => ensureQueue(opened) }),
      act: wanted => act(opened, wanted),
      actHappened: wanted => actHappened(opened, wanted),
    }
  },
}
