import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPriceFacts } from '../../db/price-facts.ts'
import { effectivePrice } from '../../src/domain/pricing/effective.ts'
import { toldPrice } from '../../src/domain/pricing/explained.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'
import { CHANNELS, layInPriceGoods, NOW, priceScene, SKUS, setPriceScene } from './price-scene.ts'

const { sql } = await freshDatabase()
await layInPriceGoods(sql)

test('what a buyer pays is the same in SQL and in the rule, and the last step of its explanation leads to it', async () => {
  await fc.assert(
    fc.asyncProperty(priceScene, fc.constantFrom(null, 'p'), fc.constantFrom(1, 3, 12), async (scene, partner, quantity) => {
      await setPriceScene(sql, scene)
      for (const channel of CHANNELS) {
        const rows = await sql<{ sku: string; amount: string | null; sale: string | null; held: string | null }[]>`
          select v.sku, trim_scale(r.amount)::text as amount, trim_scale(r.sale)::text as sale, r.held
          from price_effective_1((select id from channels where code = ${channel}), (select array_agg(id) from variants), (select id from partners where code = ${partner}),
            ${quantity}, ${NOW}, 'infinity') r join variants v on v.id = r.variant_id order by v.id`
        const byRule = []
        for (const sku of SKUS) {
          const facts = await readPriceFacts(sql, { sku, channel, partner, known: null })
          if (facts === null) throw new Error(`no facts of ${sku} in ${channel}`)
          const { amount, regular, isSale } = effectivePrice(facts, quantity, NOW)
          if (regular === null) continue
          byRule.push({ sku, amount: amount?.toFixed() ?? null, sale: isSale ? (amount?.toFixed() ?? null) : null, held: regular.held })
          const told = toldPrice(facts, regular)
          if (told.amount !== null) expect(told.steps.at(-1)?.amount).toBe(told.amount)
        }
        expect(rows.map(row => ({ ...row }))).toEqual(byRule)
      }
    }),
    { numRuns: repetitions('what a buyer pays in SQL', 80, 5_000) },
  )
}, 3_600_000)
