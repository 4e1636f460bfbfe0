import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPriceFacts } from '../../db/price-facts.ts'
import { priceDocument } from '../../src/domain/pricing/document.ts'
import { bounds } from '../../src/domain/pricing/limits.ts'
import { type Resolved, resolvePrice } from '../../src/domain/pricing/resolve.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'
import { CHANNELS, layInPriceGoods, NOW, priceScene, SKUS, setPriceScene } from './price-scene.ts'

// The SQL repeats the rule of prices for many variants at once: here both get the same random lists, rules, rates, taxes and limits.

const { sql } = await freshDatabase()
await layInPriceGoods(sql)

type Row = {
  readonly sku: string
  readonly amount: string | null
  readonly why: { readonly list?: string; readonly plain?: number; readonly entry?: number; readonly held?: string }
}

const inSql = (row: Row): object => ({
  sku: row.sku,
  amount: row.amount === null ? null : Number(row.amount),
  held: row.why.held ?? null,
  by: row.why.list ?? row.why.plain ?? null,
  entry: row.why.entry ?? null,
})

const byRule = (sku: string, { amount, held, winner }: Resolved): object => ({
  sku,
  amount: amount === null ? null : amount.toNumber(),
  held,
  by: winner.source.kind === 'list' ? winner.source.list.code : winner.source.price.id,
  entry: winner.spoke?.entry.id ?? null,
})

async function factsOf(channel: string, partner: string | null) {
  const facts = await Promise.all(
    SKUS.map(async sku => ({ sku, facts: await readPriceFacts(sql, { sku, channel, partner, known: null }) })),
  )
  return facts.flatMap(({ sku, facts }) => (facts ? [{ sku, facts }] : []))
}

test('a price is the same in SQL and in the rule, and no price is below its floor: lists, rules, rates, taxes, rounding, limits', async () => {
  const runs = repetitions('prices in SQL', 80, 5_000)
  await fc.assert(
    fc.asyncProperty(
      priceScene,
      fc.constantFrom(null, 'p'),
      fc.constantFrom(1, 1, 4, 12),
      fc.constantFrom('regular', 'sale'),
      async (scene, partner, quantity, track) => {
        await setPriceScene(sql, scene)
        for (const channel of CHANNELS) {
          const rows = await sql<Row[]>`
          select v.sku, r.amount, r.why from price_resolve_1((select id from channels where code = ${channel}), (select array_agg(id) from variants),
            (select id from partners where code = ${partner}), ${quantity}, ${track}, ${NOW}, 'infinity') r join variants v on v.id = r.variant_id order by v.id`
          const facts = await factsOf(channel, partner)
          const resolved = facts.flatMap(({ sku, facts }) => {
            const one = resolvePrice(facts, track as 'regular' | 'sale', quantity, NOW)
            return one ? [byRule(sku, one)] : []
          })
          expect(rows.map(inSql)).toEqual(resolved)
          for (const row of rows) {
            const one = facts.find(({ sku }) => sku === row.sku)
            const floor = one ? bounds(one.facts, NOW).floor : null
            if (row.amount !== null && floor) expect(Number(row.amount)).toBeGreaterThanOrEqual(floor.amount.toNumber())
          }
        }
      },
    ),
    { numRuns: runs },
  )
}, 3_600_000)

test('what a channel shows of prices is the same in SQL and in the rule: the sale of now, or the next one', async () => {
  const runs = repetitions('price documents in SQL', 50, 5_000)
  await fc.assert(
    fc.asyncProperty(priceScene, async scene => {
      await setPriceScene(sql, scene)
      for (const channel of CHANNELS) {
        const rows = await sql<{ sku: string; price: unknown; held: string | null }[]>`
          select v.sku, s.price - 'currency' as price, s.held from channel_price_2(array[(select id from channels where code = ${channel})], (select array_agg(id) from variants), ${NOW}) s
          join variants v on v.id = s.variant_id order by v.id`
        const documented = (await factsOf(channel, null)).flatMap(({ sku, facts }) => {
          const { document, regular } = priceDocument(facts, NOW)
          return regular ? [{ sku, price: document && JSON.parse(JSON.stringify(document)), held: regular.held }] : []
        })
        expect(rows.map(row => ({ ...row }))).toEqual(documented)
      }
    }),
    { numRuns: runs },
  )
}, 3_600_000)
