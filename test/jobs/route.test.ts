import { pino } from 'pino'
import { beforeEach, expect, test } from 'vitest'
import { runRules } from '../../db/check.ts'
import type { JsonValue } from '../../db/connect.ts'
import { orderExceptions } from '../../db/pages-exceptions.ts'
import { routeAll } from '../../jobs/route.ts'
import { readKeyring } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { emptyBooks } from '../support/empty-books.ts'
import { balance, book, change, layIn, quietChannel } from '../support/goods.ts'
import { repetitions } from '../support/repetitions.ts'

const { sql } = await freshDatabase({ max: 8 })
const keyring = await readKeyring(`test:${Buffer.alloc(32, 7).toString('base64')}`)
const context = { sql, keyring, actor: 'routing' }
const log = pino({ level: 'silent' })
await layIn(sql, { CUP: { main: 0, shop: 0, far: 0 }, PLATE: { main: 0, shop: 0, far: 0 } })
const web = await quietChannel(sql, 'web', ['main', 'shop', 'far'])
const single = await quietChannel(sql, 'single', ['far'])

const receive = (sku: string, location: string, quantity: number) => change(sql, [{ sku, location, quantity, kind: 'receive' }])
const order = async (id: string, cups: number, plates = 0, channel = web, code = 'web'): Promise<number> => {
  const lines = [{ sku: 'CUP', ordered: cups }, ...(plates > 0 ? [{ sku: 'PLATE', ordered: plates }] : [])]
  const [answer] = await book(sql, channel, code, [{ id, lines }])
  return Number(answer?.orderId)
}
const groups = async () =>
  (
    await sql<{ told: string }[]>`
      select o.external_id || ': ' || p.code || ' ' || g.state || ' ' || string_agg(l.sku || ' ' || (f.assigned - f.released), ', ' order by l.id) as told
      from fulfilment_groups g join orders o on o.id = g.order_id join locations p on p.id = g.location_id join fulfilment_lines f on f.group_id = g.id
      join order_lines l on l.id = f.order_line_id group by g.id, o.external_id, p.code order by g.id`
  ).map(row => row.told)
const state = async (id: number) => (await sql<{ state: string }[]>`select state from orders where id = ${id}`)[0]?.state
const broken = async () => (await runRules(sql)).filter(finding => finding.violations > 0).map(finding => finding.rule)
async function reject(reason: string): Promise<void> {
  const [group] = await sql<{ id: number }[]>`select id from fulfilment_groups where state = 'waiting' order by id desc limit 1`
  await sql`select fulfilment_reject_1(${sql.json({ actor: 'test', groupId: Number(group?.id), reason })})`
}
const decisions = (id: number) =>
  sql<
    {
      outcome: string
      body: { attempts: { candidates: { place: string; out?: string; detail?: string; lost?: string; chosen?: boolean }[] }[] }
    }[]
  >`
    select outcome, body from routing_decisions where order_id = ${id} order by id`

beforeEach(async () => {
  await emptyBooks(sql)
  await sql`truncate routing_rules cascade`
})

test('an order goes to one place that has all of it, though it was promised at two, and the decision says why', async () => {
  await receive('CUP', 'main', 5)
  await receive('CUP', 'shop', 5)
  await receive('PLATE', 'shop', 5)
  const id = await order('A', 2, 1)
  expect(await balance(sql, 'CUP', 'main')).toEqual({ onHand: 5, reserved: 2 })
  expect(await routeAll(context, log)).toBe(1)
  expect(await groups()).toEqual(['A: shop waiting CUP 2, PLATE 1'])
  expect(await state(id)).toBe('routed')
  const [decision] = await decisions(id)
  expect(decision?.body.attempts[0]?.candidates.map(({ place, out, lost, chosen }) => [place, out ?? lost ?? chosen])).toEqual([
    ['main', 'dearer'],
    ['shop', true],
    ['far', 'stock'],
  ])
  expect(await routeAll(context, log)).toBe(0)
  expect(await broken()).toEqual([])
})

test('a channel that sells from one location routes its orders there as a set, with a promise', async () => {
  await receive('CUP', 'far', 500)
  for (let n = 0; n < 5; n++) await order(`P${n}`, 2, 0, single, 'single')
  expect(await routeAll(context, log)).toBe(5)
  expect(await sql`select count(*)::int as n, count(ready_by)::int as ready from fulfilment_groups where state = 'waiting'`).toEqual([
    { n: 5, ready: 5 },
  ])
  expect(await sql`select distinct state from orders`).toEqual([{ state: 'routed' }])
  expect(await broken()).toEqual([])
})

test('dangerous goods, alone or in a set, are not routed past what the only location of a channel may ship', async () => {
  await receive('CUP', 'far', 5)
  await receive('PLATE', 'far', 5)
  await sql`update variants set hazard = '3' where sku = 'CUP'`
  await sql`insert into location_services (location_id, ships_hazards, actor) select id, '{9}', 'test' from locations where code = 'far'`
  const both = await order('H', 1, 1, single, 'single')
  expect(await routeAll(context, log)).toBe(1)
  expect(await groups()).toEqual(['H: far waiting PLATE 1'])
  expect((await decisions(both))[0]?.body.attempts[0]?.candidates).toMatchObject([{ place: 'far', chosen: true, barred: ['CUP'] }, {}, {}])
  await sql`update variants set hazard = null`
  await sql`delete from location_services`
})

