import { Hono } from 'hono'
import { z } from 'zod'
import type { Sandbox, ShownListing } from '../sandbox.ts'
import { playable } from '../sandbox-played.ts'
import type { Due } from '../sandbox-store.ts'
import { makeGate, refuse } from './sandbox/gate.ts'
import { addInventory } from './sandbox/inventory.ts'
import { deliver, notifyDeletion } from './sandbox/notifications.ts'
import { addOrders } from './sandbox/orders.ts'
import { addRefunds, arrive } from './sandbox/refunds.ts'
import { apply, edit } from './sandbox/revise.ts'
import { buy, cancel, pay, refund, seed } from './sandbox/shop.ts'
import { addNotifications } from './sandbox/subscriptions.ts'
import { addToken } from './sandbox/token.ts'
import { type EbaySandboxOptions, type ItemRow, offersOf, openWorld, shownQuantity, type World } from './sandbox/world.ts'

export type { EbaySandboxOptions } from './sandbox/world.ts'

/** What one `tick` takes on at most at a time, so that it never holds the process for long. */
const DUE_MAX = 500

/** What a sandbox of eBay can do beside the common levers. */
export type EbaySandbox = Sandbox & {
  /** Somebody closes his account at eBay. */
  readonly closeAccount: (username: string) => void
  /** An offer is taken back, and not published any more. */
  readonly unpublish: (sku: string) => void
  /** The offer with all its fields, as its owner last had it; null where there is none. */
  readonly offerFields: (sku: string) => Readonly<Record<string, unknown>> | null
}

const KEPT = z.strictObject({
  ...{ clientId: z.string(), clientSecret: z.string(), refreshToken: z.string() },
  marketplace: z.strictObject({ id: z.string(), currency: z.string(), country: z.string() }),
})

export const played = playable({
  options: KEPT,
  paths: /^\/(identity|sell|commerce|developer)\//,
  make: (base, own) => makeEbaySandbox({ ...base, ...own }),
  stalls: ({ marketplace: { id, country } }) => [{ channelRef: id, share: 1, country, holdsStock: false }],
})

/** A seller account at eBay: the parts of its Sell, Notification and Analytics APIs that the connector uses, on one address, with eBay's own decrement of stock. */
export function makeEbaySandbox(options: EbaySandboxOptions): EbaySandbox {
  const world = openWorld(options)
  const { store } = world
  const app = new Hono()
  const gate = makeGate(world)
  addToken(app, world)
  addInventory(app, world, gate)
  addOrders(app, world, gate)
  addRefunds(app, world, gate)
  addNotifications(app, world, gate)
  app.notFound(() => refuse(404, 2002, 'Resource not found.', 'ACCESS'))
  app.onError(error => {
    console.error(error)
    return refuse(500, 25001, 'A system error has occurred.')
  })
  let isClosed = false
  let ticking: Promise<void> | null = null
  const work = async (): Promise<void> => {
    const take = (): readonly Due[] => store.change(() => store.takeDue(DUE_MAX))
    for (let due = take(); due.length > 0 && !isClosed; due = take()) {
      for (const { data } of due.filter(one => one.kind === 'revision')) apply(world, data)
      for (const { ref } of due.filter(one => one.kind === 'refund')) store.change(() => arrive(world, ref))
      for (const one of due.filter(each => each.kind === 'notice')) if (!isClosed) await deliver(world, one)
    }
  }
  return {
    platform: 'ebay',
    fetch: request => app.fetch(request),
    seed: listings => seed(world, listings),
    buy: purchase => buy(world, purchase),
    cancel: externalId => cancel(world, externalId),
    pay: externalId => pay(world, externalId),
    refund: (externalId, lines) => refund(world, externalId, lines),
    edit: listing => store.change(() => edit(world, listing)),
    remove: sku => {
      store.run('delete from offer where sku = ?', sku)
      store.run('delete from item where sku = ?', sku)
    },
    misbehave: store.misbehave,
    behave: store.behave,
    journal: store.journal,
    shown: () => shown(world),
    // One round at a time, or two would tell the same address out of order.
    tick: async () => {
      ticking ??= work().finally(() => {
        ticking = null
      })
      await ticking
      return isClosed ? 0 : store.waiting()
    },
    close: () => {
      isClosed = true
      store.close()
    },
    closeAccount: username => notifyDeletion(world, username),
    unpublish: sku => void store.run("update offer set status = 'UNPUBLISHED' where sku = ?", sku),
    offerFields: sku => {
      const [offer] = offersOf(world, sku)
      return offer ? { ...(JSON.parse(offer.more) as object), price: offer.price, availableQuantity: offer.available } : null
    },
  }
}

function shown(world: World): ShownListing[] {
  return world.store.all<ItemRow>('select * from item order by seq').map(row => {
    const offers = offersOf(world, row.sku)
    return {
      sku: row.sku,
      quantity: shownQuantity(row, offers[0]),
      prices: Object.fromEntries(offers.map(offer => [offer.marketplace, { regular: offer.price, sale: null }])),
    }
  })
}
