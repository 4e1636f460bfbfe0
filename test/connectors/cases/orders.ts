import { expect } from 'vitest'
import type { Session } from '../../../connectors/contract.ts'
import type { SandboxOrder } from '../../../connectors/sandbox.ts'
import type { ChannelOrder } from '../../../src/values/channel-order.ts'
import type { Case } from '../conformance.ts'
import { goods, listingOf, mainChannel, STARTED_AT, type Stage, shownOf } from '../stage.ts'

/** All orders changed after an instant; fails on any that could not be understood. */
export async function ordersSince(session: Session, after: Date): Promise<ChannelOrder[]> {
  const orders: ChannelOrder[] = []
  for await (const page of session.orders(after)) {
    expect(page.unreadable).toEqual([])
    orders.push(...page.orders)
  }
  return orders
}

/** A shopper's order of one SKU; fails when nothing was sold. */
export function bought(
  stage: Stage,
  ref: string,
  sku: string,
  quantity: number,
  more: { unpaid?: boolean; foreign?: boolean } = {},
): SandboxOrder {
  const order = stage.sandbox.buy({ ref, channelRef: mainChannel(stage).ref, lines: [{ sku, quantity, unitPrice: '10.00' }], ...more })
  if (!order) throw new Error(`nothing of ${sku} was sold`)
  return order
}

/** The order as the connector reads it; fails when it is gone or unreadable. */
export async function orderOf(stage: Stage, externalId: string): Promise<ChannelOrder> {
  const order = await stage.session.order(externalId)
  if (!order || !('effect' in order)) throw new Error(`order ${externalId} could not be read: ${order?.reason ?? 'not found'}`)
  return order
}

