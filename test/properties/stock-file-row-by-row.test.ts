import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { importStock } from '../../src/usecases/import-stock.ts'
import { freshDatabase } from '../support/database.ts'
import { book, change, layIn, quietChannel, reserve } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'
import { contextOf, stockFileOf } from '../usecases/import-support.ts'

// A file is written set by set. Two databases live through the same history; in one the file is imported, in the other each of its rows is worked
// out for itself and posted through stock_set_on_hand. Afterwards both books must be the same.

const PLACES = ['MAIN', 'SHOP'] as const
const PLAIN = ['POT', 'MUG', 'CUP'] as const
/** MILK is told apart by lots; SET is a POT and two MUGs in the runs that have bundles. */
const SKUS = [...PLAIN, 'MILK'] as const
const [files, rows] = [await freshDatabase(), await freshDatabase()]

const hour = (at: number): string => `2026-03-01T${String(at).padStart(2, '0')}:00:00Z`
const sku = fc.constantFrom(...SKUS)
const place = fc.constantFrom(...PLACES)
const few = fc.integer({ min: 1, max: 6 })

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constant('change' as const),
      sku,
      place,
      kind: fc.constantFrom('receive', 'count', 'sale', 'adjust', 'safety'),
      units: few,
      at: fc.nat(20),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('order' as const),
      sku: fc.constantFrom(...SKUS, 'SET'),
      units: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ act: fc.constant('hold' as const), sku, units: few, isOver: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('hide' as const), sku, place, units: fc.integer({ min: 1, max: 2 }) }) },
)
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

const row = fc.record({
  sku,
  place,
  units: fc.nat(12),
  mode: fc.constantFrom('absolute', 'absolute', 'delta'),
  basis: fc.constantFrom('on_hand', 'on_hand', 'available'),
  at: fc.option(fc.nat(20), { freq: 2 }),
  lot: fc.option(fc.constantFrom('A', 'B'), { freq: 2 }),
})
type Row = typeof row extends fc.Arbitrary<infer One> ? One : never

/** What each SKU and location has in the file is of one kind: one number, or differences, or lots. */
const file = fc.array(row, { minLength: 1, maxLength: 10 }).map(found => {
  const kept: Row[] = []
  for (const one of found) {
    const lot = one.sku === 'MILK' ? one.lot : null
    const beside = kept.filter(other => other.sku === one.sku && other.place === one.place)
    const fits = beside.every(
      other => (one.mode === 'delta' && other.mode === 'delta') || (lot !== null && other.lot !== null && lot !== other.lot),
    )
    if (fits)
      kept.push({
        ...one,
        lot,
        basis: one.mode === 'delta' || lot !== null ? 'on_hand' : one.basis,
        at: one.mode === 'delta' ? null : one.at,
      })
  }
  return kept
})

async function layOut(sql: Sql, isBundled: boolean) {
  await sql`truncate products, variants, locations, balances, lots, movements, prices, change, due, imports, import_rows, import_stock_rows, import_stock_lines,
    import_stock_segments, order_lines, order_line_parts, orders, reservations, bundle_parts, bundle_flat, safety_stocks, listings, mappings, publications, acts,
    order_people, accounts, channels, channel_locations, commands, audit restart identity cascade`
  await layIn(sql, Object.fromEntries([...SKUS, 'SET'].map(one => [one, {}])))
  await sql`insert into locations (code, name, kind) select code, code, 'warehouse' from unnest(${[...PLACES]}::text[]) with ordinality l(code, n) order by n`
  await sql`update variants set lot_tracked = true where sku = 'MILK'`
  if (isBundled)
    await sql`select bundle_set_1(${sql.json({
      actor: 'test',
      sku: 'SET',
      parts: [
        { sku: 'POT', quantity: 1 },
        { sku: 'MUG', quantity: 2 },
      ],
    })})`
  return quietChannel(sql, 'shop')
}

