import { expect } from 'vitest'
import type { Case } from '../conformance.ts'
import { goods, mainChannel } from '../stage.ts'
import { orderOf } from './orders.ts'

/** What an order tells besides its units and its money. */
export const toldCases: readonly Case[] = [
  {
    title: 'tells by when an order is to be shipped where the platform says so, and that it says nothing elsewhere',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const placedAt = new Date(stage.clock.now().getTime() - 60_000)
      const buy = (ref: string, terms: object) =>
        stage.sandbox.buy({ ref, channelRef: mainChannel(stage).ref, lines: [{ sku: 'MUG', quantity: 1 }], placedAt, terms })
      const sold = buy('soon', { shipWithinHours: 6 })
      await stage.settle()
      const { shipBy } = await orderOf(stage, sold?.externalId ?? '')
      if (!stage.connector.declares.statesShipBy) return expect(shipBy ?? null).toBeNull()
      expect(Math.abs(Date.parse(shipBy ?? '') - placedAt.getTime() - 6 * 3_600_000)).toBeLessThan(1000)
    },
  },
  {
    title: 'flags an order that is not to be filled before it is paid, until it is',
    needs: { what: 'flags of payment', has: ({ flags }) => flags?.includes('payment') === true },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const lines = [{ sku: 'MUG', quantity: 1 }]
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines, terms: { awaitsPayment: true } })
      await stage.settle()
      const waits = await orderOf(stage, sold?.externalId ?? '')
      expect([waits.effect, waits.flags]).toEqual(['reserve', [{ kind: 'payment', reason: expect.stringMatching(/\w/) }]])
      stage.clock.advance(60_000)
      stage.sandbox.pay(sold?.externalId ?? '')
      await stage.settle()
      const paid = await orderOf(stage, sold?.externalId ?? '')
      expect([paid.effect, paid.flags]).toEqual(['reserve', []])
    },
  },
  {
    title: 'flags an order whose buyer the platform warns of, and no other',
    needs: { what: 'flags of fraud', has: ({ flags }) => flags?.includes('fraud') === true },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      for (const [risk, flags] of [
        ['high', [{ kind: 'fraud', reason: expect.stringMatching(/\w/) }]],
        ['low', []],
        [undefined, []],
      ] as const) {
        const lines = [{ sku: 'MUG', quantity: 1 }]
        const sold = stage.sandbox.buy({ ref: `b-${risk}`, channelRef: mainChannel(stage).ref, lines, terms: { risk } })
        await stage.settle()
        expect((await orderOf(stage, sold?.externalId ?? '')).flags).toEqual(flags)
      }
    },
  },
  {
    title: 'tells the language of the buyer where the platform does, and whether there is an address to send to',
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const person = { name: 'Ada Lovelace', email: 'ada@example.com', city: 'Bremen', country: 'DE' }
      const lines = [{ sku: 'MUG', quantity: 1 }]
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines, person, terms: { language: 'de-DE' } })
      await stage.settle()
      const order = await orderOf(stage, sold?.externalId ?? '')
      expect(order.person?.language ?? null).toBe(stage.connector.declares.tellsLanguage ? 'de-DE' : null)
      expect([false, undefined]).toContain(order.noAddress)
    },
  },
]
