import { beforeAll, describe, expect, test } from 'vitest'
import { orderExceptions } from '../../db/pages-exceptions.ts'
import { chargeOf, NO_CHARGE } from '../../src/values/order-amounts.ts'
import { book, connect, person, platform } from './channel-stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin')
  await stockUp(stage.app, key, 'MUG', 10)
  await connect(stage, key, 'MUG')
})

const platformLines = (ordered: number) => [
  {
    ...{ externalLineId: '1', listingRef: '501', sku: 'MUG', title: 'Mug', unitPrice: '12.75' },
    ...{ ordered, cancelled: 0, shipped: 0, returned: 0 },
  },
]
const act = (id: number, what: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/orders/${id}/${what}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })

test('what a channel sells ahead cannot be held, as the API says; an order of it is booked short', async () => {
  await ask(stage.app, 'PUT /v1/variants/MUG/terms', { key, body: { kind: 'backorder', limit: 50 } })
  const held = await ask(stage.app, 'POST /v1/reservations', { key, body: { lines: [{ sku: 'MUG', quantity: 11 }] } })
  expect(held.body).toMatchObject({ code: 'insufficient_stock', missing: [{ sku: 'MUG', asked: 11, available: 10 }] })
  const id = await book(stage, 'W-0', { lines: platformLines(12) })
  expect((await ask(stage.app, `GET /v1/orders/${id}`, { key })).body).toMatchObject({ short: 2, lines: [{ reserved: 10, short: 2 }] })
  await act(id, 'cancel', {})
  await ask(stage.app, 'PUT /v1/variants/MUG/terms', { key, body: { kind: null } })
  const { paths } = (await ask(stage.app, 'GET /openapi.json', { key })).body as {
    paths: Record<string, Record<string, { description: string }>>
  }
  expect(paths['/v1/reservations']?.post?.description).toContain('sold ahead (backorder, pre-order) cannot be held')
  expect(paths['/v1/variants/{sku}/terms']?.put?.description).toContain('A reservation cannot hold units that are sold ahead')
})

