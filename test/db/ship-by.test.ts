import { expect, test } from 'vitest'
import { bookOrders } from '../../db/orders.ts'
import { orderExceptions } from '../../db/pages-exceptions.ts'
import { readOrder } from '../../db/reads-orders.ts'
import { ALERT_KINDS } from '../../src/domain/sync/alert-kinds.ts'
import { proposeCures } from '../../src/usecases/cures.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn, type OrderSketch, quietChannel, toBook } from '../support/goods.ts'

// A platform counts against us what leaves after it wanted it to: that instant is kept, shown, put first, and a cure that comes after it is none.

const HOUR_MS = 3_600_000
const { sql } = await freshDatabase()
await layIn(sql, { CUP: { main: 5 }, VASE: { main: 0 } })
const { accountId } = await quietChannel(sql, 'market')
const now = new Date()
const after = (hours: number): string => new Date(now.getTime() + hours * HOUR_MS).toISOString()

async function booked(id: string, sku: string, shipBy: string | null | undefined, more: Partial<OrderSketch> = {}): Promise<number> {
  const sketch = toBook(accountId, 'market', { id, lines: [{ sku, ordered: 1 }], ...more })
  const [answer] = await bookOrders(sql, [{ ...sketch, ...(shipBy === undefined ? {} : { shipBy }) }], 'test')
  return answer?.orderId ?? 0
}
const shipByOf = async (id: number) => (await readOrder(sql, id))?.shipBy?.toISOString() ?? null
const alerts = () =>
  sql`select subject, facts->'orders' as orders, facts->'late' as late, facts->>'order' as first from alert_ship_by(${now}, ${sql.json(ALERT_KINDS)})`

test('the instant is kept, also where a message of the same state told it later, and moves with the platform; one that does not tell leaves it', async () => {
  const plain = await booked('A', 'CUP', after(30))
  expect(await shipByOf(plain)).toBe(after(30))
  const late = await booked('B', 'CUP', undefined)
  expect(await shipByOf(late)).toBeNull()
  await booked('B', 'CUP', after(40))
  expect(await shipByOf(late)).toBe(after(40))
  await booked('B', 'CUP', after(20), { stamp: '2026-01-02T00:00:00Z' })
  expect(await shipByOf(late)).toBe(after(20))
  await booked('B', 'CUP', undefined, { stamp: '2026-01-03T00:00:00Z' })
  expect(await shipByOf(late)).toBe(after(20))
  await booked('B', 'CUP', null, { stamp: '2026-01-04T00:00:00Z' })
  expect(await shipByOf(late)).toBeNull()
})

test('what is to be shipped soon comes first among the exceptions, and is told as an alert until it has left', async () => {
  expect(await alerts()).toEqual([])
  const old = await booked('OLD', 'VASE', null)
  const soon = await booked('SOON', 'CUP', after(2))
  const over = await booked('OVER', 'CUP', after(-1))
  expect((await orderExceptions(sql, now, 50)).map(one => [one.kind, one.orderId, one.shipBy?.toISOString() ?? null])).toEqual([
    ['due', over, after(-1)],
    ['due', soon, after(2)],
    ['short', old, null],
  ])
  expect(await alerts()).toEqual([{ subject: 'channel:market', orders: 2, late: 1, first: 'OVER' }])
  const gone = { lines: [{ sku: 'CUP', ordered: 1, shipped: 1 }], effect: 'settle', stamp: '2026-01-02T00:00:00Z' }
  for (const id of ['SOON', 'OVER']) await booked(id, 'CUP', after(1), gone)
  expect(await alerts()).toEqual([])
  expect((await orderExceptions(sql, now, 50)).map(one => one.kind)).toEqual(['short'])
})

test('of what is short, waiting for what comes too late is no cure: it is cancelled while the platform allows it', async () => {
  const [old] = await sql<{ id: number }[]>`select id from orders where external_id = 'OLD'`
  await booked('OLD', 'VASE', after(24), { stamp: '2026-01-02T00:00:00Z' })
  await sql`insert into deliveries (reference, location_id, expected_at, actor)
    select 'PO-1', id, ${after(48)}::timestamptz, 'test' from locations where code = 'main'`
  await sql`insert into delivery_lines (delivery_id, variant_id, ordered) select d.id, v.id, 5 from deliveries d, variants v where v.sku = 'VASE'`
  const cures = async () => (await proposeCures({ sql }, [old?.id ?? 0])).map(one => one.cure)
  expect(await cures()).toEqual([{ cure: 'cancel', until: Date.parse(after(24)) }])
  await sql`update orders set ship_by = null where id = ${old?.id ?? 0}`
  expect(await cures()).toEqual([{ cure: 'wait', units: 5, at: Date.parse(after(48)) }])
})
