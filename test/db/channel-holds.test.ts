import { expect, test } from 'vitest'
import { bookOrders, type OrderToBook } from '../../db/orders.ts'
import { letGoOrder } from '../../src/usecases/change-order.ts'
import { setHoldRule } from '../../src/usecases/hold-rules.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel, toBook } from '../support/goods.ts'
import { testKeyring } from '../support/webhook-account.ts'

// What a platform says is not to be filled yet is held, with its stock promised, and goes on when the platform says so no more; what a person let go stays let go.

const { sql } = await freshDatabase()
await layIn(sql, { CUP: { main: 50 } })
const { accountId } = await quietChannel(sql, 'market')
const context = { sql, keyring: await testKeyring(), actor: 'test' } as const
const UNPAID = [{ kind: 'payment', reason: 'PENDING' }] as const

let day = 1
async function told(id: string, more: Partial<OrderToBook>): Promise<number> {
  day += 1
  const sketch = toBook(accountId, 'market', {
    id,
    lines: [{ sku: 'CUP', ordered: 1 }],
    stamp: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`,
  })
  const [answer] = await bookOrders(sql, [{ ...sketch, ...more }], 'channel:market')
  return answer?.orderId ?? 0
}
const stateOf = async (id: number) => {
  const [row] = await sql<{ state: string; reserved: number }[]>`
    select o.state, l.reserved from orders o join order_lines l on l.order_id = o.id where o.id = ${id}`
  const holds = await sql<{ kind: string; by: string | null }[]>`
    select kind, ended_by as by from order_holds where order_id = ${id} order by id`
  return [row?.state, row?.reserved, ...holds.map(one => `${one.kind}:${one.by ?? 'open'}`)]
}

test('held while it is not paid, also where it was heard of before; it goes on by itself, and a message that tells nothing changes nothing', async () => {
  const id = await told('A', { flags: UNPAID })
  expect(await stateOf(id)).toEqual(['held', 1, 'payment:open'])
  await told('A', {})
  expect(await stateOf(id)).toEqual(['held', 1, 'payment:open'])
  await told('A', { flags: [] })
  expect(await stateOf(id)).toEqual(['accepted', 1, 'payment:channel'])
  await told('A', { flags: [{ kind: 'fraud', reason: 'CANCEL' }, ...UNPAID] })
  expect(await stateOf(id)).toEqual(['held', 1, 'payment:channel', 'fraud:open', 'payment:open'])
  const plain = await told('B', { flags: [] })
  expect(await stateOf(plain)).toEqual(['accepted', 1])
  await told('B', { flags: UNPAID })
  expect(await stateOf(plain)).toEqual(['held', 1, 'payment:open'])
})

test('what a person let go stays let go, whatever the channel repeats', async () => {
  const id = await told('C', { flags: UNPAID })
  await letGoOrder(context, null, id, { reason: 'paid at the counter' })
  await told('C', { flags: UNPAID })
  expect(await stateOf(id)).toEqual(['accepted', 1, 'payment:test'])
})

test('by rule an order without an address is held until its channel tells one; a hold of a person is not ended by it', async () => {
  const free = await told('D', { noAddress: true })
  expect(await stateOf(free)).toEqual(['accepted', 1])
  await setHoldRule(context, null, { rule: 'address', channel: null })
  const id = await told('E', { noAddress: true })
  expect(await stateOf(id)).toEqual(['held', 1, 'address:open'])
  await told('E', { noAddress: true })
  expect(await stateOf(id)).toEqual(['held', 1, 'address:open'])
  await told('E', { noAddress: false })
  expect(await stateOf(id)).toEqual(['accepted', 1, 'address:channel'])
  await sql`insert into order_holds (order_id, kind, by_rule, actor) values (${free}, 'address', false, 'user:ana')`
  await told('D', { noAddress: false, flags: [] })
  expect(await stateOf(free)).toEqual(['held', 1, 'address:open'])
})

test('what a notification did not tell comes with the order itself, though it is of the same instant', async () => {
  const stamp = '2026-02-01T00:00:00Z'
  const id = await told('F', { stamp })
  expect(await stateOf(id)).toEqual(['accepted', 1])
  await told('F', { stamp, noAddress: true, flags: [] })
  expect(await stateOf(id)).toEqual(['held', 1, 'address:open'])
  const events = await sql`select transition, to_state as "to" from order_events where order_id = ${id} order by id`
  await told('F', { stamp, noAddress: true, flags: [] })
  expect(await sql`select transition, to_state as "to" from order_events where order_id = ${id} order by id`).toEqual(events)
  await told('F', { stamp, noAddress: false, flags: [] })
  expect(await stateOf(id)).toEqual(['accepted', 1, 'address:channel'])
})
