import type { AccountAccess, Connector, Session, Tools } from '../contract.ts'
import { credentialsShape, settingsShape } from './access.ts'
import { act, actHappened } from './acts.ts'
import { makeTokens } from './auth.ts'
import { check } from './check.ts'
import { makeClient } from './client.ts'
import { connecting } from './connecting.ts'
import { limits } from './limits.ts'
import { bulkListings, listings, READ_MAX, readListings } from './listings.ts'
import { readMessage } from './messages.ts'
import { orderStates } from './order-states.ts'
import { order, orders } from './orders.ts'
import { grouped, type Pusher, push, ROWS_MAX } from './push.ts'
import { quotaKeeper } from './quota.ts'
import { makeRevisions } from './revisions.ts'
import { ensureWebhooks } from './subscriptions.ts'

/** eBay by its Sell Inventory, Sell Fulfillment and Commerce Notification APIs. README.md says how to connect an account, and what its limits are. */
export const ebay: Connector = {
  platform: 'ebay',
  title: 'eBay',
  connecting,
  settings: settingsShape,
  credentials: credentialsShape,
  limits,
  declares: {
    stockBasis: 'sellable',
    stockPerAccount: true,
    // The answer to a push does not show what is live.
    acceptedIsNotApplied: true,
    // Sales with dates are made by eBay's marketing, which is another API: what is in force goes out at its instant.
    saleDates: false,
    saleBeside: false,
    referencePrice: false,
    // Cancelling is the Post-Order API's; of pick-up and acknowledgement the Sell APIs know nothing.
    acts: ['ship', 'refund'],
    tellsBuyers: true,
    cancelsParts: false,
    flags: ['payment'],
    tellsLanguage: true,
    statesShipBy: true,
    returns: 'none',
    arrival: 'webhook',
    pushMax: ROWS_MAX,
    readMax: READ_MAX,
    pushConcurrency: 3,
    pollEveryMs: 60_000,
    pollOverlapMs: 300_000,
    pollBlindMs: 60_000,
    applyWithinMs: 10 * 60_000,
    orderStates,
    pushLatencyMs: 800,
    pushOperation: 'bulkUpdatePriceQuantity',
    pushBucket: { ratePerS: limits.bulkUpdatePriceQuantity.ratePerS, burst: limits.bulkUpdatePriceQuantity.burst },
  },
  open,
}

function open(account: AccountAccess, tools: Tools): Session {
  const settings = settingsShape.parse(account.settings)
  const { channels } = account
  const tokens = makeTokens(settings, credentialsShape.parse(account.credentials), tools)
  const quotas = quotaKeeper(makeClient(settings, tokens, tools), tools, settings.scale ?? 1)
  const { client } = quotas
  const reader = { client, channels, now: tools.now }
  const pusher: Pusher = {
    ...{ channels, client, now: tools.now, revisions: makeRevisions(tools.now, settings.scale ?? 1) },
    ...{ language: settings.contentLanguage ?? 'en-US', rows: ROWS_MAX },
  }
  return {
    test: () => check({ settings, channels, tokens, client, tools }),
    listings: () => listings({ channels, client }),
    readListings: keys => readListings({ channels, client }, keys),
    bulk: bulkListings({ channels, client }),
    group: items => grouped(items, pusher.rows),
    push: items => push(pusher, items),
    orders: async function* (changedAfter) {
      await quotas.look()
      yield* orders(reader, changedAfter)
    },
    order: externalId => order(reader, externalId),
    readMessage,
    ensureWebhooks: (address, secret) => ensureWebhooks({ client, settings }, address, secret),
    act: wanted => act(client, wanted, settings.refunds === true),
    actHappened: wanted => actHappened(client, wanted),
  }
}