async function live(sql: Sql, isBundled: boolean, history: readonly Step[]): Promise<void> {
  const channel = await layOut(sql, isBundled)
  await change(
    sql,
    SKUS.map(one => ({ sku: one, location: 'MAIN', quantity: 6, kind: 'receive' })),
    { occurred_at: hour(0) },
  )
  for (const [n, one] of history.entries()) {
    if (one.act === 'change')
      await change(sql, [{ sku: one.sku, location: one.place, quantity: one.units, kind: one.kind }], { occurred_at: hour(one.at) })
    else if (one.act === 'order') await book(sql, channel, 'shop', [{ id: `O${n}`, lines: [{ sku: one.sku, ordered: one.units }] }])
    else if (one.act === 'hold')
      await reserve(sql, [
        {
          key: `H${n}`,
          channel: null,
          partial: true,
          expiresAt: one.isOver ? '2026-01-01T00:00:00Z' : null,
          lines: [{ sku: one.sku, quantity: one.units, location: null }],
        },
      ])
    else await hide(sql, one.sku, one.place, one.units)
  }
}

async function hide(sql: Sql, code: string, at: string, units: number): Promise<void> {
  await sql`
    select stock_hide(b.variant_id, b.location_id, least(${units}::int, b.on_hand - b.unavailable), 'damage', null, '{"actor":"test"}')
    from balances b join variants v on v.id = b.variant_id join locations l on l.id = b.location_id
    where v.sku = ${code} and l.code = ${at} and b.on_hand > b.unavailable`
}

const csvOf = (all: readonly Row[]): string =>
  [
    'sku,location,quantity,mode,basis,occurred_at,lot',
    ...all.map(one =>
      [
        one.sku,
        one.place,
        one.units - (one.mode === 'delta' ? 3 : 0),
        one.mode,
        one.basis,
        one.at === null ? '' : hour(one.at),
        one.lot ?? '',
      ].join(','),
    ),
  ].join('\n')

/** The row's number by the plainest words: what moved since is asked of stock_on_hand_at, or summed here. */
async function post(sql: Sql, { sku: code, place: at, units, mode, basis, at: since, lot }: Row, importId: number): Promise<void> {
  const [ids] = await sql<
    { variant: number; location: number }[]
  >`select v.id as variant, l.id as location from variants v, locations l where v.sku = ${code} and l.code = ${at}`
  const { variant, location } = ids ?? { variant: 0, location: 0 }
  const [now] = await sql<{ on_hand: number; held: number; safety: number }[]>`
    select on_hand, reserved + unavailable as held,
      -- Whoever stated what was available at an instant knew of the safety stock of that instant.
      case when ${since}::int is null then safety_stock else coalesce((
        select quantity from safety_stocks s where s.variant_id = b.variant_id and s.location_id = b.location_id and s.valid_from <= ${hour(since ?? 0)}
          and (s.valid_to is null or s.valid_to > ${hour(since ?? 0)})), 0) end as safety
    from balances b where variant_id = ${variant} and location_id = ${location}`
  const [moved] = await sql<{ held: number; counts: number; in_lot: number }[]>`
    select coalesce(sum(m.reserved + m.unavailable), 0)::int as held, count(*) filter (where kind = 'count' and (${lot}::text is null or t.code = ${lot}))::int as counts,
      coalesce(sum(m.on_hand) filter (where t.code = ${lot}), 0)::int as in_lot
    from movements m left join lots t on t.id = m.lot_id
    where m.variant_id = ${variant} and m.location_id = ${location} and ${since}::int is not null and m.occurred_at > ${hour(since ?? 0)}`
  const [there] = await sql<{ id: number; quantity: number; unavailable: number }[]>`
    select id, quantity, unavailable from lots where variant_id = ${variant} and location_id = ${location} and code = ${lot ?? ''}`
  const was = now?.on_hand ?? 0
  const inLot = lot === null ? 0 : (there?.quantity ?? 0)
  let target: number
  if (moved && moved.counts > 0) target = was
  else if (mode === 'delta') target = was + units - 3
  else if (lot !== null) target = was - inLot + units + (moved?.in_lot ?? 0)
  else {
    const [then] = await sql<
      { units: number }[]
    >`select stock_on_hand_at(${variant}, ${location}, ${since === null ? new Date('2999-01-01') : hour(since)}) as units`
    target = units + was - (then?.units ?? 0) + (basis === 'available' ? (now?.held ?? 0) + (now?.safety ?? 0) - (moved?.held ?? 0) : 0)
  }
  const cmd: { [name: string]: JsonValue } = {
    actor: 'cli:test',
    cause_kind: 'import',
    cause_id: importId,
    ...(since === null ? {} : { occurred_at: hour(since) }),
  }
  const kind = mode === 'delta' ? 'adjust' : 'count'
  const reason = `import ${importId} (test.csv)`
  if (lot !== null && !(moved && moved.counts > 0)) {
    const [made] = await sql<{ id: number }[]>`select stock_lot(${variant}, ${location}, ${lot}, null) as id`
    cmd.lot_id = made?.id ?? 0
    const left = Math.max(0, inLot + Math.max(0, target) - was)
    const aside = (there?.unavailable ?? 0) - left
    if (aside > 0) await sql`select stock_post(${variant}, ${location}, 'count', 0, 0, ${sql.json(cmd)}, null, null, ${reason}, ${-aside})`
  }
  await sql`select stock_set_on_hand(${variant}, ${location}, ${Math.max(0, target)}, ${kind}, ${reason}, ${sql.json(cmd)})`
}

