import { expect } from 'vitest'
import { AccountTrouble, type Act, type ActKind, type ActOutcome } from '../../../connectors/contract.ts'
import type { SandboxOrder } from '../../../connectors/sandbox.ts'
import { CANCEL_CAUSES } from '../../../src/values/act-cause.ts'
import type { Case } from '../conformance.ts'
import { goods, mainChannel, type Stage, shownOf } from '../stage.ts'
import { bought, orderOf } from './orders.ts'

export const declared = (kind: ActKind): NonNullable<Case['needs']> => ({
  what: `act ${kind}`,
  has: declares => declares.acts.includes(kind),
})

export function actOn(stage: Stage, kind: ActKind, order: SandboxOrder, quantity?: number, key = `${kind}-1`): Act {
  const lines = order.lines.map(line => ({ externalLineId: line.externalLineId, quantity: quantity ?? line.quantity }))
  const base = { key, kind, externalOrderId: order.externalId, channelRef: mainChannel(stage).ref, lines }
  // Letters and digits alone: some platforms take nothing else.
  const number = `TRACK${key.replaceAll('-', '')}`
  if (kind === 'ship') return { ...base, tracking: { carrier: 'DHL', number, shippedAt: stage.clock.now().toISOString() } }
  return kind === 'cancel' ? { ...base, cause: 'stock', reason: 'out of stock' } : base
}

/** The outcome as a lane sees it: trouble that may have taken effect leaves an act as unknown as the word itself. */
export async function tried(stage: Stage, act: Act): Promise<ActOutcome['status'] | 'trouble'> {
  try {
    return (await stage.session.act(act)).status
  } catch (error) {
    if (!(error instanceof AccountTrouble)) throw error
    return error.maybeTookEffect ? 'unknown' : 'trouble'
  }
}

/** Asks for an act until it has ended, as a lane does: some platforms take a while, and tell by reading. */
export async function carriedOut(stage: Stage, act: Act): Promise<ActOutcome['status'] | 'trouble'> {
  for (let round = 1; ; round += 1) {
    const status = await tried(stage, act)
    await stage.settle()
    if (status === 'unknown' && (await stage.session.actHappened(act))) return 'confirmed'
    if ((status !== 'unknown' && status !== 'retry') || round === 5) return status
    stage.clock.advance(120_000)
  }
}

/** How often the act took effect at the platform. */
export const effects = (stage: Stage, order: SandboxOrder): number =>
  stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'act' && entry.ref === order.externalId).length

