import { expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { chargeOf, NO_CHARGE } from '../../src/values/order-amounts.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel, toBook } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { MUG: { depot: 9 }, CUP: { depot: 9 } })
const { accountId } = await quietChannel(sql, 'shop', ['depot'])

test('of units that were taken off at the platform after they were paid, the money goes back, and that of the others still can', async () => {
  const state = async (mugs: number, stamp: string) => {
    const charge = (price: number) => chargeOf({ price }, true)
    const lines = [
      { sku: 'MUG', ordered: mugs },
      { sku: 'CUP', ordered: 1 },
    ]
    const amounts = {
      ...{
        digits: 2,
        taxIncluded: true,
        lines: { 1: charge(mugs * 1000), 2: charge(500) },
        shipping: charge(300),
        fees: NO_CHARGE,
        discount: 0,
      },
      ...{ total: mugs * 1000 + 800, paid: 3800 },
    }
    const total = (amounts.total / 100).toFixed(2)
    const [done] = await bookOrders(sql, [{ ...toBook(accountId, 'shop', { id: 'E-1', stamp, lines }), total, amounts }], 'test')
    return done?.orderId ?? 0
  }
  const id = await state(3, '2026-01-01T00:00:00Z')
  const rows = await sql<{ id: number }[]>`select id from order_lines where order_id = ${id} order by external_line_id`
  const refund = (line: number, amount: string) =>
    refundOrder(context, null, id, { lines: [{ lineId: rows[line]?.id ?? 0, quantity: 0, amount }], cause: 'other' }).then(
      () => 'refunded',
      (error: Error) => error.message,
    )
  expect(await refund(0, '30.01')).toContain('cannot be refunded')
  await state(2, '2026-01-02T00:00:00Z')
  expect(await refund(0, '30.01')).toContain('cannot be refunded')
  // The mug that was taken off, then the others, the cup, and the shipping: all that was paid, and no cent more.
  expect(await refund(0, '10')).toBe('refunded')
  expect(await refund(0, '20.01')).toContain('cannot be refunded')
  expect(await refund(0, '20')).toBe('refunded')
  expect(await refund(1, '5.01')).toContain('cannot be refunded')
  expect(await refund(1, '5')).toBe('refunded')
  const shipping = (amount: string) => refundOrder(context, null, id, { lines: [], shipping: amount, cause: 'other' })
  await expect(shipping('3.01')).rejects.toThrow('38 was paid')
  expect(await shipping('3')).toMatchObject({ replayed: false })
  await expect(shipping('0.01')).rejects.toThrow('38 was paid')
})
