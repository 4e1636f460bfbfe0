import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { routeAll } from '../../jobs/route.ts'
import { PLAIN_WORTH } from '../../src/domain/fulfilment/rules.ts'
import { type WhatIf, whatIf } from '../../src/usecases/what-if.ts'
import { Fault } from '../../src/values/fault.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { book, change, layIn, quietChannel } from '../support/goods.ts'
import { leaveAddress } from '../support/pick-up-stage.ts'

const { sql } = await freshDatabase({ max: 4 })
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const context = { sql, keyring, actor: 'routing' }
const log = pino({ level: 'silent' })
await layIn(sql, { CUP: { main: 0, shop: 0, far: 0 }, PLATE: { main: 0, shop: 0, far: 0 } })
const web = await quietChannel(sql, 'web', ['main', 'shop', 'far'])
const single = await quietChannel(sql, 'single', ['far'])

const receive = (sku: string, location: string, quantity: number) => change(sql, [{ sku, location, quantity, kind: 'receive' }])
async function order(id: string, cups: number, plates = 0, channel = web, code = 'web'): Promise<number> {
  const lines = [{ sku: 'CUP', ordered: cups }, ...(plates > 0 ? [{ sku: 'PLATE', ordered: plates }] : [])]
  const [answer] = await book(sql, channel, code, [{ id, lines }])
  await routeAll(context, log)
  return Number(answer?.orderId)
}
const serve = (code: string, services: Record<string, number>) =>
  sql`select location_serve_1(${sql.json({ actor: 'test', code, services })}) as answer`
async function compare(rules: unknown = null, channel: string | null = null): Promise<WhatIf> {
  let answer: WhatIf | undefined
  for await (const step of whatIf(context, { rules, channel, days: 7 })) answer = step.answer
  if (answer === undefined) throw new Error('no answer')
  return answer
}
const only = (...locations: string[]) => ({ rules: [{ name: 'These', locations }] })
const moved = (answer: WhatIf) =>
  answer.orders.map(
    one => `${one.number}: ${one.was.map(to => `${to.place} ${to.units}`)} > ${one.would.map(to => `${to.place} ${to.units}`)}`,
  )

beforeEach(async () => {
  await emptyBooks(sql)
  await sql`truncate location_services`
})

test('unchanged rules decide everything as it was, whatever became of stock, hours and groups since', async () => {
  for (const place of ['main', 'shop', 'far']) for (const sku of ['CUP', 'PLATE']) await receive(sku, place, 6)
  await serve('main', { ordersPerDay: 2, priority: 2 })
  for (let n = 0; n < 4; n++) await order(`A${n}`, 2, n % 2)
  const [group] = await sql<{ id: number }[]>`select min(id) as id from fulfilment_groups`
  await sql`select fulfilment_reject_1(${sql.json({ actor: 'test', groupId: Number(group?.id), reason: 'closed early' })})`
  await routeAll(context, log)
  await order('B', 7, 2)
  await serve('main', { ordersPerDay: 0, priority: -5 })
  await change(sql, [{ sku: 'CUP', location: 'shop', quantity: 50, kind: 'receive' }])
  const before = await sql`select (select count(*) from change) as changes, (select count(*) from routing_decisions) as decisions`
  const answer = await compare()
  expect(moved(answer)).toEqual([])
  expect(answer).toMatchObject({ decisions: 6, elsewhere: 0, earlier: 0, later: 0, sources: { kept: 6, ledger: 0 } })
  expect(answer.would).toEqual(answer.was)
  expect(answer.was.splits).toBeGreaterThan(0)
  for (const place of answer.places) expect(place.would).toEqual(place.was)
  expect(await sql`select (select count(*) from change) as changes, (select count(*) from routing_decisions) as decisions`).toEqual(before)
})

