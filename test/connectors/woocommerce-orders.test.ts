import { describe, expect, test } from 'vitest'
import { ORDER_STATES, parseOrder, toChannelOrder } from '../../connectors/woocommerce/order.ts'
import { type WooOrder, type WooRefund, wooOrder, wooRefund } from '../../connectors/woocommerce/wire.ts'
import type { ChannelOrder } from '../../src/values/channel-order.ts'
import { bought } from './cases/orders.ts'
import { goods, type Stage } from './stage.ts'
import { onWoo, withServer, wooChannels } from './woocommerce-stage.ts'

const [channel] = wooChannels

const raw = {
  id: 727,
  number: '727',
  status: 'processing',
  currency: 'EUR',
  total: '30.00',
  date_created_gmt: '2026-11-01T10:00:00',
  date_modified_gmt: '2026-11-03T10:00:00',
  date_completed_gmt: null as string | null,
  billing: { first_name: 'Ada', last_name: 'Lovelace', email: 'ada@example.com', phone: '', city: 'London' },
  shipping: { first_name: '', last_name: '', city: 'Paris', address_1: '' },
  refunds: [],
  meta_data: [] as { key: string; value: unknown }[],
  line_items: [
    {
      id: 315,
      name: 'Mug',
      product_id: 93,
      variation_id: 0,
      quantity: 3,
      sku: 'MUG',
      price: 10 as number | string,
      meta_data: [] as object[],
    },
  ],
}

function read(change: Partial<typeof raw>, refunds: readonly WooRefund[] = [], states = ORDER_STATES): ChannelOrder {
  if (!channel) throw new Error('no channel')
  const order: WooOrder = wooOrder.parse({ ...raw, ...change })
  const told = toChannelOrder(order, refunds, channel, states)
  if (!('effect' in told)) throw new Error(told.reason)
  return told
}

function refund(at: string, quantity: number): WooRefund {
  const meta_data = [{ key: '_refunded_item_id', value: '315' }]
  return wooRefund.parse({ id: 1, date_created_gmt: at, line_items: [{ quantity: -quantity, meta_data }] })
}

const line = (notes: Readonly<Record<string, number>>): typeof raw.line_items =>
  raw.line_items.map(each => ({ ...each, meta_data: Object.entries(notes).map(([key, units]) => ({ id: 1, key, value: String(units) })) }))

const units = ({ effect, lines }: ChannelOrder): unknown[] => [
  effect,
  lines[0]?.ordered,
  lines[0]?.cancelled,
  lines[0]?.shipped,
  lines[0]?.returned,
]

