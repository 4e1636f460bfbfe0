import { expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { isCancellable } from '../../db/pick-up-choice.ts'
import { writePlatforms } from '../../db/platforms.ts'
import { cancelOrder } from '../../src/usecases/act-on-order.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { NO_CHARGE, type OrderAmounts } from '../../src/values/order-amounts.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, toBook } from '../support/goods.ts'
import { testKeyring } from '../support/webhook-account.ts'

// Where each place of an account is a channel, one order of the platform is several here: the platform cancels it as a whole when the last of them is.

const { sql } = await freshDatabase()
await layIn(sql, { CUP: { main: 100 } })
const context = { sql, keyring: await testKeyring(), actor: 'test' } as const
const told = { platform: 'shopify', saleDates: false, saleBeside: true, referencePrice: false }
const [account] = await sql<{ answer: { accountId: number } }[]>`select account_create_1(${sql.json({
  ...{ actor: 'test', name: 'places', platform: 'shopify', settings: {}, credentials: '', webhookSecret: '', webhookToken: 'places' },
  channels: ['one', 'two'].map(code => ({ code, name: code, ref: code, currency: 'EUR' })),
  ...{ locations: null, stockPerAccount: false },
})}) as answer`
const accountId = account?.answer.accountId ?? 0
const charge = (total: number) => ({ ...NO_CHARGE, price: total, total })
const amounts: OrderAmounts = {
  ...{ digits: 2, taxIncluded: true, lines: { 1: charge(2000) }, shipping: charge(300), fees: NO_CHARGE, discount: 0, total: 2300 },
}

async function parts(id: string): Promise<readonly { readonly id: number; readonly line: number }[]> {
  const lines = [{ sku: 'CUP', ordered: 2 }]
  const documents = [
    { ...toBook(accountId, 'one', { id, lines }), total: '23.00', amounts },
    { ...toBook(accountId, 'two', { id: `${id}@two`, lines }), total: '23.00', amounts },
  ]
  const booked = await bookOrders(sql, documents, 'test')
  return sql<{ id: number; line: number }[]>`
    select o.id, l.id as line from orders o join order_lines l on l.order_id = o.id where o.id = any(${booked.map(one => one.orderId ?? 0)}::bigint[]) order by o.id`
}

const back = async (actId: number) =>
  (await sql<{ back: unknown }[]>`select body->'refund' as back from acts where id = ${actId}`)[0]?.back ?? null

test('the first part gives back what was paid for its goods, the last one all that is left, shipping of the first included', async () => {
  await writePlatforms(sql, [{ ...told, cancels: 'parts', cancelPaysWhole: true, cancelPaysParts: true }])
  const [one, two] = await parts('P1')
  if (!one || !two) throw new Error('two parts were not booked')
  const first = await cancelOrder(context, null, one.id, {})
  expect(await back(first.actId)).toEqual({ currency: 'EUR', amounts: { 1: '20.00' }, shipping: null, total: '20.00' })
  const last = await cancelOrder(context, null, two.id, {})
  expect(await back(last.actId)).toEqual({ whole: true, currency: 'EUR', amounts: { 1: '20.00' }, shipping: '3.00', total: '23.00' })
  const shipping = refundOrder(context, null, one.id, { lines: [], shipping: '0.01', cause: 'other' })
  await expect(shipping).rejects.toThrow('0.01 EUR cannot be refunded: 23 was paid, and 23 went back already.')
})

test('where a platform cancels whole orders only, a part is not to be cancelled while another one stands', async () => {
  await writePlatforms(sql, [{ ...told, cancels: 'whole', cancelPaysWhole: true }])
  const [one, two] = await parts('P2')
  if (!one || !two) throw new Error('two parts were not booked')
  expect(await isCancellable(sql, two.id, [{ lineId: two.line, quantity: 2 }])).toBe(false)
  expect(await back((await cancelOrder(context, null, one.id, {})).actId)).toBeNull()
  expect(await isCancellable(sql, two.id, [{ lineId: two.line, quantity: 2 }])).toBe(true)
})
