import { describe, expect, test } from 'vitest'
import { AccountTrouble, type Act, type ActOutcome } from '../../connectors/contract.ts'
import type { Sandbox, SandboxOrder } from '../../connectors/sandbox.ts'
import { bought, orderOf } from './cases/orders.ts'
import { BERLIN, medusaKeys, onMedusa } from './medusa-stage.ts'
import { goods, type Stage, shownOf } from './stage.ts'

// Medusa cancels no order of which something is packed: what the hub packed to be picked up is unpacked first.

function actOn(kind: 'ready' | 'cancel', sold: SandboxOrder, quantity?: number): Act {
  const lines = sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: quantity ?? line.quantity }))
  return { key: `${kind}-${quantity ?? 'all'}`, kind, externalOrderId: sold.externalId, channelRef: BERLIN.ref, lines, cause: 'customer' }
}

function levelOf(stage: Stage, sku: string): { stocked: number; reserved: number } {
  const seen = stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === 'quantity' && entry.sku === sku)
  const { stocked, reserved } = seen.at(-1)?.data ?? {}
  return { stocked: Number(stocked), reserved: Number(reserved) }
}

const count = (stage: Stage, kind: string): number => stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === kind).length

const asked = (stage: Stage, path: string, body: object = {}): Promise<Response> =>
  Promise.resolve(
    stage.sandbox.fetch(
      new Request(`http://medusa${path}`, {
        ...{ method: 'POST', body: JSON.stringify(body) },
        headers: { 'content-type': 'application/json', authorization: `Basic ${medusaKeys.apiKey}` },
      }),
    ),
  )

async function packedBy(stage: Stage, sold: SandboxOrder): Promise<string> {
  const items = sold.lines.map(line => ({ id: line.externalLineId, quantity: 1 }))
  const answer = await asked(stage, `/admin/orders/${sold.externalId}/fulfillments`, { items, location_id: BERLIN.ref })
  const { order } = (await answer.json()) as { order: { fulfillments: { id: string }[] } }
  return order.fulfillments[0]?.id ?? ''
}

describe('what waits to be picked up', () => {
  test('is unpacked and cancelled, and all of it is for sale again', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      expect(await stage.session.act(actOn('ready', sold))).toEqual({ status: 'confirmed' })
      expect(levelOf(stage, 'MUG')).toEqual({ stocked: 2, reserved: 0 })
      expect(await stage.session.act(actOn('cancel', sold))).toEqual({ status: 'confirmed' })
      expect([levelOf(stage, 'MUG'), shownOf(stage, 'MUG').quantity]).toEqual([{ stocked: 5, reserved: 0 }, 5])
      expect(await stage.session.act(actOn('cancel', sold))).toEqual({ status: 'confirmed' })
      expect(count(stage, 'unpacked')).toBe(1)
    })
  })

  test('in parts, of a line whose last units are promised: nothing stays aside', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 3)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      expect(await stage.session.act(actOn('ready', sold, 1))).toEqual({ status: 'confirmed' })
      expect(await stage.session.act(actOn('ready', sold, 2))).toEqual({ status: 'confirmed' })
      expect(await stage.session.act(actOn('cancel', sold))).toEqual({ status: 'confirmed' })
      expect([levelOf(stage, 'MUG'), count(stage, 'unpacked')]).toEqual([{ stocked: 3, reserved: 0 }, 2])
    })
  })

  test('cut short at any call, the cancellation is completed, and the units come back once', async () => {
    let cuts = 0
    for (let cut = 1; cut < 30; cut += 1) {
      let calls = 1000
      let isWhole = false
      const before = (_: unknown, sandbox: Sandbox): void => {
        calls += 1
        if (calls === cut) sandbox.misbehave({ kind: cut % 2 === 0 ? 'timeout-after' : 'timeout-before', times: 1 })
      }
      await onMedusa({ before }, async stage => {
        stage.sandbox.seed([goods(stage, 'MUG', 3)])
        const sold = bought(stage, 'b1', 'MUG', 3)
        for (const units of [1, 2]) await stage.session.act(actOn('ready', sold, units))
        const act = actOn('cancel', sold)
        calls = 0
        const first = await stage.session.act(act).catch((error: unknown): ActOutcome | null => {
          if (error instanceof AccountTrouble) return null
          throw error
        })
        isWhole = calls < cut
        calls = 1000
        stage.sandbox.behave()
        const session = stage.reopen()
        if (first?.status !== 'confirmed' && !(await session.actHappened(act)))
          expect([cut, await session.act(act)]).toEqual([cut, { status: 'confirmed' }])
        expect([cut, levelOf(stage, 'MUG'), count(stage, 'unpacked')]).toEqual([cut, { stocked: 3, reserved: 0 }, 2])
        expect((await orderOf(stage, sold.externalId)).effect).toBe('cancel')
      })
      if (isWhole) break
      cuts += 1
    }
    expect(cuts).toBeGreaterThan(3)
    expect(cuts).toBeLessThan(12)
  })

  test('stays as it is where only a part is to be cancelled, or somebody at Medusa has packed of it', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 9)])
      const ready = bought(stage, 'b1', 'MUG', 3)
      await stage.session.act(actOn('ready', ready, 1))
      expect(await stage.session.act(actOn('cancel', ready, 2))).toMatchObject({
        ...{
          status: 'refused',
          code: 'partial_cancel',
          words: expect.stringContaining('lower them there (Edit order), once the payment is captured'),
        },
      })
      await packedBy(stage, ready)
      expect(await stage.session.act(actOn('cancel', ready))).toMatchObject({ status: 'refused', code: 'order_packed' })
      expect([count(stage, 'unpacked'), (await orderOf(stage, ready.externalId)).effect]).toEqual([0, 'reserve'])
    })
  })
})

test('the sandbox refuses as Medusa does: what is packed is not cancelled, what has left is not unpacked, nothing is unpacked twice', async () => {
  await onMedusa({}, async stage => {
    stage.sandbox.seed([goods(stage, 'MUG', 9)])
    const words = async (path: string): Promise<unknown> => {
      const answer = await asked(stage, path)
      return [answer.status, ((await answer.json()) as { message?: string }).message]
    }
    const sold = bought(stage, 'b1', 'MUG', 2)
    const parcel = await packedBy(stage, sold)
    const path = `/admin/orders/${sold.externalId}`
    expect(await words(`${path}/cancel`)).toEqual([400, 'All fulfillments must be canceled before canceling an order'])
    expect(await words(`${path}/fulfillments/${parcel}/cancel`)).toEqual([200, undefined])
    expect(await words(`${path}/fulfillments/${parcel}/cancel`)).toEqual([400, 'The fulfillment is already canceled'])
    const other = bought(stage, 'b2', 'MUG', 1)
    const sent = await packedBy(stage, other)
    await asked(stage, `/admin/orders/${other.externalId}/fulfillments/${sent}/shipments`, { items: [] })
    expect(await words(`/admin/orders/${other.externalId}/fulfillments/${sent}/cancel`)).toEqual([
      400,
      'The fulfillment has already been shipped. Shipped fulfillments cannot be canceled',
    ])
  })
})
