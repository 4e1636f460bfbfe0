import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { lotsExpiringBefore } from '../../db/lots.ts'
import { enterCount, startCount, submitCount } from '../../src/usecases/count-stock.ts'
import { decideCount } from '../../src/usecases/decide-count.ts'
import { listLots, setLotExpiry, trackLots } from '../../src/usecases/lots.ts'
import { reviewCount } from '../../src/usecases/review-count.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { change, layIn } from '../support/goods.ts'

const { sql } = await freshDatabase()
const context = { sql, keyring: await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`), actor: 'user:ana' }
const boss = { ...context, actor: 'user:boss' }
const DAY_MS = 24 * 3600 * 1000
const inDays = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString()

async function post(lines: readonly Record<string, string | number>[]): Promise<void> {
  const [row] = await sql`select stock_change_2(${sql.json({ actor: 'test', lines })}) as answer`
  expect(row?.answer).toMatchObject({ outcome: 'done' })
}
const receive = (sku: string, lot: string, quantity: number, expiresAt?: string) =>
  post([{ sku, location: 'main', kind: 'receive', quantity, lot, ...(expiresAt === undefined ? {} : { expiresAt }) }])
const lotsOf = async (sku: string) =>
  (await listLots(context, sku)).lots.map(lot => [lot.location, lot.lot, lot.quantity, lot.unavailable, lot.expired])
const free = async (sku: string): Promise<number> => {
  const [row] =
    await sql`select sum(on_hand - reserved - unavailable)::int as free from balances b join variants v on v.id = b.variant_id where v.sku = ${sku}`
  return row?.free
}

test('units that are there when lots are switched on become the lot of no name; switched off, the units stay', async () => {
  await layIn(sql, { MILK: { main: 10, shop: 4 } })
  await post([{ sku: 'MILK', location: 'main', kind: 'damage', quantity: 2 }])
  expect(await trackLots(context, null, 'MILK', true)).toMatchObject({ changed: true })
  expect(await trackLots(context, null, 'MILK', true)).toMatchObject({ changed: false })
  await receive('MILK', 'L1', 5, inDays(10))
  expect(await lotsOf('MILK')).toEqual([
    ['main', 'L1', 5, 0, false],
    ['main', '', 10, 2, false],
    ['shop', '', 4, 0, false],
  ])
  await trackLots(context, null, 'MILK', false)
  expect(await listLots(context, 'MILK')).toEqual({ sku: 'MILK', tracked: false, lots: [] })
  expect(await free('MILK')).toBe(17)
  await trackLots(context, null, 'MILK', true)
  expect(await lotsOf('MILK')).toEqual([
    ['main', '', 15, 2, false],
    ['shop', '', 4, 0, false],
  ])
  await expect(trackLots(context, null, 'NOPE', true)).rejects.toMatchObject({ code: 'not_found' })
})

test('a lot whose expiry is set to the past is unavailable at once, and for sale again when that was a slip', async () => {
  await layIn(sql, { CREAM: { main: 0 } })
  await trackLots(context, null, 'CREAM', true)
  await receive('CREAM', 'C1', 6, inDays(5))
  await post([{ sku: 'CREAM', location: 'main', kind: 'damage', quantity: 1, lot: 'C1' }])
  const at = { sku: 'CREAM', location: 'main', lot: 'C1' }
  expect((await setLotExpiry(context, null, { ...at, expiresAt: inDays(-1) })).lot).toMatchObject({
    quantity: 6,
    unavailable: 6,
    expired: true,
  })
  expect(await free('CREAM')).toBe(0)
  expect((await setLotExpiry(context, null, { ...at, expiresAt: inDays(9) })).lot).toMatchObject({ unavailable: 1, expired: false })
  expect(await free('CREAM')).toBe(5)
  expect((await setLotExpiry(context, null, { ...at, expiresAt: null })).lot).toMatchObject({ expiresAt: null })
  await expect(setLotExpiry(context, null, { ...at, lot: 'C9', expiresAt: null })).rejects.toThrow('There is no lot C9 of it there.')
})

test('what expires within some days is listed, the first to expire first, page by page', async () => {
  await layIn(sql, { YEAST: { main: 0 } })
  await trackLots(context, null, 'YEAST', true)
  await receive('YEAST', 'late', 1, inDays(40))
  await receive('YEAST', 'soon', 1, inDays(3))
  await receive('YEAST', 'over', 1, inDays(-3))
  await receive('YEAST', 'never', 1)
  const before = new Date(Date.now() + 30 * DAY_MS)
  const first = await lotsExpiringBefore(sql, before, 'main', null, 1)
  expect(first.map(lot => [lot.lot, lot.expired, lot.unavailable])).toEqual([['over', true, 1]])
  const [last] = first
  const rest = await lotsExpiringBefore(sql, before, null, { expiresAt: last?.expiresAt?.toISOString() ?? '', id: last?.id ?? 0 }, 10)
  expect(rest.map(lot => lot.lot)).toEqual(['soon'])
})

test('a SKU with lots is counted lot by lot, and each lot is corrected by itself', async () => {
  await layIn(sql, { EGGS: { main: 0 } })
  await trackLots(context, null, 'EGGS', true)
  await receive('EGGS', 'E1', 10, inDays(3))
  await receive('EGGS', 'E2', 10, inDays(6))
  await post([{ sku: 'EGGS', location: 'main', kind: 'damage', quantity: 4, lot: 'E2' }])
  const { id, lines } = await startCount(context, null, { location: 'main', skus: ['EGGS'] })
  expect(lines).toBe(2)
  await enterCount(context, null, id, [
    { sku: 'EGGS', lot: 'E1', counted: 12 },
    { sku: 'EGGS', lot: 'E2', counted: 3 },
    { sku: 'EGGS', lot: 'E7', counted: 1 },
    { sku: 'EGGS', counted: 2 },
  ])
  await expect(trackLots(context, null, 'EGGS', false)).rejects.toMatchObject({ code: 'conflict', detail: { counts: [id] } })
  // Sold after the counting: of the lot that expires first.
  await change(sql, [{ sku: 'EGGS', location: 'main', quantity: 5, kind: 'sale' }])
  await submitCount(context, null, id)
  const review = await reviewCount(boss, id, 'all', 0, 10)
  expect(review.lines.map(line => [line.lot, line.counted, line.book])).toEqual([
    ['E1', 12, 10],
    ['E2', 3, 10],
    ['E7', 1, 0],
    ['', 2, 0],
  ])
  expect(await decideCount(boss, null, id, { decision: 'approved', reasonCode: 'miscount' }, false)).toMatchObject({ found: 5, missing: 7 })
  expect(await lotsOf('EGGS')).toEqual([
    ['main', 'E1', 7, 0, false],
    ['main', 'E2', 3, 3, false],
    ['main', '', 2, 0, false],
    ['main', 'E7', 1, 0, false],
  ])
  const [sums] = await sql`
    select b.on_hand, b.unavailable, sum(l.quantity)::int as lots, sum(l.unavailable)::int as hidden from balances b
    join variants v on v.id = b.variant_id join lots l using (variant_id, location_id) where v.sku = 'EGGS' group by 1, 2`
  expect(sums).toEqual({ on_hand: 13, unavailable: 3, lots: 13, hidden: 3 })
})

test('units found of a lot whose time is over are put aside with the others', async () => {
  await layIn(sql, { BEER: { main: 0 } })
  await trackLots(context, null, 'BEER', true)
  await receive('BEER', 'B1', 4, inDays(-2))
  const { id } = await startCount(context, null, { location: 'main', skus: ['BEER'] })
  await enterCount(context, null, id, [{ sku: 'BEER', lot: 'B1', counted: 6 }])
  await submitCount(context, null, id)
  await decideCount(boss, null, id, { decision: 'approved', reasonCode: 'miscount' }, false)
  expect(await lotsOf('BEER')).toEqual([['main', 'B1', 6, 6, true]])
  expect(await free('BEER')).toBe(0)
})

test('the books are clean afterwards', async () => {
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
})
