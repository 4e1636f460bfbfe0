import { expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import { endShort } from '../../db/short-rules.ts'
import { substituteShort } from '../../db/substitutes.ts'
import { endOverdueExchanges, endToldReturns } from '../../jobs/exchange.ts'
import { announceReturn } from '../../src/usecases/change-order.ts'
import { readExceptions } from '../../src/usecases/exceptions.ts'
import { exchangeOrder } from '../../src/usecases/exchange-order.ts'
import { setShortRule } from '../../src/usecases/short-rules.ts'
import { freshDatabase } from '../support/database.ts'
import { book, layIn, quietChannel } from '../support/goods.ts'
import { testContext } from '../support/hub.ts'

// One order that breaks what the hub does of itself holds up no other; it is tried again later and later, and a person sees it.

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { MUG: { depot: 50 }, CUP: { depot: 50 }, RARE: { depot: 0 } })
const shop = await quietChannel(sql, 'shop', ['depot'])
await sql`
  create function jammed() returns trigger language plpgsql as $$
  begin if exists (select from orders o where o.id = new.order_id and o.number like 'JAM%') then raise exception 'jammed'; end if; return new; end $$`

const later = (seconds: number): Date => new Date(Date.parse('2999-01-01T00:00:00Z') + seconds * 1_000)
/** Looks while whatever happens to orders whose number begins with JAM breaks; the other one is there at once. */
async function jams(look: (at: Date) => Promise<number>): Promise<void> {
  await sql`delete from order_troubles`
  await sql`create trigger jammed before insert on order_events for each row execute function jammed()`
  const stuck = async (at: Date) =>
    (await readExceptions({ sql, now: () => at }, 10, 'stuck')).map(one => [one.number.slice(0, 3), one.about])
  expect(await look(later(0))).toBe(1)
  expect(await look(later(9))).toBe(0)
  expect(await look(later(10))).toBe(0)
  expect(await stuck(later(10))).toEqual([])
  expect(await look(later(30))).toBe(0)
  expect(await stuck(later(30))).toEqual([['JAM', ['jammed']]])
  await sql`drop trigger jammed on order_events`
  expect(await look(later(31))).toBe(0)
  expect(await look(later(3_600))).toBe(1)
  expect(await look(later(3_600))).toBe(0)
  expect((await runRules(sql)).filter(one => one.violations > 0)).toEqual([])
}

async function sold(id: string, more: { readonly returned?: number; readonly stamp?: string } = {}) {
  const lines = [{ sku: 'MUG', ordered: 1, shipped: 1, returned: more.returned ?? 0 }]
  const [booked] = await book(sql, shop, 'shop', [
    { id, effect: 'settle', lines, ...(more.stamp === undefined ? {} : { stamp: more.stamp }) },
  ])
  const [line] = await sql<{ id: number }[]>`select id from order_lines where order_id = ${booked?.orderId ?? 0}`
  return { orderId: booked?.orderId ?? 0, lineId: line?.id ?? 0 }
}

test('exchanges of which the goods do not come', async () => {
  const returnBy = new Date(Date.now() + 60_000)
  for (const id of ['JAM-X', 'FREE-X']) {
    const { orderId, lineId } = await sold(id)
    const replacement = { lines: [{ sku: 'CUP', quantity: 1 }], handOver: 'ship' } as const
    await exchangeOrder(context, null, orderId, {
      ...{ announced: [{ lineId, quantity: 1 }], replacement, waits: true, returnBy: returnBy.toISOString() },
    })
    // The first is overdue the longest.
    returnBy.setMinutes(returnBy.getMinutes() + 1)
  }
  await jams(at => endOverdueExchanges(sql, at))
})

test('announced goods that are back by the word of their platform', async () => {
  for (const id of ['JAM-R', 'FREE-R']) {
    const { orderId, lineId } = await sold(id)
    await announceReturn(context, null, orderId, { lines: [{ lineId, quantity: 1 }] })
    await sold(id, { returned: 1, stamp: '2030-01-01T00:00:00Z' })
  }
  await jams(at => endToldReturns(sql, at))
})

test('what is short: handed over as something else, and ended', async () => {
  const short = (id: string) => book(sql, shop, 'shop', [{ id, lines: [{ sku: 'RARE', ordered: 1 }] }])
  for (const id of ['JAM-S', 'FREE-S']) await short(id)
  await sql`
    insert into substitution_rules (variant_id, substitute_id, position, automatic, actor)
    select (select id from variants where sku = 'RARE'), (select id from variants where sku = 'CUP'), 1, true, 'test'`
  await jams(at => substituteShort(sql, at, 10))
  await sql`delete from substitution_rules`
  await setShortRule(context, null, 'shop', { becomes: 'cancel', afterMinutes: 0 })
  for (const id of ['JAM-E', 'FREE-E']) await short(id)
  await jams(at => endShort(sql, at, 10))
})