test('what came to be known after a decision makes no difference: an address, postal codes; what nobody can tell any more is counted by itself', async () => {
  await sql`delete from postal_areas`
  const points = { main: [48.1, 11.6], shop: [53.6, 10], far: [48.8, 2.3] } as const
  for (const [code, [latitude, longitude]] of Object.entries(points)) await serve(code, { latitude, longitude })
  for (const place of ['main', 'shop', 'far']) await receive('CUP', place, 9)
  const orderTo = async (id: string, address: Record<string, string>): Promise<number> => {
    const [answer] = await book(sql, web, 'web', [{ id, lines: [{ sku: 'CUP', ordered: 2 }] }])
    await leaveAddress(context, Number(answer?.orderId), address)
    await routeAll(context, log)
    return Number(answer?.orderId)
  }
  const told = await order('TOLD LATER', 2)
  await orderTo('CODED', { country: 'FR', postcode: '75001' })
  const changed = await orderTo('CHANGED', { country: 'DE', latitude: '53.55', longitude: '10.0' })
  expect((await compare()).sources).toMatchObject({ kept: 3, later: 0 })
  await leaveAddress(context, told, { country: 'DE', postcode: '20095' })
  await leaveAddress(context, changed, { country: 'DE', latitude: '48.14', longitude: '11.58' })
  await sql`insert into postal_areas values ('DE', '20095', 53.55, 10), ('FR', '75001', 48.86, 2.34)`
  const answer = await compare()
  expect(moved(answer)).toEqual([])
  expect(answer).toMatchObject({ decisions: 2, elsewhere: 0, sources: { kept: 2, later: 1 } })
  // The same of decisions that did not keep by what the distance was known.
  await sql`update routing_decisions set body = body #- '{facts,toBy}'`
  expect(await compare()).toMatchObject({ decisions: 2, elsewhere: 0, sources: { kept: 2, later: 1 } })
})

test('a changed rule takes stock and days as it would have: who comes later finds what is left', async () => {
  for (const place of ['main', 'shop']) await receive('CUP', place, 9)
  await serve('shop', { ordersPerDay: 2, parcelCost: 3 })
  await serve('main', { priority: 5 })
  for (let n = 0; n < 4; n++) await order(`A${n}`, 2)
  const shopFirst = { rules: [{ name: 'Cheap', worth: { ...PLAIN_WORTH, priority: 0, promise: 0 } }] }
  const answer = await compare(shopFirst)
  // The shop takes two on the first day and two on the next.
  expect(moved(answer)).toEqual(['A0: main 2 > shop 2', 'A1: main 2 > shop 2', 'A2: main 2 > shop 2', 'A3: main 2 > shop 2'])
  expect(answer.later).toBe(2)
  expect([answer.was.cost, answer.would.cost]).toEqual([4 * 4.4, 4 * 3.4])
  expect(answer.places.map(one => [one.place, one.was.orders, one.would.orders, one.would.fullestDay?.orders])).toEqual([
    ['main', 4, 0, undefined],
    ['shop', 0, 4, 2],
  ])
  // The shop had nine: all that others took there before is gone for who comes later.
  await change(sql, [{ sku: 'CUP', location: 'shop', quantity: 5, kind: 'count', reason: 'found' }])
  await order('B0', 3)
  const less = await compare({ rules: [{ name: 'Shop', locations: ['shop'] }] })
  expect(moved(less)).toContain('A3: main 2 > shop 2')
  expect(less.would.unplacedUnits).toBe(3)
})

test('no day takes more than it may, also where many orders were decided by a load that was read before them', async () => {
  await receive('PLATE', 'shop', 9)
  for (const place of ['main', 'shop']) await receive('CUP', place, 20)
  await serve('shop', { ordersPerDay: 2, parcelCost: 1 })
  await serve('main', { priority: 9 })
  const lines = [['PLATE'], ['CUP'], ['CUP'], ['CUP']].map(([sku = '']) => [{ sku, ordered: 1 }])
  await book(
    sql,
    web,
    'web',
    lines.map((one, n) => ({ id: `A${n}`, lines: one })),
  )
  await routeAll(context, log)
  expect((await compare()).elsewhere).toBe(0)
  const cheap = await compare({ rules: [{ name: 'Cheap', worth: { priority: 0, promise: 0, balance: 0 } }] })
  expect(cheap.elsewhere).toBe(3)
  expect(cheap.places.find(one => one.place === 'shop')).toMatchObject({
    was: { orders: 1 },
    would: { orders: 4, fullestDay: { orders: 2 } },
  })
})

test('an order that was decided again gives back what it would have taken elsewhere', async () => {
  for (const place of ['main', 'shop', 'far']) await receive('CUP', place, 2)
  await serve('main', { priority: 9 })
  await order('A', 2)
  const [group] = await sql<{ id: number }[]>`select max(id) as id from fulfilment_groups`
  await sql`select fulfilment_reject_1(${sql.json({ actor: 'test', groupId: Number(group?.id), reason: 'no' })})`
  await routeAll(context, log)
  expect(moved(await compare(only('far')))).toEqual(['A: main 2 > far 2', 'A: shop 2 > far 2'])
})

