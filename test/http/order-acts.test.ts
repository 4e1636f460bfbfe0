import { beforeAll, expect, test } from 'vitest'
import { chargeOf } from '../../src/values/order-amounts.ts'
import { book, connect, platform } from './channel-stage.ts'
import { ask, type Stage, setStage, stockUp } from './stage.ts'

let stage: Stage
let key: string
beforeAll(async () => {
  stage = await setStage({ platforms: [platform] })
  key = await stage.key('admin')
  await stockUp(stage.app, key, 'MUG', 20)
  await connect(stage, key, 'MUG')
})

const act = (id: number, what: string, body: unknown, idempotencyKey?: string) =>
  ask(stage.app, `POST /v1/orders/${id}/${what}`, { key, body, ...(idempotencyKey ? { idempotencyKey } : {}) })
const stock = async () => (await ask(stage.app, 'GET /v1/stock/MUG', { key })).body
const lineOf = async (id: number): Promise<number> => {
  const lines = (await ask(stage.app, `GET /v1/orders/${id}`, { key })).body.lines as { id: number }[]
  return lines[0]?.id ?? 0
}
const acts = (id: number) => stage.sql`select kind, state, body from acts where order_id = ${id} order by id`

test('an order that may be picked up is told as such, and its units stay promised', async () => {
  const id = await book(stage, 'P-1')
  const lineId = await lineOf(id)
  const before = await stock()
  const part = { lines: [{ lineId, quantity: 1 }] }
  const told = await act(id, 'ready', part, 'ready-1')
  expect(told.body).toMatchObject({ lines: [{ lineId, externalLineId: '1', quantity: 1 }], replayed: false })
  expect((await act(id, 'ready', part, 'ready-1')).body).toEqual({ ...told.body, replayed: true })
  expect(await acts(id)).toMatchObject([{ kind: 'ready', state: 'intended', body: { lines: [{ externalLineId: '1', quantity: 1 }] } }])
  expect((await act(id, 'ready', { lines: [{ lineId, quantity: 3 }] })).body).toMatchObject({ status: 409, code: 'insufficient_stock' })
  expect(await stock()).toEqual(before)
  await act(id, 'ship', {})
  expect((await act(id, 'ready', {})).body).toMatchObject({ status: 409, code: 'conflict' })
  expect((await act(999_999, 'ready', {})).status).toBe(404)
})

test('an order that was accepted is told as such, with all that is open', async () => {
  const id = await book(stage, 'P-2')
  expect((await act(id, 'acknowledge', undefined)).body).toMatchObject({ lines: [{ quantity: 2 }] })
  await act(id, 'cancel', {})
  expect((await act(id, 'acknowledge', undefined)).body).toMatchObject({ status: 409, code: 'conflict' })
})

test('a cancellation says why in the words of the field, and in no others', async () => {
  const id = await book(stage, 'P-3')
  expect((await act(id, 'cancel', { cause: 'bored' })).status).toBe(422)
  expect((await act(id, 'cancel', { cause: 'undeliverable', reason: 'no such street' })).status).toBe(200)
  expect(await acts(id)).toMatchObject([{ kind: 'cancel', body: { cause: 'undeliverable', reason: 'no such street' } }])
})

test('money goes back up to what was paid, and not a cent further, whatever was asked for before', async () => {
  const id = await book(stage, 'P-4')
  const lineId = await lineOf(id)
  await act(id, 'ship', {})
  const before = await stock()
  const line = (amount: string, quantity = 0) => ({ lines: [{ lineId, quantity, amount }], cause: 'faulty' })
  expect((await act(id, 'refund', line('25.51'))).body).toMatchObject({ status: 422, code: 'invalid' })
  const first = await act(id, 'refund', { ...line('20', 2), shipping: '3.5' }, 'refund-1')
  expect(first.body).toMatchObject({ lines: [{ lineId, quantity: 2 }], replayed: false })
  expect((await act(id, 'refund', { ...line('20', 2), shipping: '3.5' }, 'refund-1')).body).toEqual({ ...first.body, replayed: true })
  expect((await act(id, 'refund', line('2.01'))).text).toContain('2.01 EUR cannot be refunded: 25.5 was paid, and 23.5 went back already.')
  // What the platform refused did not go back.
  await stage.sql`update acts set state = 'refused' where order_id = ${id} and kind = 'refund'`
  expect((await act(id, 'refund', line('25.5'))).status).toBe(200)
  expect((await act(id, 'refund', line('0.01'))).status).toBe(422)
  expect(await acts(id)).toMatchObject([
    { kind: 'ship' },
    { body: { refund: { currency: 'EUR', amounts: { 1: '20.00' }, shipping: '3.50', total: '23.50' }, cause: 'faulty' } },
    { body: { refund: { amounts: { 1: '25.50' }, shipping: null, total: '25.50' } } },
  ])
  expect(await stock()).toEqual(before)
})

