import { Hono } from 'hono'
import { z } from 'zod'
import type { Sandbox, ShownListing } from '../sandbox.ts'
import { playable } from '../sandbox-played.ts'
import { addDocuments } from './sandbox/documents.ts'
import { beginFeed, endFeed } from './sandbox/feed-work.ts'
import { addFeeds } from './sandbox/feeds.ts'
import { makeGate } from './sandbox/gate.ts'
import { addListings } from './sandbox/listings.ts'
import { addOrders } from './sandbox/orders.ts'
import { addQueue, delayed, enqueueQuantity, QUEUE_PATH } from './sandbox/queue.ts'
import { addReports, beginReport, endReport } from './sandbox/reports.ts'
import { arrive, buy, cancel, pay, refund, seed } from './sandbox/shop.ts'
import { apply, edit } from './sandbox/submissions.ts'
import { addSubscriptions, subscribeByHand } from './sandbox/subscriptions.ts'
import { addToken } from './sandbox/token.ts'
import { type AmazonSandboxOptions, type ListingRow, listingOf, type OfferRow, openWorld, priceNow, type World } from './sandbox/world.ts'

export type { AmazonSandboxOptions } from './sandbox/world.ts'

/** Effects that one `tick` takes on at most, so that it never holds the process for long. */
const TICK_MAX = 500

/** Amazon's usual times for a feed on a quiet day. */
const FEED_QUEUE_MS = 2 * 60_000
const FEED_WORK_MS = 3 * 60_000

const KEPT = z.strictObject({
  ...{ clientId: z.string(), clientSecret: z.string(), refreshToken: z.string(), sellerId: z.string() },
  marketplaces: z.array(z.strictObject({ id: z.string(), currency: z.string(), country: z.string() })).min(1),
})

/** Its APIs have no path in common, and the queue answers at the root. */
export const played = playable({
  options: KEPT,
  paths: 'rest',
  make: (base, own) =>
    makeAmazonSandbox({ ...base, ...own, feedQueueMs: FEED_QUEUE_MS / base.scale, feedWorkMs: FEED_WORK_MS / base.scale }),
  stalls: ({ marketplaces }) =>
    marketplaces.map(({ id, country }) => ({ channelRef: id, share: 1 / marketplaces.length, country, holdsStock: true })),
})

/**
 * A seller account at Amazon: the parts of the Selling Partner API, of Login with Amazon and of SQS that the connector uses, on one address,
 * with Amazon's buckets, its delays and its own decrement of stock.
 */
export function makeAmazonSandbox(options: AmazonSandboxOptions): Sandbox {
  const world = openWorld(options)
  const { store } = world
  // Only a new account: what somebody has deleted since stays deleted.
  if (store.next('opened') === 1 && options.unsubscribed !== true)
    subscribeByHand(world, ['ORDER_CHANGE', ...(options.quantityNotices ? ['LISTINGS_ITEM_MFN_QUANTITY_CHANGE'] : [])])
  const app = new Hono()
  const gate = makeGate(world)
  addToken(app, world, gate)
  addListings(app, world, gate)
  addOrders(app, world, gate)
  addQueue(app, world, gate)
  addSubscriptions(app, world, gate)
  addFeeds(app, world, gate)
  addReports(app, world, gate)
  addDocuments(app, world, gate)
  return {
    platform: 'amazon',
    fetch: request => app.fetch(request),
    seed: listings => seed(world, listings),
    buy: purchase => buy(world, purchase),
    cancel: externalId => cancel(world, externalId),
    pay: externalId => pay(world, externalId),
    refund: (externalId, lines) => refund(world, externalId, lines),
    edit: listing => store.change(() => edit(world, listing)),
    remove: sku => {
      store.run('delete from listing where sku = ?', sku)
      store.run('delete from offer where sku = ?', sku)
    },
    misbehave: store.misbehave,
    behave: store.behave,
    journal: store.journal,
    shown: () => shown(world),
    tick: () => tick(world),
    close: store.close,
  }
}

/** The account's settings for a sandbox that answers at this address. */
export function sandboxSettings(address: string, options: { readonly sellerId: string; readonly scale: number }) {
  return {
    endpoint: address,
    tokenEndpoint: `${address}/auth/o2/token`,
    queueUrl: `${address}${QUEUE_PATH}`,
    sellerId: options.sellerId,
    scale: options.scale,
  }
}

/** Makes accepted values live whose time has come, and works through feeds and reports. Answers how many values and messages still wait for theirs. */
async function tick(world: World): Promise<number> {
  world.store.change(() => {
    for (const due of world.store.takeDue(TICK_MAX)) {
      if (due.kind === 'feed-begin') beginFeed(world, due.ref)
      if (due.kind === 'feed-end') endFeed(world, due.ref)
      if (due.kind === 'report-begin') beginReport(world, due.ref)
      if (due.kind === 'report-end') endReport(world, due.ref)
      if (due.kind === 'return-arrives') arrive(world, due.ref)
      if (due.kind !== 'submission') continue
      apply(world, due.ref, due.data)
      const quantity = listingOf(world, due.ref)?.quantity
      if (quantity !== undefined) enqueueQuantity(world, due.ref, quantity)
    }
  })
  return world.store.waiting() + delayed(world)
}

function shown(world: World): ShownListing[] {
  const now = world.options.now()
  const offers = Map.groupBy(world.store.all<OfferRow>('select * from offer order by sku, marketplace'), offer => offer.sku)
  return world.store.all<ListingRow>('select * from listing order by created_ms').map(row => ({
    sku: row.sku,
    quantity: row.quantity,
    prices: Object.fromEntries(
      (offers.get(row.sku) ?? []).map(offer => {
        const price = priceNow(offer, now)
        return [offer.marketplace, { regular: offer.regular, sale: price === offer.regular ? null : price }]
      }),
    ),
  }))
}
