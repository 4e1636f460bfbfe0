import fc from 'fast-check'
import { expect, test } from 'vitest'
import { availability } from '../../db/availability.ts'
import { availableToPromise, bundleToPromise, sellableAhead, shownOf } from '../../src/domain/inventory/availability.ts'
import { type PriceEntry, priceDocument } from '../../src/domain/pricing/price.ts'
import { shownOfMany } from '../../src/usecases/many-availability.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'
import { bucketsOf, hours, layInScene, NOW, PARTS, POOLS, type Scene, SKUS, type Sku, scene, setScene } from './stock-scene.ts'

// The SQL repeats two rules of the domain for many variants at once: here both get the same random input.

const { sql } = await freshDatabase()
const ids = await layInScene(sql)
const channels = [{ channelId: ids.channel.one }, { channelId: ids.channel.two }]
const variantId = ids.sku.MUG

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

const instant = fc.integer({ min: -5, max: 5 }).map(hours)
const entry = fc.record({
  channel: fc.constantFrom(null, 0, 1),
  cents: fc.integer({ min: 1, max: 2_000 }),
  period: fc.option(fc.tuple(instant, fc.option(fc.integer({ min: 1, max: 6 })))),
})

test('the price document is the same in SQL and in the rule', async () => {
  const runs = repetitions('price in SQL', 100, 3_000)
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 6 }), async sketches => {
      await sql`delete from prices`
      const entries: PriceEntry[] = []
      const taken = new Set<string>()
      for (const sketch of sketches) {
        const channel = sketch.channel === null ? null : (channels[sketch.channel]?.channelId ?? null)
        const startsAt = sketch.period?.[0] ?? null
        const hours = sketch.period?.[1] ?? null
        const endsAt = startsAt && hours !== null ? new Date(startsAt.getTime() + hours * 3_600_000) : null
        const key = `${channel}/${startsAt?.toISOString() ?? ''}`
        if (taken.has(key)) continue
        taken.add(key)
        const amount = (sketch.cents / 100).toFixed(2)
        const [row] = await sql<{ id: number }[]>`
          insert into prices (variant_id, channel_id, currency, amount, starts_at, ends_at, actor)
          values (${variantId}, ${channel}, 'EUR', ${amount}, ${startsAt}, ${endsAt}, 'test') returning id`
        entries.push({ id: row?.id ?? 0, channel, amount, startsAt, endsAt })
      }
      for (const { channelId } of channels) {
        const [row] = await sql<{ price: { regular: string; sale: { amount: string; from: string; to: string | null } | null } | null }[]>`
          select price from channel_price_1(${[channelId]}::bigint[], ${[variantId]}::bigint[], ${NOW})`
        const rule = priceDocument(entries, channelId, NOW)
        const inSql = row?.price
          ? {
              regular: Number(row.price.regular),
              sale: row.price.sale && { amount: Number(row.price.sale.amount), from: row.price.sale.from, to: row.price.sale.to },
            }
          : null
        const byRule = rule && {
          regular: Number(rule.regular),
          sale: rule.sale && {
            amount: Number(rule.sale.amount),
            from: rule.sale.from.toISOString(),
            to: rule.sale.to?.toISOString() ?? null,
          },
        }
        expect(inSql).toEqual(byRule)
      }
    }),
    { numRuns: runs },
  )
})