test('where it is told what each line and the shipping cost, no more goes back for one of them than that', async () => {
  const charge = (price: number) => chargeOf({ price }, true)
  const parts = { lines: { 1: charge(2000) }, shipping: charge(400), fees: charge(150) }
  const amounts = { digits: 2, taxIncluded: true, ...parts, discount: 0, total: 2550, paid: 2550 }
  const id = await book(stage, 'P-M', { amounts })
  const lineId = await lineOf(id)
  await act(id, 'ship', {})
  const wish = (amount: string, more = {}) => ({ lines: [{ lineId, quantity: 0, amount }], cause: 'faulty', ...more })
  expect((await act(id, 'refund', wish('20.01'))).text).toContain(`20.01 EUR cannot be refunded for MUG (line ${lineId}): 20 was paid.`)
  expect((await act(id, 'refund', wish('15', { shipping: '5' }))).status).toBe(200)
  expect((await act(id, 'refund', { lines: [], shipping: '0.51', cause: 'faulty' })).body).toMatchObject({
    status: 422,
    detail: '0.51 EUR cannot be refunded for shipping and fees: 5.5 was paid, and 5 went back already.',
  })
  expect((await act(id, 'refund', wish('5', { shipping: '0.5' }))).status).toBe(200)
  // Not paid in full: what was paid is the most.
  const unpaid = await book(stage, 'P-U', { amounts: { ...amounts, paid: 1000 } })
  await act(unpaid, 'ship', {})
  const some = { lines: [{ lineId: await lineOf(unpaid), quantity: 0, amount: '10.01' }], cause: 'faulty' }
  expect((await act(unpaid, 'refund', some)).text).toContain('10.01 EUR cannot be refunded: 10 was paid.')
})

test('a refund names lines of the order, each once, amounts that its currency has, and something to give back', async () => {
  const id = await book(stage, 'P-5')
  const lineId = await lineOf(id)
  const line = { lineId, quantity: 0, amount: '1' }
  for (const [lines, words] of [
    [[], 'Say what goes back'],
    [[line, line], 'A line is named twice.'],
    [[{ ...line, amount: '1.005' }], '1.005 is no amount of EUR'],
    [[{ ...line, amount: '0' }], '0 is no amount of EUR'],
    [[{ ...line, quantity: 3 }], `MUG (line ${lineId}) has 2 units, not 3.`],
  ] as const)
    expect((await act(id, 'refund', { lines, cause: 'other' })).text).toContain(words)
  expect((await act(id, 'refund', { lines: [{ ...line, lineId: 999_999 }], cause: 'other' })).status).toBe(404)
  await stage.sql`update orders set total = null where id = ${id}`
  expect((await act(id, 'refund', { lines: [line], cause: 'other' })).text).toContain('has not said what was paid')
  expect(await acts(id)).toEqual([])
})

test('two who refund the same order at once cannot give back more than was paid', async () => {
  const id = await book(stage, 'P-6')
  const wish = { lines: [{ lineId: await lineOf(id), quantity: 0, amount: '13' }], cause: 'other' }
  const answers = await Promise.all([act(id, 'refund', wish), act(id, 'refund', wish)])
  expect(answers.map(answer => answer.status).sort()).toEqual([200, 422])
})

test('a shipment that the platform refused is asked for again, once, and one that was not is left alone', async () => {
  const id = await book(stage, 'P-again')
  const { actId } = (await act(id, 'ship', {})).body as { actId: number }
  expect((await act(id, `acts/${actId}/retry`, undefined)).body).toMatchObject({ status: 409, code: 'conflict' })
  await stage.sql`update acts set state = 'refused', reason = 'no such carrier', ended_at = now() where id = ${actId}`
  const again = await act(id, `acts/${actId}/retry`, undefined, 'again-1')
  expect(again.body).toMatchObject({ actId, lines: [{ externalLineId: '1' }], replayed: false })
  expect((await act(id, `acts/${actId}/retry`, undefined, 'again-1')).body).toEqual({ ...again.body, replayed: true })
  expect(await acts(id)).toMatchObject([{ kind: 'ship', state: 'intended' }])
  expect((await act(id, 'acts/999999/retry', undefined)).status).toBe(404)
})