export const actCases: readonly Case[] = [
  {
    title: 'ships a whole order with its tracking number',
    needs: declared('ship'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5), goods(stage, 'CAP', 5)])
      const lines = ['MUG', 'CAP'].map(sku => ({ sku, quantity: 2 }))
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines })
      if (!sold) throw new Error('nothing was sold')
      await stage.settle()
      const act = actOn(stage, 'ship', sold)
      expect(await stage.session.actHappened(act)).toBe(false)
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      await stage.settle()
      expect(await stage.session.actHappened(act)).toBe(true)
      const order = await orderOf(stage, sold.externalId)
      expect([order.effect, ...order.lines.map(line => line.shipped)]).toEqual(['settle', 2, 2])
      expect(JSON.stringify(stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'act'))).toContain('TRACKship1')
      expect(shownOf(stage, 'MUG').quantity).toBe(3)
    },
  },
  {
    title: 'ships part of a line, and the rest with the next parcel',
    needs: declared('ship'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      await stage.settle()
      expect(await stage.session.act(actOn(stage, 'ship', sold, 1, 'parcel-1'))).toEqual({ status: 'confirmed' })
      await stage.settle()
      const part = await orderOf(stage, sold.externalId)
      expect([part.effect, part.lines[0]?.shipped]).toEqual(['reserve', 1])
      const rest = actOn(stage, 'ship', sold, 2, 'parcel-2')
      expect(await stage.session.actHappened(rest)).toBe(false)
      expect(await stage.session.act(rest)).toEqual({ status: 'confirmed' })
      await stage.settle()
      const whole = await orderOf(stage, sold.externalId)
      expect([whole.effect, whole.lines[0]?.shipped]).toEqual(['settle', 3])
    },
  },
  {
    title: 'cancels an order, whose units the platform sells again',
    needs: declared('cancel'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      const act = actOn(stage, 'cancel', sold)
      expect(await stage.session.actHappened(act)).toBe(false)
      expect(await carriedOut(stage, act)).toBe('confirmed')
      expect(await stage.session.actHappened(act)).toBe(true)
      expect((await orderOf(stage, sold.externalId)).effect).toBe('cancel')
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    },
  },
  {
    title: 'acknowledges an order',
    needs: declared('acknowledge'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const act = actOn(stage, 'acknowledge', bought(stage, 'b1', 'MUG', 2))
      await stage.settle()
      expect(await carriedOut(stage, act)).toBe('confirmed')
      expect(await stage.session.actHappened(act)).toBe(true)
    },
  },
  {
    title: 'says why an order that was cancelled cannot be shipped, nor one that does not exist',
    needs: declared('ship'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      stage.sandbox.cancel(sold.externalId)
      await stage.settle()
      const act = actOn(stage, 'ship', sold)
      for (const refused of [act, { ...act, externalOrderId: '99999999' }])
        expect(await stage.session.act(refused)).toMatchObject({
          status: 'refused',
          code: expect.stringMatching(/\w/),
          words: expect.stringMatching(/\w/),
        })
      expect(effects(stage, sold)).toBe(0)
      expect(await stage.session.actHappened(act)).toBe(false)
    },
  },
  {
    title: 'leaves a shipment unknown whose answer never came, and finds by reading that it happened',
    needs: declared('ship'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      stage.sandbox.misbehave({ kind: 'timeout-after', operation: stage.traits.operations.ship, times: 1 })
      const act = actOn(stage, 'ship', sold)
      expect(await tried(stage, act)).toBe('unknown')
      await stage.settle()
      expect(await stage.session.actHappened(act)).toBe(true)
      expect(effects(stage, sold)).toBe(1)
    },
  },
  {
    title: 'leaves a shipment unknown that never arrived, finds that it did not happen, and ships it once',
    needs: declared('ship'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      stage.sandbox.misbehave({ kind: 'timeout-before', operation: stage.traits.operations.ship, times: 1 })
      const act = actOn(stage, 'ship', sold)
      expect(await tried(stage, act)).toBe('unknown')
      expect([await stage.session.actHappened(act), effects(stage, sold)]).toEqual([false, 0])
      expect(await tried(stage, act)).toBe('confirmed')
      await stage.settle()
      expect([await stage.session.actHappened(act), effects(stage, sold)]).toEqual([true, 1])
    },
  },
  {
    title: 'does not ship while it is told to wait',
    needs: declared('ship'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.settle()
      stage.sandbox.misbehave({ kind: 'throttle', operation: stage.traits.operations.ship, times: 1 })
      expect(['retry', 'trouble']).toContain(await tried(stage, actOn(stage, 'ship', sold)))
      expect(effects(stage, sold)).toBe(0)
    },
  },
  {
    title: 'cancels an order for each reason of the field',
    needs: declared('cancel'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      for (const cause of CANCEL_CAUSES) {
        const sold = bought(stage, cause, 'MUG', 1)
        await stage.settle()
        const act: Act = { ...actOn(stage, 'cancel', sold, 1, `cancel-${cause}`), cause }
        expect([cause, await carriedOut(stage, act)]).toEqual([cause, 'confirmed'])
        expect((await orderOf(stage, sold.externalId)).effect).toBe('cancel')
      }
    },
  },
  {
    title: 'cancels some units of an order and ships the others',
    needs: { what: 'cancelling parts', has: declares => declares.acts.includes('cancel') && declares.cancelsParts },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      await stage.settle()
      const part = actOn(stage, 'cancel', sold, 1)
      expect(await stage.session.actHappened(part)).toBe(false)
      expect(await carriedOut(stage, part)).toBe('confirmed')
      expect(await stage.session.actHappened(part)).toBe(true)
      const left = await orderOf(stage, sold.externalId)
      expect([left.effect, left.lines[0]?.cancelled, left.lines[0]?.shipped]).toEqual(['reserve', 1, 0])
      expect(await stage.session.act(actOn(stage, 'ship', sold, 2))).toEqual({ status: 'confirmed' })
      await stage.settle()
      const sent = await orderOf(stage, sold.externalId)
      expect([sent.effect, sent.lines[0]?.cancelled, sent.lines[0]?.shipped]).toEqual(['settle', 1, 2])
    },
  },
  {
    title: 'says that some units alone cannot be cancelled, and leaves them as they are',
    needs: { what: 'cancelling as a whole only', has: declares => declares.acts.includes('cancel') && !declares.cancelsParts },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      await stage.settle()
      expect(await stage.session.act(actOn(stage, 'cancel', sold, 1))).toMatchObject({ status: 'refused', code: 'partial_cancel' })
      await stage.settle()
      expect([(await orderOf(stage, sold.externalId)).effect, effects(stage, sold)]).toEqual(['reserve', 0])
    },
  },
  {
    title: 'tells that an order is ready to be picked up, once, and hands it over afterwards',
    needs: declared('ready'),
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const lines = [{ sku: 'MUG', quantity: 2 }]
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines, pickUp: true })
      if (!sold) throw new Error('nothing was sold')
      await stage.settle()
      const act = actOn(stage, 'ready', sold)
      if (stage.traits.showsReady !== false) expect(await stage.session.actHappened(act)).toBe(false)
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      await stage.settle()
      if (stage.traits.showsReady !== false) expect(await stage.session.actHappened(act)).toBe(true)
      expect(effects(stage, sold)).toBe(1)
      expect((await orderOf(stage, sold.externalId)).effect).toBe('reserve')
      expect(await stage.session.act(actOn(stage, 'ship', sold))).toEqual({ status: 'confirmed' })
      await stage.settle()
      expect((await orderOf(stage, sold.externalId)).effect).toBe('settle')
    },
  },
  {
    title: 'cancels what was told to be ready and nobody picked up, whose units the platform sells again',
    needs: { what: 'acts ready and cancel', has: ({ acts }) => acts.includes('ready') && acts.includes('cancel') },
    run: async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const lines = [{ sku: 'MUG', quantity: 2 }]
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: mainChannel(stage).ref, lines, pickUp: true })
      if (!sold) throw new Error('nothing was sold')
      await stage.settle()
      expect(await carriedOut(stage, actOn(stage, 'ready', sold))).toBe('confirmed')
      const act = actOn(stage, 'cancel', sold)
      expect(await carriedOut(stage, act)).toBe('confirmed')
      expect(await stage.session.actHappened(act)).toBe(true)
      expect((await orderOf(stage, sold.externalId)).effect).toBe('cancel')
      expect(shownOf(stage, 'MUG').quantity).toBe(5)
    },
  },
]
