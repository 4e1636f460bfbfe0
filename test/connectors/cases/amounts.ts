import { expect } from 'vitest'
import type { SandboxTerms } from '../../../connectors/sandbox-bill.ts'
import { misfit } from '../../../src/domain/orders/amounts.ts'
import type { ChannelOrder } from '../../../src/values/channel-order.ts'
import type { OrderAmounts } from '../../../src/values/order-amounts.ts'
import type { Case } from '../conformance.ts'
import { goods, mainChannel, type Stage } from '../stage.ts'
import { orderOf } from './orders.ts'

const TERMS = { discount: '3.33', shipping: { price: '4.99', discount: '1.00' } } as const

/** Three cups and a shirt: 33.75 before the discount. */
async function bill(stage: Stage, terms: SandboxTerms): Promise<{ order: ChannelOrder; amounts: OrderAmounts }> {
  stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'TEE', 5)])
  const lines = [
    { sku: 'MUG', quantity: 3, unitPrice: '7.25' },
    { sku: 'TEE', quantity: 1, unitPrice: '12.00' },
  ]
  const sold = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines, terms })
  await stage.settle()
  const order = await orderOf(stage, sold?.externalId ?? '')
  if (order.amounts === undefined) throw new Error('the order does not tell what it costs')
  return { order, amounts: order.amounts }
}

const charges = ({ lines }: ChannelOrder, amounts: OrderAmounts): unknown => lines.map(line => amounts.lines[line.externalLineId])

export const amountCases: readonly Case[] = [
  {
    title: 'tells what an order costs where tax comes on top, with discounts and shipping: it adds up to the minor unit',
    needs: { what: 'taxes on top of prices', has: (_, traits) => traits.pricesHoldTax !== true },
    run: async stage => {
      const { order, amounts } = await bill(stage, { ...TERMS, tax: { percent: 19, included: false } })
      expect(misfit(amounts)).toBeNull()
      expect(charges(order, amounts)).toEqual([
        { price: 2175, discount: 215, tax: 372, total: 2332 },
        { price: 1200, discount: 118, tax: 206, total: 1288 },
      ])
      expect(amounts).toMatchObject({ taxIncluded: false, shipping: { tax: 76, total: 475 }, discount: 0, total: 4095 })
      expect(amounts.shipping.price - amounts.shipping.discount).toBe(399)
      expect(Number(order.total)).toBe(40.95)
    },
  },
  {
    title: 'tells what an order costs where prices hold the tax: it adds up to the minor unit',
    needs: { what: 'taxes that are in the prices', has: (_, traits) => traits.tellsIncludedTax !== false },
    run: async stage => {
      const { order, amounts } = await bill(stage, { ...TERMS, tax: { percent: 19, included: true } })
      expect(misfit(amounts)).toBeNull()
      expect(charges(order, amounts)).toEqual([
        { price: 2175, discount: 215, tax: 313, total: 1960 },
        { price: 1200, discount: 118, tax: 173, total: 1082 },
      ])
      expect(amounts).toMatchObject({ taxIncluded: true, shipping: { tax: 64, total: 399 }, discount: 0, total: 3441 })
      expect(Number(order.total)).toBe(34.41)
    },
  },
  {
    title: 'tells no less of what an order cost once it is cancelled, or nothing anew',
    run: async stage => {
      const included = stage.traits.pricesHoldTax === true
      const { order, amounts } = await bill(stage, { ...TERMS, tax: { percent: 19, included } })
      stage.sandbox.cancel(order.externalId)
      await stage.settle()
      const after = await orderOf(stage, order.externalId)
      expect(after.effect).toBe('cancel')
      if (after.amounts === undefined) return
      expect(misfit(after.amounts)).toBeNull()
      expect(after.amounts.lines).toEqual(amounts.lines)
    },
  },
]