test('a split that is not made costs a promise; orders of channels with one location, and those of forgotten buyers, stay', async () => {
  await receive('CUP', 'main', 1)
  await receive('CUP', 'shop', 1)
  await receive('CUP', 'far', 9)
  await serve('far', { parcelCost: 50 })
  await order('S', 2)
  await order('ONE', 1, 0, single, 'single')
  const gone = await order('GONE', 1)
  await sql`update orders set people_gone_at = clock_timestamp() where id = ${gone}`
  const answer = await compare({ rules: [{ name: 'Whole', maxPlaces: 1, worth: { split: 1 } }] })
  expect(answer).toMatchObject({
    was: { splits: 1, groups: 2 },
    would: { splits: 0, groups: 1 },
    sources: { kept: 1, only: 1, forgotten: 1 },
  })
  expect(moved(answer)).toEqual(['S: main 1,shop 1 > far 2'])
})

test('where facts were not kept, stock is as the ledger tells of that instant', async () => {
  await receive('CUP', 'main', 4)
  await receive('CUP', 'shop', 3)
  await serve('main', { priority: 9 })
  await order('A', 2)
  await order('B', 2)
  await sql`update routing_decisions set body = body - 'facts'`
  await receive('CUP', 'far', 90)
  await change(sql, [{ sku: 'CUP', location: 'shop', quantity: 30, kind: 'receive' }])
  const same = await compare()
  expect(same).toMatchObject({ elsewhere: 0, sources: { kept: 0, ledger: 2 } })
  // The shop had three then: one of B's two has no place there, and nothing was at `far`.
  const shop = await compare(only('shop', 'far'))
  expect(moved(shop)).toEqual(['A: main 2 > shop 2', 'B: main 2 > shop 1'])
  expect(shop.would.unplacedUnits).toBe(1)
})

test('promises: what stays is as it was kept, what goes elsewhere as that location keeps its own', async () => {
  await receive('CUP', 'main', 6)
  await receive('CUP', 'shop', 6)
  await serve('main', { priority: 9 })
  for (const id of ['A', 'B', 'C']) await order(id, 1)
  await serve('main', { priority: -9 })
  for (const id of ['D', 'E']) await order(id, 1)
  await sql`update fulfilment_groups set ready_by = clock_timestamp() - interval '1 hour'`
  // Of the shop's two groups one was ready in time; of the three of main all.
  await sql`insert into order_events (order_id, group_id, transition, to_state, actor, at)
    select g.order_id, g.id, 'ready', 'ready', 'test', g.ready_by - interval '1 minute' from fulfilment_groups g join orders o on o.id = g.order_id where o.external_id <> 'E'`
  const answer = await compare(only('shop'))
  expect(answer).toMatchObject({ judged: 5, was: { keptShare: 0.8 }, would: { keptShare: 0.5 } })
})

test('progress is told part by part and never more is held than a part and what differs', async () => {
  await receive('CUP', 'main', 200)
  await receive('CUP', 'shop', 200)
  await book(
    sql,
    web,
    'web',
    Array.from({ length: 120 }, (_, n) => ({ id: `P${n}`, lines: [{ sku: 'CUP', ordered: 1 }] })),
  )
  await routeAll(context, log)
  const steps: [number, number][] = []
  for await (const { done, of } of whatIf(context, { rules: null, channel: 'web', days: 1 })) steps.push([done, of])
  expect(steps).toEqual([0, 50, 100, 120].map(done => [done, 120]))
})

test('wrong rules, days and channels are told before anything is read', async () => {
  const refusal = async (asked: Parameters<typeof whatIf>[1]) => {
    try {
      await whatIf(context, asked).next()
      return null
    } catch (error) {
      return error instanceof Fault ? [error.code, error.detail.field] : error
    }
  }
  expect(await refusal({ rules: { rules: [] }, channel: null, days: 7 })).toEqual(['invalid', 'rules'])
  expect(await refusal({ rules: null, channel: null, days: 0 })).toEqual(['invalid', 'days'])
  expect(await refusal({ rules: null, channel: 'nowhere', days: 7 })).toEqual(['not_found', 'channel'])
})