test('a group that is given up goes elsewhere; once every place gave it up it waits, and is told once', async () => {
  for (const place of ['main', 'shop']) await receive('CUP', place, 5)
  const id = await order('A', 2)
  await routeAll(context, log)
  await reject('closed early')
  await routeAll(context, log)
  expect(await groups()).toEqual(['A: main rejected CUP 0', 'A: shop waiting CUP 2'])
  const [, second] = await decisions(id)
  expect(second?.body.attempts[0]?.candidates[0]).toMatchObject({ place: 'main', out: 'excluded', detail: 'closed early' })
  await reject('nobody here')
  for (let look = 0; look < 3; look++) expect(await routeAll(context, log)).toBe(0)
  expect((await decisions(id)).map(one => one.outcome)).toEqual(['routed', 'routed', 'unplaced'])
  expect([await state(id), (await balance(sql, 'CUP', 'shop')).reserved]).toEqual(['accepted', 2])
  expect(await broken()).toEqual([])
})

test('what is held is not routed, and is once it is let go', async () => {
  await receive('CUP', 'main', 5)
  const id = await order('A', 2)
  await sql`insert into order_holds (order_id, kind, by_rule, actor) values (${id}, 'fraud', false, 'test')`
  await sql`update orders set state = 'held' where id = ${id}`
  expect(await routeAll(context, log)).toBe(0)
  await sql`update order_holds set ended_at = clock_timestamp()`
  await sql`update orders set state = 'accepted' where id = ${id}`
  expect(await routeAll(context, log)).toBe(1)
})

test('a group that nobody began in the hours of the rules goes elsewhere', async () => {
  for (const place of ['main', 'shop']) await receive('CUP', place, 5)
  await order('A', 2)
  await routeAll(context, log)
  const rules: JsonValue = { lateAfterHours: 4, rules: [] }
  await sql`update fulfilment_groups set ready_by = clock_timestamp() - interval '5 hours'`
  expect(await routeAll(context, log)).toBe(0)
  const { PLAIN_RULES } = await import('../../src/domain/fulfilment/rules.ts')
  const body = JSON.parse(JSON.stringify({ ...rules, rules: PLAIN_RULES.rules }))
  await sql`insert into routing_rules (version, body, actor) values (1, ${sql.json(body)}, 'test')`
  expect(await routeAll(context, log)).toBe(1)
  expect(await groups()).toEqual(['A: main rejected CUP 0', 'A: shop waiting CUP 2'])
})

test('routers that run at once route every order once, while its stock moves', async () => {
  for (let round = 0; round < repetitions('routers at once', 2, 40); round++) {
    await emptyBooks(sql)
    for (const place of ['main', 'shop', 'far']) for (const sku of ['CUP', 'PLATE']) await receive(sku, place, 9)
    const ids = await Promise.all(Array.from({ length: 8 }, (_, n) => order(`R${n}`, 1 + (n % 3), n % 3)))
    await Promise.all([
      routeAll(context, log),
      routeAll(context, log),
      change(sql, [{ sku: 'CUP', location: 'main', quantity: 3, kind: 'count', reason: 'stock-take' }]),
      sql`select order_cancel_1(${sql.json({ actor: 'test', orderId: ids[0] ?? 0 })})`,
    ])
    await routeAll(context, log)
    expect(await sql`select o.external_id from orders o where exists (select from order_unrouted(o.id))`).toEqual([])
    expect(await broken()).toEqual([])
  }
})

test('an order that cannot be routed because something breaks steps back, the others are routed, and a person sees it after some tries', async () => {
  await receive('CUP', 'far', 50)
  await receive('CUP', 'main', 50)
  const ids = [
    await order('S1', 1, 0, single, 'single'),
    await order('S2', 1, 0, single, 'single'),
    await order('W1', 1),
    await order('W2', 1),
  ]
  await sql`
    create function jammed() returns trigger language plpgsql as $$
    begin if exists (select from orders o where o.id = new.order_id and o.external_id in ('S1', 'W1')) then raise exception 'jammed'; end if; return new; end $$`
  await sql`create trigger jammed before insert on routing_decisions for each row execute function jammed()`
  const stuck = async () =>
    (await orderExceptions(sql, new Date(), 10)).filter(one => one.kind === 'stuck').map(one => [one.orderId, one.about])
  for (const routed of [2, 0, 0]) {
    expect(await routeAll(context, log)).toBe(routed)
    expect(await Promise.all(ids.map(state))).toEqual(['accepted', 'routed', 'accepted', 'routed'])
    // At once again only because the time was moved.
    if (routed > 0)
      expect(await sql`select tries from order_troubles where retry_at > clock_timestamp() order by order_id`).toEqual([
        { tries: 1 },
        { tries: 1 },
      ])
    if (routed > 0) expect(await stuck()).toEqual([])
    await sql`update order_troubles set retry_at = clock_timestamp() - interval '1 second'`
  }
  expect(await stuck()).toEqual([
    [ids[0], ['jammed']],
    [ids[2], ['jammed']],
  ])
  await sql`drop trigger jammed on routing_decisions`
  expect(await routeAll(context, log)).toBe(2)
})
