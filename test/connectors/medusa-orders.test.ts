import { describe, expect, test } from 'vitest'
import { AccountTrouble, type Act } from '../../connectors/contract.ts'
import type { SandboxOrder } from '../../connectors/sandbox.ts'
import { bought, orderOf, ordersSince } from './cases/orders.ts'
import { BERLIN, LOCATIONS, MALMO, onMedusa, withMedusa } from './medusa-stage.ts'
import { goods, STARTED_AT, type Stage, shownOf } from './stage.ts'

const since = new Date(STARTED_AT.getTime() - 1000)
const both = { locations: LOCATIONS, channels: [BERLIN, MALMO] }

function shipment(sold: SandboxOrder, more: Partial<Act> = {}): Act {
  return {
    ...{ key: 'ship-1', kind: 'ship', externalOrderId: sold.externalId, channelRef: BERLIN.ref },
    lines: sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: line.quantity })),
    tracking: { carrier: 'DHL', number: 'T1', shippedAt: STARTED_AT.toISOString() },
    ...more,
  }
}

const noted = (stage: Stage, kind: string) => stage.sandbox.journal(0, 10_000).filter(entry => entry.kind === kind)

describe('an order and its places', () => {
  test('an order belongs to the channel of the location where it is reserved, with an id of its own', async () => {
    await onMedusa(both, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const listing = (await stage.session.readListings([]))[0]
      expect(listing).toBeUndefined()
      const malmo = { listing: await listingAt(stage, MALMO.ref), stock: { quantity: 4 } }
      await stage.session.push([malmo])
      const sold = stage.sandbox.buy({ ref: 'm1', channelRef: MALMO.ref, lines: [{ sku: 'MUG', quantity: 3 }] })
      const orders = await ordersSince(stage.session, since)
      expect(orders.map(order => [order.externalId, order.effect, order.lines.map(line => line.ordered)])).toEqual([
        [sold?.externalId, 'foreign', []],
        [`${sold?.externalId}@${MALMO.ref}`, 'reserve', [3]],
      ])
      expect(orders[1]).toMatchObject({ currency: 'SEK', channelRef: MALMO.ref, platformState: 'not_fulfilled' })
      const act = shipment(sold ?? bought(stage, 'x', 'MUG', 1), { externalOrderId: orders[1]?.externalId ?? '', channelRef: MALMO.ref })
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      const sent = await orderOf(stage, `${sold?.externalId}@${MALMO.ref}`)
      expect([sent.effect, sent.lines[0]?.shipped]).toEqual(['settle', 3])
      expect((await orderOf(stage, sold?.externalId ?? '')).effect).toBe('foreign')
    })
  })

  test('what is packed and not sent yet is still promised, and sold once', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      stage.sandbox.misbehave({ kind: 'error', operation: 'shipments.create', times: 1 })
      expect(await stage.session.act(shipment(sold))).toMatchObject({ status: 'unknown' })
      const packed = await orderOf(stage, sold.externalId)
      expect([packed.effect, packed.platformState, packed.lines[0]?.shipped]).toEqual(['reserve', 'fulfilled', 0])
      expect(shownOf(stage, 'MUG').quantity).toBe(3)
    })
  })
})

describe('a shipment takes two calls', () => {
  test.each(['timeout-after', 'timeout-before'] as const)('cut short at the first by %s, it is completed and not repeated', async kind => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 3)
      const act = shipment(sold, { lines: sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 2 })) })
      stage.sandbox.misbehave({ kind, operation: 'fulfillments.create', times: 1 })
      expect(await stage.session.act(act)).toMatchObject({ status: 'unknown' })
      expect(await stage.session.actHappened(act)).toBe(false)
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect([noted(stage, 'fulfilment').length, noted(stage, 'act').length]).toEqual([1, 1])
      expect(noted(stage, 'act')[0]?.data.labels).toEqual([{ tracking_number: 'T1', tracking_url: '#', label_url: '#' }])
      expect((await orderOf(stage, sold.externalId)).lines[0]).toMatchObject({ ordered: 3, shipped: 2, cancelled: 0 })
    })
  })

  test('more units than are left are refused with the number, before anything is packed', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      const act = shipment(sold, { lines: sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 3 })) })
      expect(await stage.session.act(act)).toMatchObject({ status: 'refused', code: 'not_open', words: expect.stringContaining('3 units') })
      expect(noted(stage, 'fulfilment')).toEqual([])
    })
  })

  test('an order of which something is packed is not cancelled, and says so', async () => {
    await onMedusa({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      await stage.session.act(shipment(sold, { lines: sold.lines.map(line => ({ externalLineId: line.externalLineId, quantity: 1 })) }))
      const act = { ...shipment(sold), kind: 'cancel' as const, key: 'cancel-1' }
      expect(await stage.session.act(act)).toMatchObject({ status: 'refused', code: 'order_packed' })
    })
  })
})

