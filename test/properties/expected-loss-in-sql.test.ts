import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonValue } from '../../db/connect.ts'
import { expectedLoss } from '../../src/domain/sync/expected-loss.ts'
import { stakesOf } from '../../src/domain/sync/stakes.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'

// The SQL weighs what waits as it is written: here rule and SQL get the same random input.

const { sql } = await freshDatabase()

const money = fc.integer({ min: 1, max: 5_000_000 }).map(cents => cents / 100)
const known = fc
  .record({
    units: fc.oneof(fc.nat(20), fc.nat(100_000)),
    recentShare: fc.double({ min: 0, max: 1, noNaN: true }),
    days: fc.double({ min: 0, max: 28, noNaN: true }),
    price: fc.option(money),
    cost: fc.option(money),
    terms: fc.option(fc.record({ margin: money, cancellation: money })),
  })
  .map(({ recentShare, ...rest }) => ({ ...rest, recent: Math.floor(rest.units * recentShare) }))
const waiting = fc.oneof(
  fc.record({ field: fc.constant('stock' as const), shown: fc.option(fc.nat(300)), target: fc.oneof(fc.constant(0), fc.nat(300)) }),
  fc.record({ field: fc.constant('price' as const), shown: fc.option(money), target: fc.oneof(fc.constant(0), money) }),
)

test('what is at stake with a SKU, and what is lost while a value waits, is the same in SQL and in the rule', async () => {
  const runs = repetitions('expected loss in SQL', 200, 5_000)
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ known, waiting }), { minLength: 1, maxLength: 10 }), async cases => {
      const rows = await sql<{ mean: number; shape: number; margin: number; cancellation: number; loss: number }[]>`
        select s.*, case w.field when 'stock' then loss_of_stock(w.shown::int, w.target::int, s.mean, s.shape, s.margin, s.cancellation)
          else loss_of_price(w.shown, w.target, s.mean, s.margin) end as loss
        from jsonb_array_elements(${sql.json(cases as unknown as JsonValue)}) with ordinality x(one, n)
        cross join lateral jsonb_to_record(one->'known') k(units float8, days float8, recent float8, price float8, cost float8, terms jsonb)
        cross join lateral jsonb_to_record(one->'waiting') w(field text, shown float8, target float8)
        cross join lateral stakes_of_1(k.units, k.days, k.recent, k.price, k.cost, (k.terms->>'margin')::float8, (k.terms->>'cancellation')::float8) s order by x.n`
      cases.forEach((one, at) => {
        const stakes = stakesOf(one.known)
        const byRule = { ...stakes, loss: expectedLoss(one.waiting, stakes) }
        const inSql = rows[at]
        for (const [name, value] of Object.entries(byRule)) {
          const other = inSql?.[name as keyof typeof byRule] ?? Number.NaN
          // Sums of many small terms: their last digits are the machine's.
          expect(Math.abs(other - value), `${name}: ${other} in SQL, ${value} by the rule`).toBeLessThanOrEqual(
            1e-9 * Math.max(1, Math.abs(value), byRule.cancellation),
          )
        }
      })
    }),
    { numRuns: runs },
  )
})
