import { afterAll } from 'vitest'
import { close, connect, type Sql } from '../../db/connect.ts'
import { actOnOrder, type OrderActAnswer } from '../../db/order-acts.ts'
import { carryOut } from '../../src/usecases/carry-out.ts'
import type { Context } from '../../src/usecases/context.ts'
import { makeReserveLane, type ReserveLane } from '../../src/usecases/reserve.ts'
import type { ChannelOrder, OrderEffect } from '../../src/values/channel-order.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from './database.ts'

export type Node = { readonly context: Context; readonly reserve: ReserveLane }

/** Two hubs on one database: each with connections, and a lane for reservations, of its own. */
export async function twoNodes(): Promise<{ readonly sql: Sql; readonly nodes: readonly [Node, Node] }> {
  const { sql, url } = await freshDatabase({ max: 8 })
  const other = connect(url, { max: 8, name: 'test-other-node' })
  afterAll(() => close(other, 1))
  const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
  const node = (own: Sql): Node => ({ context: { sql: own, keyring, actor: 'test' }, reserve: makeReserveLane(own) })
  return { sql, nodes: [node(sql), node(other)] }
}

/** An order as a channel would state it. */
export function orderOf(
  channelRef: string,
  externalId: string,
  lines: readonly { readonly sku: string; readonly ordered: number }[],
  effect: OrderEffect = 'reserve',
  stamp = '2026-01-01T00:00:00Z',
): ChannelOrder {
  return {
    ...{
      externalId,
      number: externalId,
      channelRef,
      stamp,
      placedAt: '2026-01-01T00:00:00Z',
      effect,
      platformState: effect,
      currency: 'EUR',
    },
    ...{ total: null, person: null },
    lines: lines.map((line, at) => ({
      ...{ externalLineId: `${at + 1}`, listingRef: null, title: line.sku, cancelled: 0, shipped: 0, returned: 0, unitPrice: '10' },
      ...line,
    })),
  }
}

/** Ships or cancels everything of an order, judged at an instant where one is given. */
export function act(
  { context }: Node,
  name: 'order_ship_1' | 'order_cancel_1',
  orderId: number,
  key: string,
  more: { readonly now?: string; readonly lines?: { readonly lineId: number; readonly quantity: number }[] } = {},
): Promise<OrderActAnswer> {
  const cmd = { scope: 'test', key, kind: name, hash: key, actor: 'test', orderId, ...more }
  return carryOut(key, () => actOnOrder(context.sql, name, cmd))
}

/** Starts all at once; a random order of arrival each time. */
export function atOnce<T>(deeds: readonly (() => Promise<T>)[]): Promise<PromiseSettledResult<T>[]> {
  const order = deeds.map((deed, at) => ({ deed, at, rank: Math.random() })).toSorted((a, b) => a.rank - b.rank)
  const started = order.map(({ deed, at }) => ({ at, done: deed() }))
  return Promise.allSettled(started.toSorted((a, b) => a.at - b.at).map(({ done }) => done))
}

/** What was answered; throws the first trouble that reached the caller. */
export function answersOf<T>(settled: readonly PromiseSettledResult<T>[]): T[] {
  return settled.map(one => {
    if (one.status === 'rejected') throw one.reason
    return one.value
  })
}
