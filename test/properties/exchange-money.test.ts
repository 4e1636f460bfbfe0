import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { orderLines } from '../../db/pages-orders.ts'
import { cancelOrder, shipOrder } from '../../src/usecases/act-on-order.ts'
import { lookedAt, receiveReturn } from '../../src/usecases/change-order.ts'
import { exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { refundOrder } from '../../src/usecases/refund-order.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'
import { isLong, repetitions } from '../support/repetitions.ts'

const { sql } = await freshDatabase({ max: 1 })
const context = await testContext(sql)
await layIn(sql, { MUG: { depot: 1_000_000 }, CUP: { depot: 1_000_000 } })
const shop = await quietChannel(sql, 'shop', ['depot'])

const few = fc.integer({ min: 1, max: 3 })
const step = fc.record({
  do: fc.constantFrom('exchange', 'exchange', 'ship', 'cancel', 'return', 'refund'),
  /** To which order of those that there are, the first one or what went out for it. */
  which: fc.nat(9),
  units: few,
  /** What goes out for them, and what of their worth is to go back, in percent. */
  out: few,
  less: fc.constantFrom(0, 0, 10, 33),
  /** What is refunded of what is owed, in percent. */
  part: fc.integer({ min: 1, max: 100 }),
})

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** What came for goods goes back for others again and again, so that this is not left out by luck of a seed. */
const AGAIN = [1, 2, 3].map((units): [number, number, Step[]] => [
  units,
  1_999,
  [0, 1, 2, 3].flatMap(which => {
    const one = { which, units, out: 1 + (which % 3), less: 10 as const, part: 50 }
    return [...(which === 0 ? [] : [{ ...one, do: 'ship' as const }]), { ...one, do: 'exchange' as const }]
  }),
])

/** An order as its buyer sees it: each unit has a worth in minor units, however it came about. */
type Goods = { readonly id: number; readonly line: number; readonly worth: number; open: number; out: number }

/** Whether so much can be refunded; nothing of it stays. */
async function mayRefund(order: Goods, minor: number): Promise<boolean> {
  let may = false
  await sql
    .begin(async tx => {
      may = await refund({ ...context, sql: tx as unknown as typeof sql }, order, minor).then(
        () => true,
        () => false,
      )
      throw new Error('only asked')
    })
    .catch(() => undefined)
  return may
}
const refund = (by: typeof context, order: Goods, minor: number) =>
  refundOrder(by, null, order.id, { lines: [{ lineId: order.line, quantity: 0, amount: (minor / 100).toFixed(2) }], cause: 'returned' })

let booked = 0
async function sold(units: number, price: number): Promise<Goods> {
  booked += 1
  const lines = [{ sku: 'MUG', ordered: units, shipped: units }]
  const [made] = await book(sql, shop, 'shop', [{ id: `M-${booked}`, effect: 'settle', lines }])
  const id = made?.orderId ?? 0
  await sql`update orders set total = ${((units * price) / 100).toFixed(2)} where id = ${id}`
  await sql`update order_lines set unit_price = ${(price / 100).toFixed(2)} where order_id = ${id}`
  return { id, line: (await orderLines(sql, id))[0]?.id ?? 0, worth: price, open: 0, out: units }
}

async function exchanged(of: Goods, units: number, out: number, lessPercent: number): Promise<Goods> {
  const less = Math.floor((of.worth * units * lessPercent) / 100)
  const { replacementId } = await exchangeOrder(context, null, of.id, {
    ...{ received: lookedAt([{ lineId: of.line, quantity: units }], 'stock'), location: 'depot' },
    replacement: { lines: [{ sku: 'CUP', quantity: out }], handOver: 'ship' },
    difference: less === 0 ? '0' : `-${(less / 100).toFixed(2)}`,
  })
  of.out -= units
  const [line] = await orderLines(sql, replacementId)
  return { id: replacementId, line: line?.id ?? 0, worth: (of.worth * units - less) / out, open: out, out: 0 }
}

async function comesBack(of: Goods, quantity: number): Promise<void> {
  await receiveReturn(context, null, of.id, { location: 'depot', lines: lookedAt([{ lineId: of.line, quantity }], 'stock') })
  of.out -= quantity
}
async function cancelled(of: Goods, quantity: number): Promise<void> {
  await cancelOrder(context, null, of.id, { lines: [{ lineId: of.line, quantity }], cause: 'customer' })
  of.open -= quantity
}

test(
  'money is conserved by exchanges, in part or in turn: what its buyer has or is to get, what he was refunded, and what can be refunded are together what he paid',
  async () => {
    const seen = { exchange: 0, again: 0, ship: 0, cancel: 0, return: 0, refund: 0 }
    await fc.assert(
      fc.asyncProperty(
        few,
        fc.integer({ min: 101, max: 5_000 }),
        fc.array(step, { minLength: 3, maxLength: 12 }),
        async (units, price, steps) => {
          const first = await sold(units, price)
          const all = [first]
          const paid = units * price
          let refunded = 0
          const owed = () => paid - all.reduce((sum, one) => sum + one.worth * (one.open + one.out), 0)
          for (const one of steps) {
            const of = all[one.which % all.length] ?? first
            const here = Math.min(one.units, one.do === 'cancel' || one.do === 'ship' ? of.open : of.out)
            if (one.do === 'refund') {
              const minor = Math.floor(((owed() - refunded) * one.part) / 100)
              if (minor <= 0) continue
              await refund(context, first, minor)
              refunded += minor
            } else if (here === 0) continue
            else if (one.do === 'exchange') {
              all.push(await exchanged(of, here, one.out, one.less))
              if (of !== first) seen.again += 1
            } else if (one.do === 'return') await comesBack(of, here)
            else if (one.do === 'cancel') await cancelled(of, here)
            else {
              await shipOrder(context, null, of.id, { lines: [{ lineId: of.line, quantity: here }] })
              of.open -= here
              of.out += here
            }
            seen[one.do] += 1
          }
          // While there is an exchange: of an order without one, its money may go back before its goods do. To the minor unit, in the buyer's favour, of goods and of differences.
          const left = Math.ceil(owed() - 1e-6) - refunded
          if (left > 0) expect(await mayRefund(first, left)).toBe(true)
          const outstanding = all.slice(1).some(goods => goods.open + goods.out > 0)
          if (outstanding) expect(await mayRefund(first, left + Math.round(first.out * price) + 3)).toBe(false)
          for (const goods of all) {
            if (goods.open > 0) await cancelled(goods, goods.open)
            if (goods.out > 0) await comesBack(goods, goods.out)
          }
          if (paid > refunded) expect(await mayRefund(first, paid - refunded)).toBe(true)
          expect(await mayRefund(first, paid - refunded + 1)).toBe(false)
        },
      ),
      { numRuns: repetitions('exchanges and their money', 150, 3_000), examples: AGAIN },
    )
    expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(5)
  },
  isLong ? 3_600_000 : 120_000,
)
