import { describe, expect, test } from 'vitest'
import { AccountTrouble, type Act, type ActOutcome, type Session } from '../../connectors/contract.ts'
import type { Sandbox, SandboxOrder } from '../../connectors/sandbox.ts'
import { bought, orderOf } from './cases/orders.ts'
import { BERLIN, LOCATIONS, MALMO, onMedusa } from './medusa-stage.ts'
import { goods, STARTED_AT, type Stage, shownOf } from './stage.ts'

function part(sold: SandboxOrder, quantity: number, more: Partial<Act> = {}): Act {
  return {
    ...{ key: `act-${quantity}`, kind: 'ship', externalOrderId: sold.externalId, channelRef: BERLIN.ref },
    lines: sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity })),
    tracking: { carrier: 'DHL', number: `T${quantity}`, shippedAt: STARTED_AT.toISOString() },
    ...more,
  }
}

/** What lies at the location and what is reserved there, by the platform's own words. */
function levelOf(stage: Stage, sku: string): { stocked: number; reserved: number } {
  const last = stage.sandbox
    .journal(0, 10_000)
    .filter(entry => entry.kind === 'quantity' && entry.sku === sku)
    .at(-1)
  return { stocked: Number(last?.data.stocked), reserved: Number(last?.data.reserved) }
}

const parcelsOf = (stage: Stage): number => stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'fulfilment').length

/** The hub shows what it has, as after each change. */
async function show(stage: Stage, quantity: number): Promise<void> {
  for await (const page of stage.session.listings())
    for (const listing of page.filter(one => one.channelRef === BERLIN.ref)) await stage.session.push([{ listing, stock: { quantity } }])
}

async function attempt(session: Session, act: Act): Promise<ActOutcome | null> {
  try {
    return await session.act(act)
  } catch (error) {
    if (error instanceof AccountTrouble) return null
    throw error
  }
}

