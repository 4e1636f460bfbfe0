import { afterAll, beforeAll, expect, test } from 'vitest'
import { close } from '../../db/connect.ts'
import { orderLine } from '../support/goods.ts'
import { flashOf, type Person, send, setUiStage, type UiStage, visit } from './stage.ts'

let stage: UiStage
let ana: Person
beforeAll(async () => {
  stage = await setUiStage()
  ana = await stage.person('operations')
})
afterAll(() => close(stage.sql, 1))

test('an order is held with its reason, cannot be shipped meanwhile, and is let go together with others on the page of exceptions', async () => {
  const path = `/orders/${stage.orderId}`
  const held = await send(stage, `${path}/hold`, ana, { kind: 'fraud', reason: 'name and card differ' })
  expect(flashOf(held.html)).toBe('Order A-1 is held.')
  expect(held.html).toContain('Held: possible fraud (name and card differ)')
  expect(held.html).toContain(`action="${path}/let-go"`)
  expect(held.html).not.toContain(`action="${path}/ship"`)
  const list = await visit(stage, '/orders/exceptions', ana)
  expect(list.html).toContain(`name="held-${stage.orderId}"`)
  expect(list.html).toContain('Nothing is free anywhere, and nothing is to come: cancel what is short.')
  expect(flashOf((await send(stage, '/orders/exceptions', ana, { do: 'let-go' })).html)).toContain('Choose at least one order.')
  const done = await send(stage, '/orders/exceptions', ana, { do: 'let-go', [`held-${stage.orderId}`]: 'yes' })
  expect(flashOf(done.html)).toBe('1 order let go.')
  expect((await visit(stage, path, ana)).html).toMatch(/Let go[\s\S]*Held[\s\S]*Booked/)
})

test('what its platform wants shipped soon is told on the page of the order and among the exceptions, with until when it may be cancelled', async () => {
  await stage.sql`update orders set ship_by = now() + interval '2 hours' where id = ${stage.shortOrderId}`
  const { html } = await visit(stage, '/orders/exceptions', ana)
  expect(html).toContain('to be shipped soon')
  expect(html).toContain('ship by')
  expect(html).toContain('nothing comes before the platform wants it shipped')
  expect((await visit(stage, `/orders/${stage.shortOrderId}`, ana)).html).toContain('To be shipped by')
  await stage.sql`update orders set ship_by = null where id = ${stage.shortOrderId}`
})

test('what an order is short of is cancelled there as well, and nothing else of it', async () => {
  const done = await send(stage, '/orders/exceptions', ana, { do: 'cancel', [`short-${stage.shortOrderId}`]: 'yes' })
  expect(flashOf(done.html)).toBe('1 order: what was short is cancelled, and the channels are being told.')
  expect(await orderLine(stage.sql, 'A-2')).toMatchObject({ ordered: 3, reserved: 1, short: 0, cancelled: 2 })
  expect((await visit(stage, '/orders/exceptions', ana)).html).toContain('Every order goes on by itself.')
})

test('goods come back to a store that did not send them, and stand in the life of the order', async () => {
  await send(stage, `/orders/${stage.orderId}/ship`, ana, { carrier: 'DHL', number: '0034', url: '' })
  const [line] = await stage.sql<{ id: number }[]>`select id from order_lines where order_id = ${stage.orderId}`
  const path = `/orders/${stage.orderId}/return`
  expect(flashOf((await send(stage, path, ana, { location: 'lyon', reason: '' })).html)).toContain('Enter how many units came back.')
  const back = await send(stage, path, ana, { location: 'lyon', [`stock-${line?.id}`]: '1', [`scrap-${line?.id}`]: '1', reason: '' })
  expect(flashOf(back.html)).toBe('Order A-1: 2 units came back.')
  expect(back.html).toContain('Came back')
  const [lyon] =
    await stage.sql`select b.on_hand as "onHand" from balances b join locations p on p.id = b.location_id join variants v on v.id = b.variant_id
    where p.code = 'lyon' and v.sku = 'MUG'`
  expect(lyon).toEqual({ onHand: 5 })
})