describe('an order', () => {
  test('is shown with its lines, and with money in its currency', async () => {
    const id = await book(stage, 'W-1')
    const order = await ask(stage.app, `GET /v1/orders/${id}`, { key })
    expect(order.body).toMatchObject({
      channel: 'woo-eu',
      number: 'W-1',
      state: 'accepted',
      total: '25.50',
      lines: [{ matchedSku: 'MUG', unitPrice: '12.75', ordered: 2, reserved: 2, short: 0 }],
    })
    expect((await ask(stage.app, 'GET /v1/orders/999999', { key })).status).toBe(404)
  })

  test('tells what it costs as its channel stated it, to the cent; what does not add up is said, and it is booked all the same', async () => {
    const charge = (price: number, discount: number, tax: number) => chargeOf({ price, discount, tax }, true)
    const amounts = {
      ...{ digits: 2, taxIncluded: true, lines: { 1: charge(2550, 250, 367) }, shipping: charge(490, 0, 78), fees: NO_CHARGE, discount: 0 },
      ...{ total: 2790, giftCards: 1000, paid: 2790 },
    }
    const id = await book(stage, 'W-M', { total: '27.90', amounts })
    const whole = { price: '25.50', discount: '2.50', tax: '3.67', total: '23.00' }
    expect((await ask(stage.app, `GET /v1/orders/${id}`, { key })).body.amounts).toEqual({
      ...{ taxIncluded: true, goods: whole, lines: { 1: whole }, discount: '0.00', tax: '4.45', total: '27.90', giftCards: '10.00' },
      shipping: { price: '4.90', discount: '0.00', tax: '0.78', total: '4.90' },
      fees: { price: '0.00', discount: '0.00', tax: '0.00', total: '0.00' },
      ...{ paid: '27.90', difference: null, isAmiss: false },
    })
    // A later message states another total, which its parts do not come to.
    await book(stage, 'W-M', { total: '30', stamp: '2026-11-22T11:00:00Z', amounts: { ...amounts, total: 3000 } })
    const amiss = await ask(stage.app, `GET /v1/orders/${id}`, { key })
    expect(amiss.body).toMatchObject({ state: 'accepted', total: '30.00', amounts: { total: '30.00', difference: '2.10', isAmiss: true } })
    const exceptions = async (query = '') =>
      ((await ask(stage.app, `GET /v1/orders/exceptions${query}`, { key })).body as { items: { orderId: number }[] }).items.filter(
        one => one.orderId === id,
      )
    const found = { kind: 'amiss', number: 'W-M', since: expect.stringContaining('T'), shipBy: null, about: ['2.1 EUR'], cures: [] }
    expect(await exceptions()).toMatchObject([found])
    // What the hub failed to do of itself stands there after three tries.
    const trouble = (tries: number) => stage.sql`
      insert into order_troubles (what, ref_id, order_id, tries, retry_at, trouble, since) values ('route', ${id}, ${id}, ${tries}, now() + interval '1 hour', 'no zone', now())
      on conflict (what, ref_id) do update set tries = excluded.tries`
    await trouble(2)
    expect(await exceptions('?kind=stuck')).toEqual([])
    await trouble(3)
    expect(await exceptions('?kind=stuck')).toMatchObject([{ kind: 'stuck', about: ['no zone'] }])
    expect(await exceptions()).toHaveLength(2)
    await stage.sql`delete from order_troubles`
    expect((await ask(stage.app, 'GET /v1/orders/exceptions?kind=odd', { key })).status).toBe(422)
    // One that tells no amounts leaves them; a cent is rounding, and no exception.
    await book(stage, 'W-M', { stamp: '2026-11-22T12:00:00Z' })
    expect((await ask(stage.app, `GET /v1/orders/${id}`, { key })).body.amounts).toMatchObject({ total: '30.00' })
    await book(stage, 'W-M', { stamp: '2026-11-22T13:00:00Z', amounts: { ...amounts, total: 2789 } })
    expect((await ask(stage.app, `GET /v1/orders/${id}`, { key })).body.amounts).toMatchObject({ difference: '-0.01', isAmiss: false })
    expect((await orderExceptions(stage.sql, new Date(), 10)).filter(one => one.orderId === id)).toEqual([])
    await act(id, 'cancel', {})
    // One that told none, and is told of again without a change: what was not known is taken.
    const late = await book(stage, 'W-L')
    expect((await ask(stage.app, `GET /v1/orders/${late}`, { key })).body.amounts).toBeNull()
    await book(stage, 'W-L', { amounts })
    expect((await ask(stage.app, `GET /v1/orders/${late}`, { key })).body.amounts).toMatchObject({ total: '27.90' })
    await act(late, 'cancel', {})
  })

  test("shows its buyer only to the scope orders:people, which even an admin's key lacks", async () => {
    const id = await book(stage, 'W-2')
    const without = await ask(stage.app, `GET /v1/orders/${id}`, { key })
    expect(without.body).not.toHaveProperty('person')
    const withPeople = await ask(stage.app, `GET /v1/orders/${id}`, { key: await stage.key('orders:people') })
    expect(withPeople.body.person).toEqual(person)
    const list = await ask(stage.app, 'GET /v1/orders', { key: await stage.key('orders:people') })
    expect(list.text).not.toContain('Wilhelmina')
    const [row] = await stage.sql`select encode(sealed_body, 'escape') as stored from order_people where order_id = ${id}`
    expect(row?.stored).not.toContain('Wilhelmina')
  })

  test('is shipped in parts; each part leaves an act for the platform, once per key', async () => {
    const id = await book(stage, 'W-3')
    const order = await ask(stage.app, `GET /v1/orders/${id}`, { key })
    const lineId = (order.body.lines as { id: number }[])[0]?.id
    const parcel = { lines: [{ lineId, quantity: 1 }], tracking: { carrier: 'DHL', number: '0034' } }
    const shipped = await act(id, 'ship', parcel, 'ship-1')
    expect(shipped.body).toMatchObject({ lines: [{ lineId, quantity: 1 }], replayed: false })
    expect((await act(id, 'ship', parcel, 'ship-1')).body).toEqual({ ...shipped.body, replayed: true })
    const after = await ask(stage.app, `GET /v1/orders/${id}`, { key })
    expect(after.body).toMatchObject({
      state: 'in_fulfilment',
      lines: [{ shipped: 1, reserved: 1 }],
      acts: [{ kind: 'ship', state: 'intended' }],
    })
    expect((await act(id, 'ship', { lines: [{ lineId, quantity: 2 }] })).body).toMatchObject({ status: 409, code: 'insufficient_stock' })
    await act(id, 'ship', {})
    expect((await act(id, 'ship', {})).body).toMatchObject({ status: 409, code: 'conflict' })
    expect((await act(999_999, 'ship', {})).status).toBe(404)
  })

  test('is cancelled, and its units are free again', async () => {
    const before = (await ask(stage.app, 'GET /v1/stock/MUG', { key })).body.available
    const id = await book(stage, 'W-4')
    const cancelled = await act(id, 'cancel', { reason: 'damaged' })
    expect(cancelled.body).toMatchObject({ lines: [{ quantity: 2 }] })
    expect((await ask(stage.app, `GET /v1/orders/${id}`, { key })).body).toMatchObject({ state: 'cancelled', acts: [{ kind: 'cancel' }] })
    expect((await ask(stage.app, 'GET /v1/stock/MUG', { key })).body.available).toBe(before)
  })

  test('for more than there is is booked with its shorts, and found by them', async () => {
    const line = {
      externalLineId: '1',
      listingRef: '501',
      sku: 'MUG',
      title: 'Mug',
      ordered: 50,
      cancelled: 0,
      shipped: 0,
      returned: 0,
      unitPrice: '1',
    }
    const id = await book(stage, 'W-5', { lines: [line] })
    const list = await ask(stage.app, 'GET /v1/orders?short=true', { key })
    expect(list.body.items).toEqual([expect.objectContaining({ id, number: 'W-5' })])
    expect(Number((list.body.items as { short: number }[])[0]?.short)).toBeGreaterThan(0)
  })

  test('is listed with the newest first, page by page', async () => {
    const first = await ask(stage.app, 'GET /v1/orders?limit=2&channel=woo-eu', { key })
    const second = await ask(stage.app, `GET /v1/orders?limit=2&channel=woo-eu&cursor=${first.body.next}`, { key })
    const numbers = [...(first.body.items as { number: string }[]), ...(second.body.items as { number: string }[])].map(item => item.number)
    expect(numbers).toEqual(['W-5', 'W-4', 'W-3', 'W-2'])
  })
})

describe('messages that were kept aside', () => {
  test('are listed with their reason, without their body, and taken up again', async () => {
    const [row] = await stage.sql<{ id: number }[]>`
      insert into inbox (account_id, source, delivery_id, topic, body, state, reason) select id, 'webhook', 'd-1', 'order.updated', 'sealed', 'refused', 'unreadable: no lines'
      from accounts returning id`
    const list = await ask(stage.app, 'GET /v1/inbox', { key })
    expect(list.body.items).toEqual([expect.objectContaining({ id: row?.id, account: 'woo', reason: 'unreadable: no lines' })])
    expect(list.text).not.toContain('body')
    expect((await ask(stage.app, `POST /v1/inbox/${row?.id}/replay`, { key })).status).toBe(200)
    expect((await ask(stage.app, 'GET /v1/inbox', { key })).body.items).toEqual([])
    expect((await ask(stage.app, `POST /v1/inbox/${row?.id}/replay`, { key })).status).toBe(404)
  })
})