test('variants that are deleted while the pages are read hide no other', async () => {
  let pages = 0
  const before = ({ path }: { path: string }, sandbox: { remove: (sku: string) => void }): void => {
    if (path !== '/admin/product-variants') return
    pages += 1
    if (pages === 2) for (const n of [3, 4, 5]) sandbox.remove(`MUG-${n}`)
  }
  await onMedusa({ before }, async stage => {
    stage.sandbox.seed(Array.from({ length: 410 }, (_, n) => goods(stage, `MUG-${n}`, 1)))
    const seen: string[] = []
    for await (const page of stage.session.listings()) seen.push(...page.map(one => one.externalSku))
    expect(seen.length).toBe(410)
    expect(new Set(seen).size).toBe(410)
  })
})

test('an order that cannot be understood is handed on with its reason, and does not stop its neighbours', async () => {
  const good = {
    ...{ id: 'order_2', display_id: 2, status: 'pending', currency_code: 'eur', total: 5, created_at: '2026-11-22T08:00:00.000Z' },
    ...{ updated_at: '2026-11-22T08:00:01.000Z', items: [], fulfillments: [], email: null, shipping_address: null },
  }
  const answer = (request: Request): Response =>
    request.url.includes('/admin/orders?')
      ? Response.json({ orders: [{ ...good, id: 'order_1', items: [{ id: 'x' }] }, good], count: 2, offset: 0, limit: 50 })
      : Response.json({ reservations: [], count: 0, offset: 0, limit: 50 })
  await withMedusa(answer, async session => {
    for await (const page of session.orders(since)) {
      expect(page.unreadable).toMatchObject([{ externalId: 'order_1', reason: expect.stringContaining('detail') }])
      expect(page.orders.map(order => [order.externalId, order.effect])).toEqual([['order_2', 'cancel']])
    }
  })
})

test('a server that ignores updated_at is not read for ever', async () => {
  const old = { id: 'order_1', updated_at: '2020-01-01T00:00:00.000Z' }
  const answer = (): Response =>
    Response.json({ orders: Array.from({ length: 50 }, (_, n) => ({ ...old, id: `order_${n}` })), count: 50, offset: 0, limit: 50 })
  await withMedusa(answer, async session => {
    const read = async (): Promise<void> => {
      for await (const page of session.orders(since)) expect(page.orders).toEqual([])
    }
    await expect(read()).rejects.toThrow(AccountTrouble)
  })
})

async function listingAt(stage: Stage, ref: string) {
  for await (const page of stage.session.listings()) {
    const found = page.find(one => one.channelRef === ref)
    if (found) return found
  }
  throw new Error(`nothing is listed at ${ref}`)
}

test('an order that Medusa has not reserved yet waits for the next look, as its units would be taken off twice', async () => {
  const line = {
    ...{ id: 'ordli_1', title: 'Mug', variant_id: 'variant_1', variant_sku: 'MUG', unit_price: 5, requires_shipping: true },
    detail: {
      ...{
        quantity: 1,
        fulfilled_quantity: 0,
        shipped_quantity: 0,
        delivered_quantity: 0,
        return_received_quantity: 0,
        written_off_quantity: 0,
      },
    },
  }
  const order = {
    ...{ id: 'order_1', display_id: 1, status: 'pending', currency_code: 'eur', total: 5, created_at: STARTED_AT.toISOString() },
    ...{ updated_at: STARTED_AT.toISOString(), items: [line], fulfillments: [], email: null, shipping_address: null },
  }
  let reservations: object[] = []
  const answer = (request: Request): Response =>
    request.url.includes('/admin/orders?')
      ? Response.json({ orders: [order], count: 1, offset: 0, limit: 50 })
      : Response.json({ reservations, count: reservations.length, offset: 0, limit: 1000 })
  await withMedusa(answer, async session => {
    expect(await ordersSince(session, since)).toEqual([])
    reservations = [{ id: 'resitem_1', line_item_id: 'ordli_1', location_id: BERLIN.ref }]
    expect((await ordersSince(session, since)).map(one => one.externalId)).toEqual(['order_1'])
    // One without a reservation that is old sells what Medusa does not count.
    reservations = []
    order.created_at = '2026-11-22T07:00:00.000Z'
    expect((await ordersSince(session, since)).map(one => one.externalId)).toEqual(['order_1'])
  })
})