export const orderCases: readonly Case[] = [
  {
    title: 'tells an order in our words: lines, units, prices, state and times',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'TEE-S', 5, { parent: 'TEE' })])
      const channel = mainChannel(stage)
      const listing = await listingOf(stage, 'TEE-S')
      const placedAt = new Date(stage.clock.now().getTime() - 60_000)
      const person = { name: 'Ada Lovelace', email: 'ada@example.com', city: 'London', country: 'GB' }
      const lines = [
        { sku: 'MUG', quantity: 2, unitPrice: '7.25' },
        { sku: 'TEE-S', quantity: 1, unitPrice: '12.00' },
      ]
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: channel.ref, lines, placedAt, person })
      await stage.settle()
      const [order, ...others] = await ordersSince(stage.session, new Date(STARTED_AT.getTime() - 1000))
      expect(others).toEqual([])
      expect(order).toMatchObject({
        externalId: sold?.externalId,
        number: sold?.number,
        channelRef: channel.ref,
        currency: channel.currency,
        effect: 'reserve',
      })
      expect(order?.placedAt).toBe(placedAt.toISOString())
      expect(order?.stamp).toBe(new Date(order?.stamp ?? 0).toISOString())
      expect(Number(order?.total ?? 26.5)).toBe(26.5)
      expect(
        order?.lines.map(line => [line.sku, line.ordered, line.cancelled, line.shipped, line.returned, Number(line.unitPrice)]),
      ).toEqual([
        ['MUG', 2, 0, 0, 0, 7.25],
        ['TEE-S', 1, 0, 0, 0, 12],
      ])
      expect(order?.lines.map(line => line.externalLineId)).toEqual(sold?.lines.map(line => line.externalLineId))
      const ref = order?.lines[1]?.listingRef
      if (ref !== null) expect(ref).toBe(listing.externalId)
      expect(stage.connector.declares.orderStates[order?.platformState ?? '']).toBe('reserve')
      expect(await orderOf(stage, sold?.externalId ?? '')).toEqual(order)
    },
  },
  {
    title: 'answers null for an order that the platform does not have',
    run: async stage => expect(await stage.session.order('99999999')).toBeNull(),
  },
  {
    title: 'reads all changed orders over several pages, oldest change first, also those of one second',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 1000)])
      const sold: string[] = []
      for (let n = 0; n < 230; n += 1) {
        sold.push(bought(stage, `b${n}`, 'MUG', 1).externalId)
        if (n % 7 === 0) stage.clock.advance(1000)
      }
      await stage.settle()
      const orders = await ordersSince(stage.session, new Date(STARTED_AT.getTime() - 1000))
      expect(new Set(orders.map(order => order.externalId))).toEqual(new Set(sold))
      expect(orders.map(order => order.stamp)).toEqual(orders.map(order => order.stamp).sort())
    },
  },
  {
    title: 'loses no order when more of them change within one second than fit on a page',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 1000)])
      const sold = Array.from({ length: 250 }, (_, n) => bought(stage, `b${n}`, 'MUG', 1).externalId)
      stage.clock.advance(5000)
      sold.push(bought(stage, 'last', 'MUG', 1).externalId)
      await stage.settle()
      const orders = await ordersSince(stage.session, new Date(STARTED_AT.getTime() - 1000))
      expect(new Set(orders.map(order => order.externalId))).toEqual(new Set(sold))
    },
  },
  {
    title: 'loses no order when orders move to the end while the pages are read',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 1000)])
      const sold: string[] = []
      for (let n = 0; n < 250; n += 1) {
        sold.push(bought(stage, `b${n}`, 'MUG', 1).externalId)
        stage.clock.advance(1000)
      }
      await stage.settle()
      const seen = new Map<string, ChannelOrder>()
      let pages = 0
      for await (const page of stage.session.orders(new Date(STARTED_AT.getTime() - 1000))) {
        for (const order of page.orders) seen.set(order.externalId, order)
        pages += 1
        stage.clock.advance(1000)
        // Orders of the first page change now: everything behind them moves forward by as many places.
        if (pages === 1) for (const id of sold.slice(0, 30)) stage.sandbox.cancel(id)
      }
      expect(pages).toBeGreaterThan(1)
      expect(sold.filter(id => !seen.has(id))).toEqual([])
      const last =
        [...seen.values()]
          .map(order => order.stamp)
          .sort()
          .at(-1) ?? ''
      for (const order of await ordersSince(stage.session, new Date(new Date(last).getTime() - 60_000))) seen.set(order.externalId, order)
      expect(sold.slice(0, 30).map(id => seen.get(id)?.effect)).toEqual(Array.from({ length: 30 }, () => 'cancel'))
    },
  },
  {
    title: 'looks only at what changed after the instant',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 10)])
      const early = bought(stage, 'early', 'MUG', 1)
      await stage.settle()
      stage.clock.advance(600_000)
      const between = stage.clock.now()
      stage.clock.advance(600_000)
      const late = bought(stage, 'late', 'MUG', 1)
      await stage.settle()
      expect((await ordersSince(stage.session, between)).map(order => order.externalId)).toEqual([late.externalId])
      stage.sandbox.cancel(early.externalId)
      await stage.settle()
      const ids = (await ordersSince(stage.session, between)).map(order => order.externalId)
      expect(ids).toEqual([late.externalId, early.externalId])
    },
  },
  {
    title: 'lets an unpaid order ask for nothing until it is paid',
    // Amazon has none: it takes the units of an unpaid order off its own quantity, so those must be reserved.
    needs: { what: 'orders that ask for nothing', has: declares => Object.values(declares.orderStates).includes('ignore') },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2, { unpaid: true })
      await stage.settle()
      const unpaid = await orderOf(stage, sold.externalId)
      expect(unpaid.effect).toBe('ignore')
      expect(stage.connector.declares.orderStates[unpaid.platformState]).toBe('ignore')
      stage.clock.advance(1000)
      stage.sandbox.pay(sold.externalId)
      await stage.settle()
      const paid = await orderOf(stage, sold.externalId)
      expect(paid.effect).toBe('reserve')
      expect(paid.stamp > unpaid.stamp).toBe(true)
      expect(shownOf(stage, 'MUG').quantity).toBe(3)
    },
  },
  {
    title: 'tells that an order was cancelled at the platform, which has its units back',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      const before = await orderOf(stage, sold.externalId)
      expect(shownOf(stage, 'MUG').quantity).toBe(3)
      stage.clock.advance(1000)
      stage.sandbox.cancel(sold.externalId)
      await stage.settle()
      const after = await orderOf(stage, sold.externalId)
      expect([after.effect, after.stamp > before.stamp]).toEqual(['cancel', true])
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    },
  },
  {
    title: 'marks an order that the platform fills from its own stock as not ours',
    needs: { what: 'orders filled by the platform', has: declares => Object.values(declares.orderStates).includes('foreign') },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2, { foreign: true })
      await stage.settle()
      expect((await orderOf(stage, sold.externalId)).effect).toBe('foreign')
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    },
  },
  {
    title: 'tells returned units of a shipped order',
    needs: { what: 'returns in the order', has: declares => declares.returns === 'order' && declares.acts.includes('ship') },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      const lines = sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: line.quantity }))
      await stage.settle()
      const tracking = { carrier: 'DHL', number: 'T1', shippedAt: stage.clock.now().toISOString() }
      const act = {
        key: 'ship-1',
        kind: 'ship',
        externalOrderId: sold.externalId,
        channelRef: mainChannel(stage).ref,
        lines,
        tracking,
      } as const
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      await stage.settle()
      stage.sandbox.refund(sold.externalId, [{ externalLineId: lines[0]?.externalLineId ?? '', quantity: 1 }])
      await stage.settle()
      const [line] = (await orderOf(stage, sold.externalId)).lines
      expect(line).toMatchObject({ ordered: 3, shipped: 3, cancelled: 0, returned: 1 })
    },
  },
  {
    title: 'tells units that were refunded before they left as not wanted any more, unless it was money alone',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      await stage.settle()
      stage.clock.advance(60_000)
      stage.sandbox.refund(sold.externalId, [{ externalLineId: sold.lines[0]?.externalLineId ?? '', quantity: 1 }])
      await stage.settle()
      const { effect, lines } = await orderOf(stage, sold.externalId)
      const withdrawn = stage.traits.refundsWithdraw === false ? 0 : 1
      expect([effect, lines.reduce((sum, line) => sum + line.ordered - line.cancelled - line.shipped, 0)]).toEqual([
        'reserve',
        3 - withdrawn,
      ])
      if (withdrawn > 0) expect(shownOf(stage, 'MUG').quantity).toBe(3)
    },
  },
  {
    title: 'sells never more than it shows, and a purchase asked for twice only once',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'RARE', 3)])
      const first = bought(stage, 'b1', 'RARE', 5)
      expect(first.lines.map(line => [line.quantity, line.wanted])).toEqual([[3, 5]])
      expect(bought(stage, 'b1', 'RARE', 5)).toEqual(first)
      expect(stage.sandbox.buy({ ref: 'b2', channelRef: mainChannel(stage).ref, lines: [{ sku: 'RARE', quantity: 1 }] })).toBeNull()
      await stage.settle()
      expect(shownOf(stage, 'RARE').quantity).toBe(0)
      expect((await ordersSince(stage.session, new Date(STARTED_AT.getTime() - 1000))).map(order => order.externalId)).toEqual([
        first.externalId,
      ])
    },
  },
  {
    title: 'takes off its own sales at once, so that an absolute push over an unseen order gives the unit back',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'RARE', 2)])
      const listing = await listingOf(stage, 'RARE')
      const sold = bought(stage, 'b1', 'RARE', 2)
      expect(shownOf(stage, 'RARE').quantity).toBe(0)
      expect((await stage.session.readListings([listing]))[0]?.quantity).toBe(0)
      await stage.session.push([{ listing, stock: { quantity: 2 } }])
      await stage.settle()
      expect(shownOf(stage, 'RARE').quantity).toBe(2)
      const journal = stage.sandbox.journal(0, 10_000)
      const orderAt = journal.findIndex(entry => entry.kind === 'order' && entry.ref === sold.externalId)
      const pushes = journal.map((entry, at) => (entry.kind === 'quantity' && entry.sku === 'RARE' && entry.data.value === 2 ? at : -1))
      expect(orderAt).toBeGreaterThanOrEqual(0)
      expect(Math.max(...pushes)).toBeGreaterThan(orderAt)
    },
  },
]
