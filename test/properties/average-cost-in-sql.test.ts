import fc from 'fast-check'
import { expect, test } from 'vitest'
import { averageCost } from '../../src/domain/inventory/average-cost.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

// The SQL repeats the rule of the domain: both get the same random receipts.

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 0, shop: 0 } })
const [mug] = await sql<{ id: number }[]>`select id from variants where sku = 'MUG'`
const variantId = mug?.id ?? 0

// Few units and few decimals meet the middle between two millionths often; large ones meet the end of the digits.
const units = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 10_000_000 }))
const cost = fc
  .oneof(fc.bigInt({ min: 0n, max: 99n }), fc.bigInt({ min: 0n, max: 999_999_999_999_999_999n }))
  .map(millionths => `${millionths / 1_000_000n}.${String(millionths % 1_000_000n).padStart(6, '0')}`)

test('the average cost after receipts is the same in SQL and in the rule', async () => {
  const runs = repetitions('average cost in SQL', 100, 3_000)
  await fc.assert(
    fc.asyncProperty(fc.nat(50), fc.array(fc.tuple(units, cost), { minLength: 1, maxLength: 5 }), async (opening, receipts) => {
      await sql`delete from variant_costs`
      await sql`update balances set on_hand = ${opening} where variant_id = ${variantId} and location_id = (select id from locations where code = 'shop')`
      await sql`update balances set on_hand = 0 where variant_id = ${variantId} and location_id = (select id from locations where code = 'main')`
      let held = opening
      let average: string | null = null
      for (const [many, each] of receipts) {
        await sql`select cost_average(${variantId}, ${many}, ${each}::numeric, 'EUR', ${sql.json({ actor: 'test' })})`
        await sql`update balances set on_hand = on_hand + ${many} where variant_id = ${variantId} and location_id = (select id from locations where code = 'main')`
        average = averageCost({ units: held, unitCost: average ?? each }, { units: many, unitCost: each })
        held += many
      }
      const rows = await sql`select average::text, currency from variant_costs where valid_to is null`
      expect(rows).toEqual([{ average, currency: 'EUR' }])
    }),
    { numRuns: runs },
  )
})
