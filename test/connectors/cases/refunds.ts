import { expect } from 'vitest'
import type { Act } from '../../../connectors/contract.ts'
import type { SandboxOrder } from '../../../connectors/sandbox.ts'
import type { Case } from '../conformance.ts'
import { goods, mainChannel, type Stage, shownOf } from '../stage.ts'
import { actOn, carriedOut, declared, effects, tried } from './acts.ts'
import { bought, orderOf } from './orders.ts'

/** So much of each line goes back, for so many of its units. */
function refundOf(stage: Stage, order: SandboxOrder, amount: string, quantity: number, key = 'refund-1'): Act {
  const amounts = Object.fromEntries(order.lines.map(line => [line.externalLineId, amount]))
  const { currency } = mainChannel(stage)
  const refund = { currency, amounts, shipping: null, decidedAt: stage.clock.now().toISOString() }
  return { ...actOn(stage, 'refund', order, quantity, key), cause: 'faulty', reason: 'one was broken', refund }
}

const operationOf = ({ traits: { operations } }: Stage): string => operations.refund ?? operations.ship

/** A paid order that was handed over. */
async function shipped(stage: Stage, quantity: number): Promise<SandboxOrder> {
  stage.sandbox.seed([goods(stage, 'MUG', 5)])
  const sold = bought(stage, 'b1', 'MUG', quantity)
  await stage.settle()
  expect(await stage.session.act(actOn(stage, 'ship', sold))).toEqual({ status: 'confirmed' })
  await stage.settle()
  return sold
}

export const refundCases: readonly Case[] = [
  {
    title: 'gives back part of what was paid, once for each decision, and no stock moves',
    needs: declared('refund'),
    run: async stage => {
      const sold = await shipped(stage, 2)
      const before = await orderOf(stage, sold.externalId)
      const first = refundOf(stage, sold, '2.50', 0)
      expect(await stage.session.actHappened(first)).toBe(false)
      expect(await carriedOut(stage, first)).toBe('confirmed')
      expect(await stage.session.actHappened(first)).toBe(true)
      if (stage.traits.refundsByKey !== false) expect([await carriedOut(stage, first), effects(stage, sold)]).toEqual(['confirmed', 2])
      // The same amount again is another decision.
      stage.clock.advance(60_000)
      const second = refundOf(stage, sold, '2.50', 0, 'refund-2')
      expect(await stage.session.actHappened(second)).toBe(false)
      expect([await carriedOut(stage, second), effects(stage, sold)]).toEqual(['confirmed', 3])
      const after = await orderOf(stage, sold.externalId)
      expect([after.effect, after.lines]).toEqual([before.effect, before.lines])
      expect(shownOf(stage, 'MUG').quantity).toBe(3)
    },
  },
  {
    title: 'gives back all that was paid for units that stay with the buyer, and they stay sold',
    needs: declared('refund'),
    run: async stage => {
      const sold = await shipped(stage, 2)
      const act = refundOf(stage, sold, '20.00', 2)
      expect(await carriedOut(stage, act)).toBe('confirmed')
      const after = await orderOf(stage, sold.externalId)
      expect([after.effect, after.lines[0]?.shipped, after.lines[0]?.returned]).toEqual(['settle', 2, 0])
      expect(shownOf(stage, 'MUG').quantity).toBe(3)
    },
  },
  {
    title: 'says why more than was paid cannot go back',
    needs: declared('refund'),
    run: async stage => {
      const sold = await shipped(stage, 2)
      expect(await stage.session.act(refundOf(stage, sold, '99.00', 0))).toMatchObject({
        status: 'refused',
        code: expect.stringMatching(/\w/),
        words: expect.stringMatching(/\w/),
      })
      expect(effects(stage, sold)).toBe(1)
    },
  },
  {
    title: 'leaves a refund unknown whose answer never came, and does not pay twice',
    needs: declared('refund'),
    run: async stage => {
      const sold = await shipped(stage, 2)
      stage.sandbox.misbehave({ kind: 'timeout-after', operation: operationOf(stage), times: 1 })
      const act = refundOf(stage, sold, '2.50', 0)
      expect(await tried(stage, act)).toBe('unknown')
      await stage.settle()
      expect([await stage.session.actHappened(act), effects(stage, sold)]).toEqual([true, 2])
    },
  },
  {
    title: 'leaves a refund unknown that never arrived, and pays it once',
    needs: declared('refund'),
    run: async stage => {
      const sold = await shipped(stage, 2)
      stage.sandbox.misbehave({ kind: 'timeout-before', operation: operationOf(stage), times: 1 })
      const act = refundOf(stage, sold, '2.50', 0)
      expect(await tried(stage, act)).toBe('unknown')
      expect([await stage.session.actHappened(act), effects(stage, sold)]).toEqual([false, 1])
      expect([await carriedOut(stage, act), effects(stage, sold)]).toEqual(['confirmed', 2])
    },
  },
  {
    title: 'gives back with a cancelled order what it declares, and no more afterwards',
    needs: { what: 'acts cancel and refund', has: ({ acts }) => acts.includes('cancel') && acts.includes('refund') },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      expect(await carriedOut(stage, actOn(stage, 'cancel', sold))).toBe('confirmed')
      const left = stage.connector.declares.cancelPaysBack?.whole === true ? 0 : 20
      const more = refundOf(stage, sold, (left + 0.01).toFixed(2), 0)
      expect((await stage.session.act(more)).status).toBe('refused')
      if (left > 0) expect(await carriedOut(stage, refundOf(stage, sold, '20.00', 0, 'refund-2'))).toBe('confirmed')
    },
  },
  {
    title: 'gives back with cancelled units what it declares: what the act says, or what was paid for them',
    needs: { what: 'cancelling parts, and refunds', has: ({ acts, cancelsParts }) => cancelsParts && acts.includes('refund') },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const pays = stage.connector.declares.cancelPaysBack?.parts === true
      for (const [ref, back] of [
        ['told', '7.50'],
        ['untold', null],
      ] as const) {
        const sold = bought(stage, ref, 'MUG', 3)
        await stage.settle()
        const cancel = actOn(stage, 'cancel', sold, 1, `cancel-${ref}`)
        const refund = refundOf(stage, sold, back ?? '', 1).refund
        expect(await carriedOut(stage, pays && back !== null ? { ...cancel, ...(refund ? { refund } : {}) } : cancel)).toBe('confirmed')
        const left = pays ? 30 - Number(back ?? 10) : 30
        const more = refundOf(stage, sold, (left + 0.01).toFixed(2), 0, `more-${ref}`)
        expect([ref, (await stage.session.act(more)).status]).toEqual([ref, 'refused'])
        stage.clock.advance(60_000)
        expect([ref, await carriedOut(stage, refundOf(stage, sold, left.toFixed(2), 0, `rest-${ref}`))]).toEqual([ref, 'confirmed'])
      }
    },
  },
]