describe('a WooCommerce order in our words', () => {
  test.each([
    ['pending', 'ignore'],
    ['checkout-draft', 'ignore'],
    ['failed', 'ignore'],
    ['trash', 'ignore'],
    ['on-hold', 'reserve'],
    ['processing', 'reserve'],
    ['completed', 'settle'],
    ['cancelled', 'cancel'],
    ['refunded', 'cancel'],
  ])('%s asks to %s', (status, effect) => expect(read({ status }).effect).toBe(effect))

  test('counts restocked refunds before the hand-over as cancelled', () => {
    const line_items = line({ _reduced_stock: 2, _restock_refunded_items: 1 })
    expect(units(read({ line_items }, [refund('2026-11-02T00:00:00', 1)]))).toEqual(['reserve', 3, 1, 0, 0])
  })

  test('keeps them cancelled once the rest is completed, and counts later ones as returned', () => {
    const completed = { status: 'completed', date_completed_gmt: '2026-11-02T12:00:00' }
    const early = refund('2026-11-02T00:00:00', 1)
    expect(units(read({ ...completed, line_items: line({ _reduced_stock: 2, _restock_refunded_items: 1 }) }, [early]))).toEqual([
      'settle',
      3,
      1,
      2,
      0,
    ])
    const late = refund('2026-11-05T00:00:00', 1)
    expect(units(read({ ...completed, line_items: line({ _reduced_stock: 1, _restock_refunded_items: 2 }) }, [late, early]))).toEqual([
      'settle',
      3,
      1,
      2,
      1,
    ])
  })

  test('takes a refund that was not restocked for money only', () => {
    const completed = { status: 'completed', date_completed_gmt: '2026-11-02T12:00:00', line_items: line({ _reduced_stock: 3 }) }
    expect(units(read(completed, [refund('2026-11-05T00:00:00', 2)]))).toEqual(['settle', 3, 0, 3, 0])
  })

  test('takes a completed order that was refunded or cancelled for a return, and an open one for a cancellation', () => {
    const completed = { date_completed_gmt: '2026-11-02T12:00:00' }
    const back = line({ _restock_refunded_items: 3 })
    expect(units(read({ ...completed, status: 'refunded', line_items: back }, [refund('2026-11-05T00:00:00', 3)]))).toEqual([
      'settle',
      3,
      0,
      3,
      3,
    ])
    expect(units(read({ ...completed, status: 'cancelled' }))).toEqual(['settle', 3, 0, 3, 3])
    expect(units(read({ status: 'refunded', line_items: back }, [refund('2026-11-02T00:00:00', 3)]))).toEqual(['cancel', 3, 3, 0, 0])
  })

  test('knows what the hub has shipped of an order that is still open, also when the rest is cancelled', () => {
    const meta_data = [{ key: '_concord_act_a1', value: '{"kind":"ship","lines":{"315":1}}' }]
    expect(units(read({ meta_data }))).toEqual(['reserve', 3, 0, 1, 0])
    expect(units(read({ meta_data, status: 'cancelled' }))).toEqual(['cancel', 3, 2, 1, 0])
  })

  test('counts a refund of what the hub had shipped as returned, also while the rest of the order is open', () => {
    const shipped = [{ key: '_concord_act_k1', value: JSON.stringify({ kind: 'ship', lines: { 315: 2 } }) }]
    const open = { meta_data: shipped, line_items: line({ _reduced_stock: 2, _restock_refunded_items: 1 }) }
    expect(units(read(open, [refund('2026-11-02T00:00:00', 1)]))).toEqual(['reserve', 3, 1, 2, 0])
    const both = { meta_data: shipped, line_items: line({ _reduced_stock: 1, _restock_refunded_items: 2 }) }
    expect(units(read(both, [refund('2026-11-02T00:00:00', 2)]))).toEqual(['reserve', 3, 1, 2, 1])
  })

  test('counts a refund in the very second of the completion as returned when the hub had shipped all of it', () => {
    const at = '2026-11-02T12:00:00'
    const meta_data = [{ key: '_concord_act_k1', value: JSON.stringify({ kind: 'ship', lines: { 315: 3 } }) }]
    const done = {
      status: 'completed',
      date_completed_gmt: at,
      meta_data,
      line_items: line({ _reduced_stock: 2, _restock_refunded_items: 1 }),
    }
    expect(units(read(done, [refund(at, 1)]))).toEqual(['settle', 3, 0, 3, 1])
  })

  test('reads numbers written as text and text as numbers, and prices that PHP divided', () => {
    const priced = (price: number | string): string | null | undefined =>
      read({ line_items: raw.line_items.map(each => ({ ...each, price })) }).lines[0]?.unitPrice
    expect([priced(14.166666666666666), priced('12.50'), priced(3), priced(0.1 + 0.2)]).toEqual(['14.166667', '12.50', '3', '0.3'])
  })

  test('takes the receiver’s address and the payer’s name and e-mail', () => {
    expect(read({}).person).toEqual({ name: 'Ada Lovelace', email: 'ada@example.com', address: { city: 'Paris' } })
    expect(read({ billing: {} as typeof raw.billing, shipping: {} as typeof raw.shipping }).person).toBeNull()
  })

  test('reads a state of a plug-in by the account’s own table, and keeps it apart without', () => {
    expect(read({ status: 'awaiting-pickup' }, [], { ...ORDER_STATES, 'awaiting-pickup': 'reserve' }).effect).toBe('reserve')
    expect(() => read({ status: 'awaiting-pickup' })).toThrow('order 727 is "awaiting-pickup"')
  })

  test('keeps an order apart whose hub mark was damaged', () => {
    expect(() => read({ meta_data: [{ key: '_concord_act_a1', value: '{"kind":"sh' }] })).toThrow(
      'order 727 carries an act of the hub that is damaged',
    )
  })

  test.each([
    ['half a mug', { line_items: raw.line_items.map(each => ({ ...each, quantity: 0.5 })) }],
    ['a local time', { date_modified_gmt: '3 November 2026' }],
    ['no lines', { line_items: undefined }],
  ])('cannot read %s, and says which order it is', (_, change) => {
    expect(parseOrder({ ...raw, ...change })).toMatchObject({ unreadable: { externalId: '727', reason: expect.stringMatching(/\w/) } })
  })

  test('hands on the readable orders of a page and keeps the other with its text', () =>
    withServer(
      () => Response.json([raw, { ...raw, id: 728, line_items: 'none' }, 'what'], { headers: { 'x-wp-totalpages': '1' } }),
      async session => {
        for await (const page of session.orders(new Date('2026-11-01T00:00:00Z'))) {
          expect(page.orders.map(order => order.externalId)).toEqual(['727'])
          expect(page.unreadable.map(order => order.externalId)).toEqual(['728', null])
          expect(page.unreadable[0]?.raw).toContain('"line_items":"none"')
        }
      },
    ))

  test('stops at a shop too old to know modified_after instead of reading the same page for ever', () =>
    withServer(
      () =>
        Response.json(
          Array.from({ length: 100 }, (_, n) => ({
            ...raw,
            id: n + 1,
            date_modified_gmt: n < 50 ? '2020-01-01T00:00:00' : '2020-01-02T00:00:00',
          })),
        ),
      async session => {
        const all = async (): Promise<void> => {
          for await (const page of session.orders(new Date('2026-11-01T00:00:00Z'))) expect(page.orders).toEqual([])
        }
        await expect(all()).rejects.toMatchObject({ kind: 'down', message: expect.stringContaining('5.8') })
      },
    ))
})

