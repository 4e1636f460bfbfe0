import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { chargeOf, NO_CHARGE } from '../../src/values/order-amounts.ts'
import { book, orderLine } from '../support/goods.ts'
import { flashOf, type Person, send, setUiStage, textOf, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
})
afterAll(() => close(stage.sql, 1))

describe('an order', () => {
  test('that may be picked up is told as such once, and its units stay promised', async () => {
    const before = await visit(stage, `/orders/${stage.orderId}`, ana)
    expect(before.html).toContain(`action="/orders/${stage.orderId}/ready"`)
    const page = await send(stage, `/orders/${stage.orderId}/ready`, ana, {})
    expect(flashOf(page.html)).toBe('Order A-1: the channel is being told of 2 units; the answer appears below.')
    expect(page.html).not.toContain(`action="/orders/${stage.orderId}/ready"`)
    expect(await orderLine(stage.sql, 'A-1')).toMatchObject({ reserved: 2, shipped: 0 })
  })

  test('is shipped with its tracking, and the platform is told by an act', async () => {
    const page = await send(stage, `/orders/${stage.orderId}/ship`, ana, { carrier: 'DHL', number: '0034', url: '' })
    expect(flashOf(page.html)).toBe('Order A-1: 2 units shipped. The channel is being told; the answer appears below.')
    expect(await orderLine(stage.sql, 'A-1')).toMatchObject({ reserved: 0, shipped: 2 })
    const [act] = await stage.sql`select kind, state, body->'tracking' as tracking from acts where kind = 'ship'`
    expect(act).toEqual({ kind: 'ship', state: 'intended', tracking: { carrier: 'DHL', number: '0034' } })
    expect(page.html).toContain('DHL 0034')
    // The form spoke of the units that were reserved: it is gone, and a refresh takes it away from open pages too.
    expect(/id="part-forms".*/s.exec(page.html)?.[0]).toContain('Nothing of this order is open')
  })

  test('whose shipment the platform refused says why and what to do, and is asked for again by whoever may', async () => {
    await stage.sql`update acts set state = 'refused', reason = 'no such carrier', ended_at = now() where kind = 'ship'`
    const page = await visit(stage, `/orders/${stage.orderId}`, ana)
    expect(page.html).toContain('no such carrier')
    expect(page.html).toContain('Mend first what the channel names, or do it there by hand.')
    const action = /action="(\/orders\/\d+\/acts\/\d+\/retry)"/.exec(page.html)?.[1] ?? ''
    const viewer = await visit(stage, `/orders/${stage.orderId}`, await stage.person('clerk'))
    expect(viewer.html).toContain('no such carrier')
    expect(viewer.html).not.toContain(action)
    const again = await send(stage, action, ana, {})
    expect(flashOf(again.html)).toBe('Order A-1: the channel is being told of 2 units; the answer appears below.')
    expect(again.html).not.toContain('/retry"')
    expect(await stage.sql`select state from acts where kind = 'ship'`).toEqual([{ state: 'intended' }])
  })

  test('of which a part is collected names what is left to send and to tell, and is sent in parts; the same form counts once', async () => {
    const [booked] = await book(stage.sql, stage, 'shop', [
      {
        id: 'A-3',
        lines: [
          { sku: 'MUG', ordered: 3 },
          { sku: 'ATTACK', ordered: 2 },
        ],
      },
    ])
    const path = `/orders/${booked?.orderId}`
    await stage.sql`
      update order_lines set method = 'collect', collect_location_id = (select id from locations where code = 'berlin')
      where order_id = ${booked?.orderId ?? 0} and sku = 'ATTACK'`
    const left = (html: string, form: string) => new RegExp(`<form[^>]*/${form}".*?name="left" value="([^"]*)"`, 's').exec(html)?.[1]
    const page = await visit(stage, path, ana)
    const [mug, attack] = await stage.sql<
      { id: number }[]
    >`select id from order_lines where order_id = ${booked?.orderId ?? 0} order by sku desc`
    expect([left(page.html, 'ship'), left(page.html, 'ready')]).toEqual([`${mug?.id}:3`, `${attack?.id}:2`])
    expect(textOf(page.html)).toContain('Ships the 3 reserved units')
    const part = { carrier: 'DHL', number: '1', url: '', left: `${mug?.id}:3`, _key: crypto.randomUUID() }
    const first = await send(stage, `${path}/ship`, ana, { ...part, [`units-${mug?.id}`]: '1' })
    expect(flashOf(first.html)).toContain('1 unit shipped')
    expect(left(first.html, 'ship')).toBe(`${mug?.id}:2`)
    const rest = { ...part, left: `${mug?.id}:2`, _key: crypto.randomUUID() }
    await send(stage, `${path}/ship`, ana, rest)
    const twice = await send(stage, `${path}/ship`, ana, rest)
    expect(flashOf(twice.html)).toContain('2 units shipped')
    expect(left(twice.html, 'ship')).toBeUndefined()
    const told = await send(stage, `${path}/ready`, ana, { left: `${attack?.id}:2` })
    expect(left(told.html, 'ready')).toBeUndefined()
    expect(
      await stage.sql`select kind, body->'lines'->0->'quantity' as units from acts where order_id = ${booked?.orderId ?? 0} order by id`,
    ).toEqual([
      { kind: 'ship', units: 1 },
      { kind: 'ship', units: 2 },
      { kind: 'ready', units: 2 },
    ])
  })

  test('is cancelled in part where units are named, and what the platform refuses of it stands among the exceptions in the language of the reader', async () => {
    const [booked] = await book(stage.sql, stage, 'shop', [{ id: 'A-8', lines: [{ sku: 'ATTACK', ordered: 3 }] }])
    const path = `/orders/${booked?.orderId}`
    const [line] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
    const form = /id="cancel".*?<\/form>/s.exec((await visit(stage, path, ana)).html)?.[0]
    expect(form).toContain(`name="units-${line?.id}"`)
    const part = { cause: 'stock', reason: '', [`units-${line?.id}`]: '1' }
    expect(flashOf((await send(stage, `${path}/cancel`, ana, part)).html)).toContain('1 unit cancelled')
    expect(await orderLine(stage.sql, 'A-8')).toMatchObject({ cancelled: 1 })
    expect(flashOf((await send(stage, `${path}/cancel`, ana, { ...part, [`units-${line?.id}`]: '1' })).html)).toContain('1 unit cancelled')
    expect(await orderLine(stage.sql, 'A-8')).toMatchObject({ cancelled: 2 })
    await stage.sql`update acts set state = 'refused', reason = 'whole orders only', ended_at = now() where order_id = ${booked?.orderId ?? 0}`
    const refused = await visit(stage, '/orders/exceptions', ana, { cookie: 'concord_language=zh-CN' })
    expect(textOf(refused.html)).toContain('取消: whole orders only')
    await stage.sql`delete from acts where order_id = ${booked?.orderId ?? 0}`
  })

  test('is cancelled as far as it is open; twice is refused in words', async () => {
    const first = await send(stage, `/orders/${stage.shortOrderId}/cancel`, ana, { cause: 'stock', reason: '' })
    expect(flashOf(first.html)).toBe('Order A-2: 3 units cancelled. The channel is being told; the answer appears below.')
    const second = await send(stage, `/orders/${stage.shortOrderId}/cancel`, ana, { cause: 'stock', reason: '' })
    expect(flashOf(second.html)).toContain('Already done differently')
    expect(await orderLine(stage.sql, 'A-2')).toMatchObject({ reserved: 0, short: 0, cancelled: 3 })
    const [act] = await stage.sql`select body->>'cause' as cause from acts where kind = 'cancel'`
    expect(act).toEqual({ cause: 'stock' })
    const without = await send(stage, `/orders/${stage.shortOrderId}/cancel`, ana, { cause: '', reason: 'no stock' })
    expect(flashOf(without.html)).toContain('Why')
  })

  test('shows what it costs; what does not add up stands there, and among the exceptions while it is open', async () => {
    const charge = chargeOf({ price: 2000, discount: 150, tax: 295 }, true)
    const amounts = {
      ...{
        digits: 2,
        taxIncluded: true,
        lines: { 1: charge },
        shipping: chargeOf({ price: 390 }, true),
        fees: NO_CHARGE,
        discount: 0,
        total: 2240,
      },
      misfit: { difference: 777, total: 777, charges: {}, isRounding: false },
    }
    const tell = (id: number, { misfit, ...rest }: typeof amounts, isAmiss: boolean) =>
      stage.sql`update orders set amounts = ${stage.sql.json(isAmiss ? { ...rest, misfit } : rest)} where id = ${id}`
    await tell(stage.orderId, amounts, false)
    const page = await visit(stage, `/orders/${stage.orderId}#amounts`, ana)
    // Of 2 units for 20.00: on the basis that the amounts have, whatever the platform calls a price.
    expect(textOf(page.html)).toMatch(/Unit price with tax .*MUG MUG EUR 10\.00 2/)
    expect(page.html).toContain('Prices include tax')
    for (const text of ['EUR 20.00', 'EUR 1.50', 'EUR 2.95', 'EUR 18.50', 'EUR 3.90', 'EUR 22.40']) expect(page.html).toContain(text)
    expect(page.html).not.toContain('do not add up')
    const { state } = (await stage.sql<{ state: string }[]>`select state from orders where id = ${stage.orderId}`)[0] ?? { state: '' }
    await tell(stage.orderId, amounts, true)
    await stage.sql`update orders set state = 'accepted' where id = ${stage.orderId}`
    expect((await visit(stage, `/orders/${stage.orderId}`, ana)).html).toContain('a total differs from its parts by EUR 7.77')
    const exceptions = (await visit(stage, '/orders/exceptions', ana)).html
    expect(exceptions).toContain('amounts do not add up')
    expect(exceptions).toContain(`/orders/${stage.orderId}#amounts`)
    await stage.sql`update orders set state = ${state}, amounts = null where id = ${stage.orderId}`
  })

  test('gets back what was paid as far as it was paid, for a reason', async () => {
    const lineId = (await stage.sql<{ id: number }[]>`select l.id from order_lines l where l.order_id = ${stage.orderId}`)[0]?.id
    await stage.sql`update orders set total = 20 where id = ${stage.orderId}`
    const acts = () =>
      stage.sql`select kind, body->>'cause' as cause, body->'refund'->>'total' as total from acts where order_id = ${stage.orderId} and kind = 'refund'`
    const money = { [`amount-${lineId}`]: '2.50', [`units-${lineId}`]: '', shipping: '', cause: 'faulty', reason: 'a chip' }
    const page = await send(stage, `/orders/${stage.orderId}/refund`, ana, money)
    expect(flashOf(page.html)).toBe('Order A-1: the channel is being asked to refund; the answer appears below.')
    expect(page.html).toContain('Not what was promised, or broken')
    const tooMuch = await send(stage, `/orders/${stage.orderId}/refund`, ana, { ...money, [`amount-${lineId}`]: '17.51' })
    expect(flashOf(tooMuch.html)).toContain('17.51 EUR cannot be refunded: 20 was paid, and 2.5 went back already.')
    const nothing = await send(stage, `/orders/${stage.orderId}/refund`, ana, { ...money, [`amount-${lineId}`]: '' })
    expect(flashOf(nothing.html)).toContain('Enter an amount for a line or for shipping.')
    expect(await acts()).toEqual([{ kind: 'refund', cause: 'faulty', total: '2.50' }])
  })
})
