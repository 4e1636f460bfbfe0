import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { freshDatabase } from '../support/database.ts'
import { balance, book, layIn, type OrderSketch, orderLine, quietChannel } from '../support/goods.ts'

// An order arrives as its whole present state, and any state may follow any other: lines are edited, cancelled orders revived.

const { sql } = await freshDatabase()
await layIn(sql, { MUG: { main: 100 } })
const channel = await quietChannel(sql, 'shop')
const free = { reserved: 0, short: 0, shipped: 0, cancelled: 0, returned: 0 }
let stamp = 0

async function turn(id: string, effect: string, line: Omit<OrderSketch['lines'][number], 'sku'>): Promise<unknown> {
  stamp++
  const [answer] = await book(sql, channel, 'shop', [
    { id, effect, stamp: new Date(Date.UTC(2026, 0, 1) + stamp * 1000).toISOString(), lines: [{ sku: 'MUG', ...line }] },
  ])
  expect(answer?.outcome).toMatch(/booked|updated/)
  expect((await runRules(sql)).filter(finding => finding.violations > 0)).toEqual([])
  return orderLine(sql, id)
}

test('an order of 5 that goes back to unpaid with 3 promises nothing', async () => {
  await turn('A', 'reserve', { ordered: 5 })
  expect(await turn('A', 'ignore', { ordered: 3 })).toEqual({ ...free, ordered: 3 })
  expect(await turn('A', 'reserve', { ordered: 4 })).toEqual({ ...free, ordered: 4, reserved: 4 })
})

test('a cancelled order of 5 that is revived as an unpaid one of 3 has nothing cancelled, and is promised once it is paid', async () => {
  await turn('B', 'reserve', { ordered: 5 })
  expect(await turn('B', 'cancel', { ordered: 5, cancelled: 5 })).toEqual({ ...free, ordered: 5, cancelled: 5 })
  expect(await turn('B', 'ignore', { ordered: 3 })).toEqual({ ...free, ordered: 3 })
  expect(await turn('B', 'reserve', { ordered: 3 })).toEqual({ ...free, ordered: 3, reserved: 3 })
})

test('an order of which 3 were shipped and that is cancelled with 2 stays one of 3 shipped', async () => {
  await turn('C', 'settle', { ordered: 3 })
  expect(await turn('C', 'cancel', { ordered: 2, cancelled: 2 })).toEqual({ ...free, ordered: 3, shipped: 3 })
})

test('units that the platform shipped itself beyond what was ordered count as ordered', async () => {
  const [before] = await sql<{ n: number }[]>`select count(*) as n from reservations`
  expect(await turn('D', 'foreign', { ordered: 1, shipped: 2 })).toEqual({ ...free, ordered: 2, shipped: 2 })
  expect(await turn('D', 'foreign', { ordered: 4, shipped: 3, cancelled: 2 })).toEqual({ ...free, ordered: 4, shipped: 3, cancelled: 1 })
  const [after] = await sql<{ n: number }[]>`select count(*) as n from reservations`
  expect(after).toEqual(before)
})

test('an order that the platform takes over to ship itself gives its promises back', async () => {
  const before = await balance(sql, 'MUG', 'main')
  await turn('E', 'reserve', { ordered: 5 })
  expect(await turn('E', 'foreign', { ordered: 5, shipped: 5 })).toEqual({ ...free, ordered: 5, shipped: 5 })
  expect(await balance(sql, 'MUG', 'main')).toEqual(before)
})