describe('shipping at WooCommerce', () => {
  const ship = (stage: Stage, id: string, lineId: string, quantity: number) => {
    const tracking = { carrier: 'DHL', number: 'JD0146', shippedAt: stage.clock.now().toISOString() }
    return {
      key: 'k1',
      kind: 'ship',
      externalOrderId: id,
      channelRef: 'shop',
      lines: [{ externalLineId: lineId, quantity }],
      tracking,
    } as const
  }
  const entries = (stage: Stage, kind: string): unknown[] =>
    stage.sandbox
      .journal(0, 10_000)
      .filter(entry => entry.kind === kind)
      .map(entry => entry.data)

  test.each([
    ['where the Shipment Tracking extension keeps it', true, 'tracking', { provider: 'DHL', number: 'JD0146' }],
    ['as a note to the customer without it', false, 'note', { note: 'Shipped with DHL, tracking number JD0146', customer: true }],
  ])('puts the tracking number %s, once, however often the act is tried', (_, shipmentTracking, kind, told) =>
    onWoo({ shipmentTracking }, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      const act = ship(stage, sold.externalId, sold.lines[0]?.externalLineId ?? '', 2)
      // The number is told, then the state's call is lost: the second try must not tell it again.
      stage.sandbox.misbehave({ kind: 'timeout-before', operation: 'orders.update', times: 1 })
      expect((await stage.session.act(act)).status).toBe('unknown')
      expect(await stage.session.actHappened(act)).toBe(false)
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect(await stage.session.act(act)).toEqual({ status: 'confirmed' })
      expect(entries(stage, kind)).toEqual([told])
      expect(entries(stage, 'act').length).toBe(1)
    }),
  )

  test.each([
    ['more units than the line has', 3, 'too_many'],
    ['a line that is not there', 1, 'unknown_line'],
  ])('refuses %s', (_, quantity, code) =>
    onWoo({}, async stage => {
      stage.sandbox.seed([goods(stage, 'MUG', 5)])
      const sold = bought(stage, 'b1', 'MUG', 2)
      const lineId = code === 'unknown_line' ? '1' : (sold.lines[0]?.externalLineId ?? '')
      expect(await stage.session.act(ship(stage, sold.externalId, lineId, quantity))).toMatchObject({ status: 'refused', code })
      expect(entries(stage, 'act')).toEqual([])
    }),
  )
})
