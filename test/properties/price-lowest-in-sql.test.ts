import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memory } from '../../connectors/memory/index.ts'
import { connectors } from '../../connectors/registry.ts'
import { readPriceFacts } from '../../db/price-facts.ts'
import { pricesShown } from '../../db/price-history.ts'
import { priceDocument } from '../../src/domain/pricing/document.ts'
import { lowestApplied } from '../../src/domain/pricing/history.ts'
import { reductionOf } from '../../src/domain/pricing/reduction.ts'
import { freshDatabase } from '../support/database.ts'
import { repetitions } from '../support/repetitions.ts'
import { hours, layInPriceGoods, NOW, type PriceScene, priceScene, setPriceScene } from './price-scene.ts'

// The SQL repeats the rule of what a reduction is measured by: here both get the same random histories of what was shown.

const { sql } = await freshDatabase()
await layInPriceGoods(sql)
await sql`update accounts set platform = 'memory' where name = 'euro'`
// Two listings of the MUG; a third was the MUG's for some time only, and is the LID's since.
await sql`
  insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id)
  select c.id, c.account_id, x.id, x.id, x.id, v.id from channels c, (values ('one', 'MUG'), ('two', 'MUG'), ('moved', 'LID')) x(id, sku) join variants v on v.sku = x.sku
  where c.code = 'euro'`
await sql`
  insert into mappings (listing_id, variant_id, matched_by, valid_from, valid_to, actor)
  select l.id, v.id, 'hand', x.since::timestamptz, x.until::timestamptz, 'test'
  from (values ('two', 'MUG', '2026-01-01', null), ('moved', 'MUG', '2026-05-10', '2026-05-20'), ('moved', 'LID', '2026-05-20', null)) x(id, sku, since, until)
  join listings l on l.external_id = x.id join variants v on v.sku = x.sku`

const cents = fc.integer({ min: 1, max: 5_000 }).map(n => (n / 100).toString())
/** Hours before now; the 30 days before now are 720. */
const past = fc.integer({ min: 0, max: 1_500 })
const step = fc.record({
  listing: fc.constantFrom('one', 'two', 'moved'),
  event: fc.constantFrom('accepted', 'applied', 'read', 'intended', 'sent'),
  at: past,
  regular: cents,
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'CHF'),
  sale: fc.option(
    fc.record({ amount: cents, from: fc.option(fc.integer({ min: -1_500, max: 50 })), lasts: fc.option(fc.integer({ min: 1, max: 500 })) }),
  ),
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function setHistory(steps: readonly Step[]): Promise<void> {
  await sql`delete from publication_history`
  const rows = [...steps]
    .sort((a, b) => b.at - a.at)
    .map(({ listing, event, at, regular, currency, sale }) => ({
      ...{ listing, event, at: hours(-at).toISOString() },
      value: {
        ...{ currency, regular },
        sale: sale && {
          amount: sale.amount,
          from: sale.from === null ? null : hours(sale.from).toISOString(),
          to: sale.lasts === null ? null : hours((sale.from ?? -700) + sale.lasts).toISOString(),
        },
      },
    }))
  await sql`
    insert into publication_history (listing_id, field, event, value, at)
    select l.id, 'price', r->>'event', r->'value', (r->>'at')::timestamptz from jsonb_array_elements(${sql.json(rows)}) with ordinality x(r, ord)
    join listings l on l.external_id = r->>'listing' order by x.ord`
}

const [goods] = await sql<{ channel: number; mug: number; lid: number }[]>`
  select (select id from channels where code = 'euro') as channel, (select id from variants where sku = 'MUG') as mug, (select id from variants where sku = 'LID') as lid`
if (goods === undefined) throw new Error('nothing was laid in')

test('the lowest price that was applied is the same in SQL and in the rule, before any instant', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.integer({ min: -1_000, max: 1_000 }), async (steps, before) => {
      await setHistory(steps)
      const rows = await sql<{ variant: number; amount: string }[]>`
        select variant_id as variant, trim_scale(amount)::text as amount
        from price_lowest_1(${goods.channel}, ${[goods.mug, goods.lid]}::bigint[], ${[hours(before), hours(0)].map(at => at.toISOString())}::text[]::timestamptz[], ${NOW})`
      const inSql = new Map(rows.map(row => [row.variant, row.amount]))
      for (const [variant, at] of [
        [goods.mug, hours(before)],
        [goods.lid, hours(0)],
      ] as const) {
        const shown = await pricesShown(sql, variant, 'euro', null)
        const lowest = lowestApplied(shown, at, NOW)
        expect(inSql.get(variant) ?? null).toBe(lowest?.toFixed() ?? null)
      }
    }),
    { numRuns: repetitions('lowest prices in SQL', 80, 5_000) },
  )
}, 3_600_000)

