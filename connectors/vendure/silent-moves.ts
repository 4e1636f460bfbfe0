import type { Client } from './client.ts'
import { orderStates } from './operations.ts'
import { pagesBy } from './orders.ts'
import { orderStatesShape } from './wire.ts'

/** Ids of orders that moved on, though no list of changed orders tells it. */
export type SilentMoves = (changedAfter: Date) => Promise<readonly string[]>

/** States of orders that are not at their end. */
const OPEN = ['PaymentAuthorized', 'PaymentSettled', 'PartiallyShipped', 'PartiallyDelivered', 'Modifying', 'ArrangingAdditionalPayment']
const ENDED = ['Shipped', 'Delivered']
/** Between two looks at all open orders. */
const EVERY_MS = 5 * 60_000
/** How long ago an order may have been placed that was sent while nobody of us looked. */
const ENDED_DAYS = 30
const DAY_MS = 24 * 3_600_000
const TAKE = 200

type Seen = { readonly mark: string; readonly movedAt: string }

/**
 * A change of state leaves an order's `updatedAt` as it was (Vendure 3.7 saves the order twice, the second time with the stamp that it had before), so what staff sends
 * in Vendure would never be told. All open orders are looked at now and then, by what is cheapest to read of them: those whose state or fulfilments changed since, and
 * those that are open no more, are read anew. The first look of a session, which knows of no look before, takes the orders sent lately, too.
 */
export function makeSilentMoves(client: Client, now: () => Date, scale: number): SilentMoves {
  let known: ReadonlyMap<string, Seen> | null = null
  let lookedMs = Number.NEGATIVE_INFINITY
  return async changedAfter => {
    const atMs = now().getTime()
    if (atMs - lookedMs < EVERY_MS / scale) return []
    const open = await statesOf(client, OPEN, new Date(0))
    const since = new Date(changedAfter.getTime() - EVERY_MS / scale).toISOString()
    const before = known
    const moved = before
      ? [...open].filter(([id, seen]) => before.has(id) && before.get(id)?.mark !== seen.mark).map(([id]) => id)
      : [...open, ...(await statesOf(client, ENDED, new Date(atMs - ENDED_DAYS * DAY_MS)))]
          .filter(([, seen]) => seen.movedAt > since)
          .map(([id]) => id)
    const ended = before ? [...before.keys()].filter(id => !open.has(id)) : []
    known = open
    lookedMs = atMs
    return [...moved, ...ended]
  }
}

async function statesOf(client: Client, states: readonly string[], placedFrom: Date): Promise<Map<string, Seen>> {
  const found = new Map<string, Seen>()
  for await (const page of pagesBy(client, 'orderPlacedAt', placedFrom, { state: { in: states } }, orderStates, orderStatesShape, TAKE))
    for (const { id, state, updatedAt, fulfillments } of page) {
      const parts = fulfillments ?? []
      const movedAt = parts.reduce((latest, one) => (one.updatedAt > latest ? one.updatedAt : latest), '')
      found.set(id, { mark: JSON.stringify([state, updatedAt, parts.map(one => [one.state, one.updatedAt])]), movedAt })
    }
  return found
}
