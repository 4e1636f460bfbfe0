import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DatedItem, datedAtp, type Supply } from '../../src/domain/inventory/dated.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'
import { bucketsOf, hours, layInScene, NOW, PARTS, PLACES, POOLS, type Scene, SKUS, type Sku, scene, setScene } from './stock-scene.ts'

const { sql } = await freshDatabase()
const ids = await layInScene(sql)

/** Something on its way: so many of what was ordered or sent are still to come. */
const coming = fc.record({
  sku: fc.constantFrom(...SKUS),
  to: fc.constantFrom(...PLACES),
  from: fc.constantFrom('delivery', 'a', 'b', 'c'),
  at: fc.option(fc.integer({ min: -4, max: 4 })),
  open: fc.integer({ min: 1, max: 12 }),
  done: fc.nat(4),
  state: fc.constantFrom('on its way', 'on its way', 'on its way', 'ended'),
})
type Coming = typeof coming extends fc.Arbitrary<infer One> ? One : never

async function send(all: readonly Coming[]): Promise<void> {
  await sql`truncate deliveries, transfers cascade`
  for (const [n, one] of all.entries()) {
    const at = hours(one.at ?? 0)
    if (one.from === 'delivery')
      await sql`
        with d as (insert into deliveries (reference, location_id, expected_at, state, actor)
          select ${`D${n}`}, id, ${at}, ${one.state === 'ended' ? 'cancelled' : 'open'}, 'test' from locations where code = ${one.to} returning id)
        insert into delivery_lines (delivery_id, variant_id, ordered, received, cancelled)
        select id, ${ids.sku[one.sku]}, ${one.open + one.done + 1}, ${one.done}, 1 from d`
    else
      await sql`
        with t as (insert into transfers (reference, from_id, to_id, state, expected_at, actor)
          select ${`T${n}`}, f.id, t.id, ${one.state === 'ended' ? 'received' : 'sent'}, ${one.at === null ? null : at}, 'test'
          from locations f, locations t where f.code = ${one.from} and t.code = ${one.to} and f.id <> t.id returning id)
        insert into transfer_lines (transfer_id, variant_id, asked, sent, received, lost)
        select id, ${ids.sku[one.sku]}, 99, ${one.open + one.done + 1}, ${one.done}, 1 from t`
  }
}

/** What the rule is told of one SKU. Lots that expire by the date are gone then. */
function supplyOf({ cells, short }: Scene, all: readonly Coming[], sku: Sku, on: Date): Supply {
  const free = PLACES.map(place => {
    const b = bucketsOf(cells[sku][place], on > NOW ? on : NOW)
    return [place, b.onHand - b.reserved - b.unavailable - b.safetyStock] as const
  })
  const asPart = sku === 'BOX' ? 0 : PARTS[sku] * short.BOX
  const expected = all
    .filter(one => one.sku === sku && one.state !== 'ended' && one.from !== one.to && (one.at !== null || one.from === 'delivery'))
    // Of those that come at one time, deliveries are thought of first.
    .toSorted((a, b) => Number(a.from !== 'delivery') - Number(b.from !== 'delivery'))
    .map(one => ({ location: one.to, at: hours(one.at ?? 0), units: one.open }))
  return { free: Object.fromEntries(free), expected, short: short[sku] + asPart }
}

test('what can be promised on a date is the same in SQL and in the rule', async () => {
  const runs = repetitions('dated availability in SQL', 100, 3_000)
  await fc.assert(
    fc.asyncProperty(scene, fc.array(coming, { maxLength: 8 }), fc.integer({ min: -5, max: 5 }), async (given, all, hour) => {
      await setScene(sql, ids, given)
      await send(all)
      const on = hours(hour)
      const pools = { ...POOLS, a: ['a'], c: ['c'] }
      const pairs = Object.entries(pools).flatMap(([name, places], n) => places.map(place => ({ pool: n, name, place })))
      const rows = await sql<{ pool_id: number; sku: Sku; atp: number }[]>`
        with pair as (select x.pool, p.id from jsonb_to_recordset(${sql.json(pairs)}) x(pool bigint, place text) join locations p on p.code = x.place)
        select d.pool_id, v.sku, d.atp from pool_atp_on_1(array(select pool from pair order by pool, id), array(select id from pair order by pool, id),
          ${Object.values(ids.sku)}::bigint[], ${NOW}, ${on}) d join variants v on v.id = d.variant_id order by 1, 2`
      const byRule = Object.values(pools).flatMap((pool, n) =>
        SKUS.toSorted().map(sku => {
          const item: DatedItem = {
            own: supplyOf(given, all, sku, on),
            parts:
              sku === 'BOX'
                ? Object.entries(PARTS).map(([part, perUnit]) => ({ perUnit, supply: supplyOf(given, all, part as Sku, on) }))
                : [],
          }
          return { pool_id: n, sku, atp: datedAtp(pool, item, on) }
        }),
      )
      expect(rows.map(row => ({ ...row }))).toEqual(byRule)
    }),
    { numRuns: runs },
  )
})

test('a date by which nothing comes changes nothing of what channels can promise', async () => {
  await fc.assert(
    fc.asyncProperty(scene, async given => {
      await setScene(sql, ids, given)
      await send([])
      const rows = await sql`
        with pool as (select * from channel_locations where valid_to is null)
        select s.channel_id, s.variant_id, s.atp - d.atp as difference
        from channel_shown_2(${Object.values(ids.channel)}::bigint[], ${Object.values(ids.sku)}::bigint[], ${NOW}) s
        join pool_atp_on_1(array(select channel_id from pool order by id), array(select location_id from pool order by id),
          ${Object.values(ids.sku)}::bigint[], ${NOW}, ${NOW}) d on d.pool_id = s.channel_id and d.variant_id = s.variant_id`
      expect(rows.map(row => row.difference)).toEqual(rows.map(() => 0))
      expect(rows).toHaveLength(6)
    }),
    { numRuns: 30 },
  )
})