/** A scene in which the MUG is likely on sale, or will be. */
function onSale(scene: PriceScene): PriceScene {
  const [first, ...others] = scene.lists
  const entry = { scope: 'all', sku: 0, minQuantity: 1, base: 0, what: { rule: 'fixed', over: null, value: '0.0090' } } as const
  const plain = { sku: 0, channel: null, currency: 'EUR', amount: '100.0000', span: { from: null, lasts: null } } as const
  const sale = {
    ...first,
    kind: 'sale',
    state: 'approved',
    currency: 'EUR',
    audience: 'everyone',
    taxIncluded: null,
    entries: [entry],
  } as const
  return { ...scene, plain: [plain, ...scene.plain], lists: [sale, ...others] as unknown as PriceScene['lists'], limits: [] }
}

test('the price that a sale is measured by is the same in SQL and in the rule', async () => {
  const runs = repetitions('what sales are measured by in SQL', 80, 5_000)
  let announced = 0
  await fc.assert(
    fc.asyncProperty(
      priceScene,
      fc.array(step, { maxLength: 8 }),
      fc.array(past, { minLength: 3, maxLength: 3 }),
      async (scene, steps, since) => {
        await setPriceScene(sql, onSale(scene))
        const [entry, terms, typed] = since.map(at => hours(-at).toISOString())
        await sql`update price_entries set valid_from = ${entry ?? ''}::text::timestamptz`
        await sql`update price_list_terms set valid_from = ${terms ?? ''}::text::timestamptz`
        await sql`update prices set created_at = ${typed ?? ''}::text::timestamptz`
        await setHistory(steps.filter(one => one.listing !== 'moved'))
        const [row] = await sql<{ price: unknown }[]>`
        select price - 'currency' as price from channel_price_2(array[${goods.channel}::bigint], array[${goods.mug}::bigint], ${NOW})`
        const facts = await readPriceFacts(sql, { sku: 'MUG', channel: 'euro', partner: null, known: null })
        if (facts === null) throw new Error('no facts')
        const documented = priceDocument(facts, NOW)
        const shown = await pricesShown(sql, goods.mug, 'euro', null)
        const reduction = reductionOf(documented, shown, NOW)
        const { document } = documented
        const expected = document?.sale ? { ...document, sale: { ...document.sale, reference: reduction?.reference ?? null } } : document
        if (document?.sale) announced += 1
        expect(row?.price ?? null).toEqual(expected && JSON.parse(JSON.stringify(expected)))
      },
    ),
    { numRuns: runs },
  )
  // Scenes without any sale would prove nothing; three of four have one.
  expect(announced).toBeGreaterThan(runs / 3)
}, 3_600_000)

test('the database knows just the platforms that declare a field for the reference price', async () => {
  for (const { platform, declares } of [...connectors, memory]) {
    const [row] = await sql<{ takes: boolean }[]>`select platform_takes_reference(${platform}) as takes`
    expect([platform, row?.takes]).toEqual([platform, declares.referencePrice])
  }
})

test('the database knows just the platforms that take the dates of a sale, and those that show one beside the regular price', async () => {
  for (const { platform, declares } of [...connectors, memory]) {
    const [row] = await sql<{ takes: boolean; shows: boolean }[]>`
      select platform_takes_sales(${platform}) as takes, platform_shows_sales(${platform}) as shows`
    expect([platform, row?.takes, row?.shows]).toEqual([platform, declares.saleDates, declares.saleBeside])
  }
})