describe('a part of a line whose last units are all promised', () => {
  test('is sent, the rest stays reserved for the buyer, and at no moment can anybody buy a unit', async () => {
    let offered = 0
    const before = ({ path }: { path: string }, sandbox: Sandbox): void => {
      if (!path.startsWith('/admin/reservations')) return
      offered += 1
      expect(sandbox.buy({ ref: `greedy-${offered}`, channelRef: BERLIN.ref, lines: [{ sku: 'MUG', quantity: 1 }] })).toBeNull()
      expect(sandbox.shown().find(one => one.sku === 'MUG')?.quantity).toBe(0)
    }
    await onMedusa({ before }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 5)
      expect(await stage.session.act(part(sold, 2))).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 3, reserved: 3 })
      expect((await orderOf(stage, sold.externalId)).lines[0]).toMatchObject({ ordered: 5, shipped: 2, cancelled: 0 })
      // Another part, then the rest, which needs no room any more.
      expect(await stage.session.act(part(sold, 1))).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 2, reserved: 2 })
      expect(await stage.session.act(part(sold, 2, { key: 'rest' }))).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 0, reserved: 0 })
      expect((await orderOf(stage, sold.externalId)).effect).toBe('settle')
      expect(offered).toBeGreaterThan(20)
    })
  })

  test('takes two calls where enough is for sale beside it', async () => {
    const calls: string[] = []
    await onMedusa({ before: ({ method, path }) => void calls.push(`${method} ${path.split('/')[2]}`) }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 7)])
      const sold = bought(stage, 'b1', 'MUG', 5)
      expect(await stage.session.act(part(sold, 2))).toEqual({ status: 'confirmed' })
      expect(calls.filter(call => call.startsWith('POST'))).toEqual(['POST orders', 'POST orders'])
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 5, reserved: 3 })
    })
  })

  test.each(['ship', 'ready'] as const)(
    'cut short at any call, with stock written in between, %s is completed and nothing is left over',
    async kind => {
      let cuts = 0
      for (let cut = 1; cut < 60; cut += kind === 'ship' ? 1 : 3) {
        let calls = 0
        const before = (_: unknown, sandbox: Sandbox): void => {
          calls += 1
          if (calls === cut)
            sandbox.misbehave({ kind: (cut + (kind === 'ship' ? 0 : 1)) % 2 === 0 ? 'timeout-after' : 'timeout-before', times: 1 })
        }
        calls = 1000
        const isDone = await new Promise<boolean>((resolve, reject) => {
          onMedusa({ before }, async stage => {
            stage.sandbox.seed([goods(stage, 'MUG', 2)])
            const sold = bought(stage, 'b1', 'MUG', 2)
            const act = part(sold, 1, { kind })
            calls = 0
            const first = await attempt(stage.session, act)
            const wasWhole = calls < cut
            calls = 1000
            stage.sandbox.behave()
            await show(stage, 0)
            const session = stage.reopen()
            if (first?.status !== 'confirmed' && !(first?.status === 'unknown' && (await session.actHappened(act))))
              expect([cut, await session.act(act)]).toEqual([cut, { status: 'confirmed' }])
            expect([cut, levelOf(stage, 'MUG'), parcelsOf(stage)]).toEqual([cut, { stocked: 1, reserved: 1 }, 1])
            await show(stage, 0)
            expect([cut, levelOf(stage, 'MUG')]).toEqual([cut, { stocked: 1, reserved: 1 }])
            expect([cut, await session.act(part(sold, 1, { kind, key: 'rest' }))]).toEqual([cut, { status: 'confirmed' }])
            expect([cut, levelOf(stage, 'MUG'), shownOf(stage, 'MUG').quantity]).toEqual([cut, { stocked: 0, reserved: 0 }, 0])
            resolve(wasWhole)
          }).catch(reject)
        })
        if (isDone) break
        cuts += 1
      }
      expect(cuts).toBeGreaterThan(kind === 'ship' ? 12 : 3)
      expect(cuts).toBeLessThan(20)
    },
  )

  test('two lines of one article in a parcel are both sent in part', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const lines = [
        { sku: 'MUG', quantity: 2 },
        { sku: 'MUG', quantity: 3 },
      ]
      const sold = stage.sandbox.buy({ ref: 'b1', channelRef: BERLIN.ref, lines })
      if (!sold) throw new Error('nothing was sold')
      expect(await stage.session.act(part(sold, 1))).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 3, reserved: 3 })
    })
  })

  test('where more is promised than lies there it waits, says what to do, and is sent once the stock is right', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 2)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      stage.sandbox.edit({ ...goods(stage, 'MUG', 1) })
      const act = part(sold, 1)
      expect(await stage.session.act(act)).toMatchObject({
        status: 'retry',
        words: expect.stringContaining('put its stock right'),
      })
      expect(parcelsOf(stage)).toBe(0)
      await show(stage, 0)
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 1, reserved: 1 })
    })
  })

  test('an order stays in its place while its rest is put aside', async () => {
    const both = { locations: LOCATIONS, channels: [BERLIN, MALMO] }
    const cut = { at: '' }
    const before = ({ method, path }: { method: string; path: string }, sandbox: Sandbox): void => {
      if (cut.at === 'packed' && method === 'GET' && path === '/admin/reservations') {
        cut.at = ''
        sandbox.misbehave({ kind: 'timeout-before', times: 1 })
      }
      if (cut.at === 'packing' && path.endsWith('/fulfillments')) cut.at = 'packed'
    }
    await onMedusa({ ...both, before }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 0)])
      for await (const page of stage.session.listings())
        for (const listing of page.filter(one => one.channelRef === MALMO.ref))
          await stage.session.push([{ listing, stock: { quantity: 2 } }])
      const sold = stage.sandbox.buy({ ref: 'm1', channelRef: MALMO.ref, lines: [{ sku: 'MUG', quantity: 2 }] })
      if (!sold) throw new Error('nothing was sold')
      const id = `${sold.externalId}@${MALMO.ref}`
      const act = part(sold, 1, { externalOrderId: id, channelRef: MALMO.ref })
      cut.at = 'packing'
      expect(await attempt(stage.session, act)).toBeNull()
      expect((await orderOf(stage, id)).lines[0]).toMatchObject({ ordered: 2, shipped: 0, cancelled: 0 })
      expect((await orderOf(stage, sold.externalId)).effect).toBe('foreign')
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect((await orderOf(stage, id)).lines[0]).toMatchObject({ ordered: 2, shipped: 1, cancelled: 0 })
    })
  })

  test('what an act that was given up has put aside is given back before the whole line is sent', async () => {
    let steps = 0
    const before = ({ method, path }: { method: string; path: string }, sandbox: Sandbox): void => {
      if (method === 'GET' || !path.startsWith('/admin/reservations')) return
      steps += 1
      if (steps === 3) sandbox.misbehave({ kind: 'timeout-after', times: 1 })
    }
    await onMedusa({ before }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 2)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      expect(await stage.session.act(part(sold, 1))).toMatchObject({ status: 'unknown' })
      const whole = part(sold, 2)
      expect(await stage.session.act(whole)).toMatchObject({ status: 'retry' })
      expect(await stage.session.act(whole)).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 0, reserved: 0 })
    })
  })
})