/** Everything that the books say, without the numbers of rows. */
async function booksOf(sql: Sql) {
  const balances = await sql`select variant_id, location_id, on_hand, reserved, unavailable, safety_stock from balances order by 1, 2`
  const lots = await sql`select variant_id, location_id, code, quantity, unavailable from lots order by 1, 2, 3`
  const lines = await sql`select order_id, variant_id, reserved, short, short_cause from order_lines order by 1`
  const promises =
    await sql`select basket, variant_id, location_id, state, sum(quantity) as units from reservations group by 1, 2, 3, 4 order by 1, 2, 3, 4`
  const movements = await sql`
    select variant_id, location_id, kind, on_hand, reserved, unavailable, lot_id is not null as lot, reason, cause_kind, cause_id, actor,
      case when occurred_at < '2026-04-01' then occurred_at end as at
    from movements where on_hand <> 0 or reserved <> 0 or unavailable <> 0 order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12`
  return { balances, lots, lines, promises, movements }
}

test('a file leaves the books as if each of its rows had been posted by itself', { timeout: 3_600_000 }, async () => {
  const context = await contextOf(files.sql)
  let applied = 0
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(step, { maxLength: 12 }), file, async (isBundled, history, all) => {
      await live(files.sql, isBundled, history)
      await live(rows.sql, isBundled, history)
      const before = await booksOf(files.sql)
      expect(await booksOf(rows.sql)).toEqual(before)
      const result = await importStock(context, stockFileOf(csvOf(all)), false)
      if (result.outcome !== 'done') {
        // Only a difference that takes more than there is can be wrong with such a file.
        expect(result).toMatchObject({
          outcome: 'refused',
          errors: expect.arrayContaining([expect.objectContaining({ column: 'quantity', expected: expect.stringContaining('or more') })]),
        })
        expect(await booksOf(files.sql)).toEqual(before)
        return
      }
      applied++
      const { sql } = rows
      const touched = await sql<
        { ids: number[] }[]
      >`select array_agg(id) as ids from variants where sku = any(${all.map(one => one.sku)}::text[])`
      await sql`select stock_expire(${touched[0]?.ids ?? []}::bigint[], '{"actor":"cli:test","cause_kind":"import","cause_id":1}')`
      // Rows apply by SKU and location, each in the order of the file.
      const order = (one: Row) => SKUS.indexOf(one.sku) * 10 + PLACES.indexOf(one.place)
      if ((result.failed ?? []).length === 0) {
        for (const one of all.toSorted((a, b) => order(a) - order(b))) await post(sql, one, result.id)
        expect(await booksOf(files.sql)).toEqual(await booksOf(rows.sql))
      }
      // Holds of SKUs that the file does not name are over too, and wait for the sweep.
      await files.sql`select stock_expire((select array_agg(id) from variants), '{"actor":"test"}')`
      expect((await runRules(files.sql)).filter(finding => finding.violations > 0)).toEqual([])
    }),
    { numRuns: repetitions('a file against its rows one by one', 12, 400) },
  )
  expect(applied).toBeGreaterThan(0)
})
