import fc from 'fast-check'
import { expect, test } from 'vitest'
import { availability } from '../../db/availability.ts'
import { availableToPromise, bundleToPromise, sellableAhead, shownOf } from '../../src/domain/inventory/availability.ts'
import { shownOfMany } from '../../src/usecases/many-availability.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'
import { bucketsOf, hours, layInScene, NOW, PARTS, POOLS, type Scene, SKUS, type Sku, scene, setScene } from './stock-scene.ts'

// The SQL repeats two rules of the domain for many variants at once: here both get the same random input.

const { sql } = await freshDatabase()
const ids = await layInScene(sql)

const policy = fc.oneof(
  fc.record({
    buffer: fc.nat(8),
    bufferPercent: fc.constant(0),
    cap: fc.option(fc.nat(20)),
    stopSellingAt: fc.nat(6),
    sellAhead: fc.boolean(),
  }),
  fc.record({
    ...{ buffer: fc.constant(0), bufferPercent: fc.nat(10_000).map(hundredths => hundredths / 100) },
    ...{ cap: fc.option(fc.nat(20)), stopSellingAt: fc.nat(6), sellAhead: fc.boolean() },
  }),
)
const terms = fc.option(
  fc
    .record({
      kind: fc.constantFrom('backorder', 'preorder'),
      limit: fc.integer({ min: 1, max: 12 }),
      from: fc.option(fc.integer({ min: -2, max: 2 })),
    })
    .filter(one => one.kind === 'backorder' || one.from !== null),
)

/** What a pool can promise of a SKU, by the rule. */
function atpOf({ cells }: Scene, sku: Sku, pool: readonly ('a' | 'b' | 'c')[]): number {
  return pool.reduce((sum, place) => {
    const own = bucketsOf(cells[sku][place])
    const parts = Object.entries(PARTS).map(([part, perUnit]) => ({ perUnit, balance: bucketsOf(cells[part as Sku][place]) }))
    return sum + (sku === 'BOX' ? bundleToPromise({ own, parts }) : availableToPromise(own))
  }, 0)
}

test('what a channel shows is the same in SQL and in the rule: bundles, expired lots and holds, percentages, selling ahead', async () => {
  const runs = repetitions('shown in SQL', 100, 3_000)
  await fc.assert(
    fc.asyncProperty(scene, policy, fc.record({ MUG: terms, LID: terms, BOX: terms }), async (given, rules, agreed) => {
      await setScene(sql, ids, given)
      await sql`
        update channel_policies set buffer = ${rules.buffer}, buffer_percent = ${rules.bufferPercent}, cap = ${rules.cap},
          stop_selling_at = ${rules.stopSellingAt}, sell_ahead = ${rules.sellAhead}`
      await sql`delete from selling_terms`
      for (const sku of SKUS) {
        const one = agreed[sku]
        if (one)
          await sql`insert into selling_terms (variant_id, kind, quantity_limit, available_from, actor)
            values (${ids.sku[sku]}, ${one.kind}, ${one.limit}, ${one.from === null ? null : hours(one.from)}, 'test')`
      }
      const rows = await sql`
        select c.code as channel, v.sku, s.atp, s.ahead, s.buffer, s.shown
        from channel_shown_2(${Object.values(ids.channel)}::bigint[], ${Object.values(ids.sku)}::bigint[], ${NOW}) s
        join channels c on c.id = s.channel_id join variants v on v.id = s.variant_id order by 1, 2`
      const byRule = Object.entries(POOLS).flatMap(([channel, pool]) =>
        SKUS.toSorted().map(sku => {
          const one = agreed[sku]
          const stated = one && {
            ...{ kind: one.kind as 'backorder' | 'preorder', limit: one.limit },
            availableFrom: one.from === null ? null : hours(one.from),
          }
          const ahead = sellableAhead(stated ?? null, given.short[sku], rules.sellAhead, NOW)
          const { because: _, ...result } = shownOf(atpOf(given, sku, pool), rules, ahead)
          return { channel, sku, ...result }
        }),
      )
      expect(rows.map(row => ({ ...row }))).toEqual(byRule)
    }),
    { numRuns: runs },
  )
})

test('what channels show of many SKUs at once is the same as of each', async () => {
  const runs = repetitions('shown of many', 50, 1_000)
  await fc.assert(
    fc.asyncProperty(scene, policy, terms, async (given, rules, agreed) => {
      // Read by the clock of the database: hours around NOW become hours around now.
      await setScene(sql, ids, given)
      for (const table of ['reservations', 'lots'])
        await sql`update ${sql(table)} set expires_at = expires_at + (clock_timestamp() - ${NOW})`
      await sql`
        update channel_policies set buffer = ${rules.buffer}, buffer_percent = ${rules.bufferPercent}, cap = ${rules.cap},
          stop_selling_at = ${rules.stopSellingAt}, sell_ahead = ${rules.sellAhead}`
      await sql`delete from selling_terms`
      if (agreed?.kind === 'backorder')
        await sql`insert into selling_terms (variant_id, kind, quantity_limit, actor) values (${ids.sku.LID}, 'backorder', ${agreed.limit}, 'test')`
      const each = Map.groupBy(await availability(sql, SKUS, null), row => row.sku)
      const one = [...each].map(([sku, rows]) => ({ sku, channels: rows.map(({ sku: _, ...numbers }) => numbers) }))
      expect(JSON.parse(await shownOfMany(sql, SKUS, null, true))).toEqual(one)
    }),
    { numRuns: runs },
  )
})
