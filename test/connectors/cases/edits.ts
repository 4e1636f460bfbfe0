import { expect } from 'vitest'
import type { SandboxAmendment, SandboxOrder } from '../../../connectors/sandbox.ts'
import type { ChannelOrder } from '../../../src/values/channel-order.ts'
import type { Case } from '../conformance.ts'
import { goods, mainChannel, type Stage, shownOf } from '../stage.ts'
import { actOn } from './acts.ts'
import { listening, told } from './messages.ts'
import { orderOf, ordersSince } from './orders.ts'

const edits: NonNullable<Case['needs']> = { what: 'edits of orders', has: (_declares, traits) => traits.editsOrders !== false }

/** Units of each SKU that are still wanted and have not left. */
function open(order: ChannelOrder): Record<string, number> {
  const units: Record<string, number> = {}
  for (const line of order.lines) units[line.sku] = (units[line.sku] ?? 0) + line.ordered - line.cancelled - line.shipped
  return Object.fromEntries(Object.entries(units).filter(([, count]) => count !== 0))
}

/** Staff at the platform edit the order. */
export function amend(stage: Pick<Stage, 'sandbox'>, order: SandboxOrder, amendment: SandboxAmendment): void {
  if (!stage.sandbox.amend) throw new Error(`the sandbox of ${stage.sandbox.platform} edits no orders`)
  stage.sandbox.amend(order.externalId, amendment)
}

/** The line of a SKU, by the platform's id. */
export function lineOf(order: SandboxOrder, sku: string): string {
  const line = order.lines.find(one => one.sku === sku)
  if (!line) throw new Error(`${sku} is not in order ${order.number}`)
  return line.externalLineId
}

/** An order of two mugs, two shirts and a cap, of which ten each were there, and ten hats. */
async function placed(stage: Stage): Promise<SandboxOrder> {
  stage.sandbox.seed(['MUG', 'TEE', 'CAP', 'HAT'].map(sku => goods(stage, sku, 10)))
  const lines = [
    { sku: 'MUG', quantity: 2, unitPrice: '10.00' },
    { sku: 'TEE', quantity: 2, unitPrice: '10.00' },
    { sku: 'CAP', quantity: 1, unitPrice: '10.00' },
  ]
  const order = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines })
  if (!order) throw new Error('nothing was sold')
  await stage.settle()
  stage.clock.advance(60_000)
  return order
}

/** More mugs, fewer shirts, no cap, and a hat. */
const amendmentOf = (order: SandboxOrder): SandboxAmendment => ({
  quantities: { [lineOf(order, 'MUG')]: 5, [lineOf(order, 'TEE')]: 1, [lineOf(order, 'CAP')]: 0 },
  added: [{ sku: 'HAT', quantity: 3, unitPrice: '10.00' }],
})
const AMENDED = { MUG: 5, TEE: 1, HAT: 3 }

export const editCases: readonly Case[] = [
  {
    title: 'tells an order that was edited at the platform: units added and taken off, a line gone, and a new one',
    needs: edits,
    run: async stage => {
      const sold = await placed(stage)
      const before = await orderOf(stage, sold.externalId)
      expect(open(before)).toEqual({ MUG: 2, TEE: 2, CAP: 1 })
      const since = new Date(stage.clock.now().getTime() - 1000)
      amend(stage, sold, amendmentOf(sold))
      await stage.settle()
      const after = await orderOf(stage, sold.externalId)
      expect([after.effect, open(after)]).toEqual(['reserve', AMENDED])
      expect(after.stamp > before.stamp).toBe(true)
      expect(after.lines.find(line => line.sku === 'HAT')).toMatchObject({ ordered: 3, cancelled: 0, shipped: 0, returned: 0 })
      // A line is known again by its id.
      expect(after.lines.find(line => line.sku === 'MUG')?.externalLineId).toBe(lineOf(sold, 'MUG'))
      expect(['MUG', 'TEE', 'CAP', 'HAT'].map(sku => shownOf(stage, sku).quantity)).toEqual([5, 9, 10, 7])
      expect((await ordersSince(stage.session, since)).map(order => [order.externalId, open(order)])).toEqual([[sold.externalId, AMENDED]])
    },
  },
  {
    title: 'sends a message of an order that was edited at the platform',
    needs: { what: 'webhooks of edits', has: (declares, traits) => declares.arrival === 'webhook' && traits.editsOrders !== false },
    run: async stage => {
      await listening(stage)
      const sold = await placed(stage)
      stage.hub.received.length = 0
      amend(stage, sold, amendmentOf(sold))
      await stage.settle()
      const orders = await told(stage)
      expect(orders.at(-1)?.externalId).toBe(sold.externalId)
      expect(orders.at(-1) && open(orders.at(-1) as ChannelOrder)).toEqual(AMENDED)
    },
  },
  {
    title: 'tells an order of which a part was sent before the rest was edited',
    needs: {
      what: 'edits of orders that were sent in part',
      has: (declares, traits) => declares.acts.includes('ship') && traits.editsOrders !== false,
    },
    run: async stage => {
      const sold = await placed(stage)
      const ship = actOn(stage, 'ship', sold)
      const lines = [{ externalLineId: lineOf(sold, 'MUG'), quantity: 1 }]
      expect(await stage.session.act({ ...ship, lines })).toEqual({ status: 'confirmed' })
      await stage.settle()
      stage.clock.advance(60_000)
      amend(stage, sold, amendmentOf(sold))
      await stage.settle()
      const after = await orderOf(stage, sold.externalId)
      expect([after.effect, open(after)]).toEqual(['reserve', { ...AMENDED, MUG: 4 }])
      expect(after.lines.reduce((sum, line) => sum + line.shipped, 0)).toBe(1)
      // Taken off as a whole but for what has left.
      stage.clock.advance(60_000)
      const hat = after.lines.find(line => line.sku === 'HAT')?.externalLineId ?? ''
      amend(stage, sold, { quantities: { [lineOf(sold, 'MUG')]: 1, [lineOf(sold, 'TEE')]: 0, [hat]: 0 } })
      await stage.settle()
      const last = await orderOf(stage, sold.externalId)
      expect(open(last)).toEqual({})
      expect(last.effect).not.toBe('cancel')
      expect(last.lines.reduce((sum, line) => sum + line.shipped, 0)).toBe(1)
      expect(['MUG', 'TEE', 'CAP', 'HAT'].map(sku => shownOf(stage, sku).quantity)).toEqual([9, 10, 10, 10])
    },
  },
]
