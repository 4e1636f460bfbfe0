import { expect, test } from 'vitest'
import type { Context } from '../../src/usecases/context.ts'
import { decideQuarantine, setGuardLimits } from '../../src/usecases/guard.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { freshDatabase } from '../support/database.ts'
import { connectWoo, jobDeps, lanes, openDoor, type Platform, playWoo, publishAll, testContext } from '../support/hub.ts'
import { repetitions } from '../support/repetitions.ts'
import { until } from '../support/until.ts'

const LISTINGS = repetitions('listings whose prices are divided by 100', 500, 100_000)
const PART = 500
const WITHIN_MS = Math.max(25_000, LISTINGS * 25)
const skus = Array.from({ length: LISTINGS }, (_, at) => `SKU-${String(at).padStart(6, '0')}`)

type World = { readonly context: Context; readonly woo: Platform; readonly accountId: number }

/** A shop that shows 100 for everything, as the books say; live. */
async function shop(): Promise<World> {
  const { sql } = await freshDatabase()
  const context = await testContext(sql)
  await sql`insert into locations (code, name, kind) values ('main', 'main', 'warehouse')`
  await sql`insert into products (handle, title) select sku, sku from unnest(${skus}::text[]) sku`
  await sql`insert into variants (product_id, sku, title) select p.id, p.handle, '' from products p`
  await sql`insert into prices (variant_id, currency, amount, actor) select id, 'EUR', 100, 'test' from variants`
  const woo = await playWoo({ scale: 200 })
  woo.sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: 0, prices: { shop: '100' }, parent: null })))
  const accountId = await connectWoo(context, woo, 200)
  lanes(jobDeps(context, await openDoor(context)))
  await until(
    'everything is in step',
    async () => {
      const [row] = await sql<{ n: number }[]>`
      select count(*)::int as n from publications where account_id = ${accountId} and field = 'price' and accepted->>'regular' = '100'`
      return row?.n === LISTINGS
    },
    WITHIN_MS,
  )
  await publishAll(context, accountId)
  return { context, woo, accountId }
}

const divided = (some: readonly string[]) => some.map(sku => ({ sku, currency: 'EUR', amount: '1' }))

/** How many listings the shop has been told another price for, by its own journal. */
function told({ woo }: World): number {
  const listings = new Set<string>()
  for (let seq = 0; ; ) {
    const entries = woo.sandbox.journal(seq, 10_000)
    for (const entry of entries) if (entry.kind === 'price') listings.add(String(entry.sku))
    const last = entries.at(-1)
    if (last === undefined) return listings.size
    seq = last.seq
  }
}

/** All that differs has been judged: nothing waits, and nothing is under way. */
const judged = ({ context, accountId }: World, at: string) =>
  until(
    'everything is judged',
    async () => {
      const [row] = await context.sql<{ n: number }[]>`
      select count(*)::int as n from publications where account_id = ${accountId} and field = 'price' and intended->>'regular' = ${at}
        and state not in ('intended', 'sent')`
      return row?.n === LISTINGS
    },
    WITHIN_MS,
  )

test('all prices divided by 100 in one go: not one call leaves; approved, they all go out', { timeout: 3_600_000 }, async () => {
  const world = await shop()
  for (let at = 0; at < LISTINGS; at += PART) await setPrices(world.context, null, divided(skus.slice(at, at + PART)))
  await judged(world, '1')
  expect(told(world)).toBe(0)
  const [incident] = await world.context.sql<{ id: number; limit: string; held: number }[]>`
    select q.id, q.why->>'limit' as limit, count(*)::int as held from quarantines q join quarantine_items i on i.quarantine_id = q.id and i.left_at is null group by q.id`
  expect(incident).toMatchObject({ limit: 'dropped', held: LISTINGS })
  await decideQuarantine(world.context, null, incident?.id ?? 0, { decision: 'approve' }, () => true)
  await until(
    'the shop has taken them',
    async () => {
      const [row] = await world.context.sql<{ n: number }[]>`
        select count(*)::int as n from publications where account_id = ${world.accountId} and field = 'price' and accepted->>'regular' = '1'`
      return row?.n === LISTINGS
    },
    WITHIN_MS,
  )
  expect(told(world)).toBe(LISTINGS)
})

test('and one by one, with no limit on the fall of a single price: at most a fifth of the listings leave', {
  timeout: 3_600_000,
}, async () => {
  const world = await shop()
  await setGuardLimits(world.context, null, 'woo', { dropPercent: null })
  const queue = [...skus]
  const write = async (): Promise<void> => {
    for (let sku = queue.pop(); sku !== undefined; sku = queue.pop()) await setPrices(world.context, null, divided([sku]))
  }
  await Promise.all([write(), write(), write(), write()])
  await judged(world, '1')
  expect(told(world)).toBe(LISTINGS / 5)
  const rows = await world.context.sql`
    select state, count(*)::int as n from publications where account_id = ${world.accountId} and field = 'price' group by 1 order by 1`
  expect([...rows].filter(row => row.state === 'quarantined')).toEqual([{ state: 'quarantined', n: (LISTINGS * 4) / 5 }])

  // The mistake is mended: what was held leaves by itself, and what went out is put right.
  for (let at = 0; at < LISTINGS; at += PART)
    await setPrices(
      world.context,
      null,
      skus.slice(at, at + PART).map(sku => ({ sku, currency: 'EUR', amount: '100' })),
    )
  await judged(world, '100')
  expect(new Set(world.woo.sandbox.shown().map(listing => Number(listing.prices.shop?.regular)))).toEqual(new Set([100]))
  const open = await world.context.sql`select decision, count(*)::int as n from quarantines group by 1`
  expect([...open]).toEqual([{ decision: 'dissolved', n: 1 }])
})
