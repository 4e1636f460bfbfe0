import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { Fault } from '../../src/values/fault.ts'
import { fromMinorUnits, type OrderAmounts } from '../../src/values/order-amounts.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, quietChannel, toBook } from '../support/goods.ts'
import { amountsArb } from '../support/order-amounts.ts'
import { repetitions } from '../support/repetitions.ts'
import { testKeyring } from '../support/webhook-account.ts'

const IDS = ['1', '2']
const { sql } = await freshDatabase({ max: 1 })
await layIn(sql, { CUP: { main: 1_000_000 } })
const { accountId } = await quietChannel(sql, 'shop')
const context = { sql, keyring: await testKeyring(), actor: 'test' } as const

/** A part of what was paid for each line and for shipping and fees, in thousandths (above 1000: too much); what is to be asked for once more; what the platform refused. */
const step = fc.record({
  lines: fc.tuple(fc.nat(1_100), fc.nat(1_100)),
  shipping: fc.nat(1_100),
  again: fc.boolean(),
  refused: fc.nat(5).map(n => n === 0),
})
const history = fc.record({
  amounts: amountsArb(IDS),
  /** Of what it costs; above 1000: the channel does not tell. */
  paid: fc.integer({ min: 500, max: 1_500 }),
  steps: fc.array(step, { minLength: 1, maxLength: 6 }),
})

let booked = 0
async function order(amounts: OrderAmounts): Promise<{ id: number; lineIds: number[] }> {
  booked += 1
  const lines = IDS.map(() => ({ sku: 'CUP', ordered: 1 }))
  const total = fromMinorUnits(amounts.total, amounts.digits)
  const currency = ({ 0: 'JPY', 2: 'EUR', 3: 'KWD' } as Record<number, string>)[amounts.digits] ?? 'EUR'
  const [made] = await bookOrders(sql, [{ ...toBook(accountId, 'shop', { id: `R-${booked}`, lines }), total, currency, amounts }], 'test')
  const rows = await sql<{ id: number }[]>`select id from order_lines where order_id = ${made?.orderId ?? 0} order by external_line_id`
  return { id: made?.orderId ?? 0, lineIds: rows.map(row => row.id) }
}

test('whatever is asked for, in whatever order: no more goes back than was paid, in all, for a line, or for shipping and fees; what is less does go back', async () => {
  let given = 0
  let kept = 0
  await fc.assert(
    fc.asyncProperty(history, async ({ amounts: told, paid: share, steps }) => {
      const amounts = share > 1000 ? told : { ...told, paid: Math.floor((told.total * share) / 1000) }
      const { id, lineIds } = await order(amounts)
      const most = [...IDS.map(line => amounts.lines[line]?.total ?? 0), amounts.shipping.total + amounts.fees.total]
      const paid = Math.min(amounts.total, amounts.paid ?? amounts.total)
      const back = most.map(() => 0)
      const all = (): number => back.reduce((sum, one) => sum + one, 0)
      for (const [at, { lines, shipping, again, refused }] of steps.entries()) {
        const asked = [...lines, shipping].map((part, n) => Math.floor(((most[n] ?? 0) * part) / 1000))
        const text = (minor: number): string => fromMinorUnits(minor, amounts.digits)
        const wish = {
          lines: lineIds.flatMap((lineId, n) => (asked[n] ? [{ lineId, quantity: 0, amount: text(asked[n]) }] : [])),
          ...(asked[2] ? { shipping: text(asked[2]) } : {}),
          cause: 'other',
        } as const
        if (wish.lines.length === 0 && wish.shipping === undefined) continue
        const fits = asked.every((one, n) => (back[n] ?? 0) + one <= (most[n] ?? 0)) && all() + asked.reduce((a, b) => a + b, 0) <= paid
        const ask = () => refundOrder(context, `r-${id}-${at}`, id, wish)
        const answer = await ask().catch((error: unknown) => error)
        if (!fits) {
          expect(answer).toBeInstanceOf(Fault)
          expect((answer as Fault).message).toMatch(/cannot be refunded/)
          kept += 1
          continue
        }
        expect(answer).toMatchObject({ replayed: false })
        // The same key again is the same refund.
        if (again) expect(await ask()).toMatchObject({ replayed: true })
        if (refused) await sql`update acts set state = 'refused' where id = ${(answer as { actId: number }).actId}`
        else for (const [n, one] of asked.entries()) back[n] = (back[n] ?? 0) + one
        given += 1
      }
      const [row] = await sql<{ total: number }[]>`
        select coalesce(sum((body->'refund'->>'total')::numeric), 0) * ${10 ** amounts.digits}::int as total from acts where order_id = ${id} and state <> 'refused'`
      expect(Number(row?.total)).toBe(all())
      expect(all()).toBeLessThanOrEqual(paid)
    }),
    { numRuns: repetitions('histories of refunds', 25, 2_000) },
  )
  expect(Math.min(given, kept)).toBeGreaterThan(5)
}, 120_000)
