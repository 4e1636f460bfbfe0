import { expect, test } from 'vitest'
import { woocommerce } from '../../connectors/woocommerce/index.ts'
import { inboxPut } from '../../db/inbox.ts'
import { replayInbox } from '../../db/intake.ts'
import { drainInbox } from '../../jobs/intake.ts'
import { createAccount } from '../../src/usecases/channels.ts'
import { seal } from '../../src/values/sealed.ts'
import { freshDatabase } from '../support/database.ts'
import { layIn } from '../support/goods.ts'
import { jobDeps, testContext } from '../support/hub.ts'

const { sql } = await freshDatabase()
const context = await testContext(sql)
await layIn(sql, { MUG: { main: 1000 } })
const deps = jobDeps(context)
const account = await woo()

/** A shop that nobody calls: taking in needs no platform. */
async function woo(): Promise<number> {
  const { accountId } = await createAccount(
    context,
    {
      platform: 'woocommerce',
      stockPerAccount: false,
      readSettings: value => woocommerce.settings.parse(value),
      readCredentials: value => woocommerce.credentials.parse(value),
    },
    {
      name: 'woo',
      platform: 'woocommerce',
      settings: { url: 'http://127.0.0.1:1' },
      credentials: { consumerKey: 'ck_test', consumerSecret: 'cs_test' },
      channels: [{ code: 'woo', name: 'Own shop', ref: 'shop', currency: 'EUR', zone: 'Europe/Berlin' }],
    },
    null,
  )
  return accountId
}

type Line = Readonly<Record<string, unknown>>
const line = (more: Line = {}): Line => ({ id: 1, name: 'Mug', product_id: 1, variation_id: 0, quantity: 1, sku: 'MUG', price: 1, ...more })
const order = (id: number, lines: readonly Line[], more: Line = {}): string =>
  JSON.stringify({
    ...{ id, number: `${id}`, status: 'processing', currency: 'EUR', total: '1.00' },
    ...{ date_created_gmt: '2026-01-01T00:00:00', date_modified_gmt: '2026-01-01T00:00:00', line_items: lines, ...more },
  })

/** Puts bodies into an account's inbox (raw bytes as they are), takes them in, and answers what became of each. */
async function takeIn(bodies: readonly (string | Uint8Array)[]): Promise<{ state: string; reason: string | null }[]> {
  await sql`delete from inbox`
  for (const [at, body] of bodies.entries())
    await inboxPut(sql, {
      accountId: account,
      source: 'webhook',
      deliveryId: `${at}`,
      topic: 'order.created',
      sealedBody: typeof body === 'string' ? await seal(deps.keyring, 'inbox', body) : body,
    })
  expect(await drainInbox(deps, account)).toBe(bodies.length)
  return sql<{ state: string; reason: string | null }[]>`select state, reason from inbox order by id`
}

const done = { state: 'done', reason: null }

test('a line of no units asks for nothing, and the order is booked with its others', async () => {
  const answers = await takeIn([
    order(1, [line({ quantity: 0 }), line({ id: 2, quantity: 2 })]),
    order(2, [line({ quantity: 0 })]),
    order(3, [line()]),
  ])
  expect(answers).toEqual([done, done, done])
  expect(
    await sql`select o.external_id, l.ordered from orders o left join order_lines l on l.order_id = o.id order by o.external_id`,
  ).toEqual([
    { external_id: '1', ordered: 2 },
    { external_id: '2', ordered: null },
    { external_id: '3', ordered: 1 },
  ])
})

test('text that PostgreSQL cannot hold is cleaned, and the order is booked', async () => {
  expect(await takeIn([order(11, [line({ name: 'a\u0000b' })]), order(12, [line({ name: 'half \ud83d' })])])).toEqual([done, done])
  expect(
    await sql`select l.title from order_lines l join orders o on o.id = l.order_id where o.external_id in ('11', '12') order by o.id`,
  ).toEqual([{ title: 'ab' }, { title: 'half \ufffd' }])
})

test('an order whose total is empty tells none', async () => {
  expect(await takeIn([order(21, [line()], { total: '' }), order(22, [line({ price: '' })], { total: ' ' })])).toEqual([done, done])
  expect(await sql`select total from orders where external_id in ('21', '22')`).toEqual([{ total: null }, { total: null }])
})

test('an order that the books refuse is kept aside with the reason, and those before and behind it are booked', async () => {
  const answers = await takeIn([order(31, [line()]), order(32, [line({ quantity: 3_000_000_000 })]), order(33, [line()])])
  expect(answers).toEqual([
    done,
    { state: 'refused', reason: expect.stringMatching(/^refused: order 32 cannot be booked: .*3000000000/) },
    done,
  ])
  expect(await sql`select external_id, state from orders where external_id in ('31', '32', '33') order by id`).toEqual([
    { external_id: '31', state: 'routed' },
    { external_id: '33', state: 'routed' },
  ])
})

test('an order that states one line twice is kept aside as contradictory, not merged', async () => {
  const answers = await takeIn([order(41, [line(), line({ quantity: 2 })]), order(42, [line()])])
  expect(answers).toEqual([{ state: 'refused', reason: 'refused: order 41 cannot be booked: it states line 1 twice' }, done])
})

test('a message that cannot be opened is kept aside with the reason, and the next one is taken in', async () => {
  const sealed = await seal(deps.keyring, 'another purpose', order(51, [line()]))
  expect(await takeIn([sealed, new Uint8Array([9, 9, 9]), order(52, [line()])])).toEqual([
    { state: 'refused', reason: expect.stringMatching(/^unreadable: the message cannot be opened: /) },
    { state: 'refused', reason: 'unreadable: the message cannot be opened: sealed data is malformed' },
    done,
  ])
})

test('an order that is cancelled in the set behind its own is cancelled, though both are booked at once, and none of its stock is kept', async () => {
  await sql`delete from inbox`
  const reserved = async () => (await sql<{ n: number }[]>`select reserved as n from balances`)[0]?.n ?? 0
  const [held, booked] = [await reserved(), await bookedOrders()]
  const cancelled = { status: 'cancelled', date_modified_gmt: '2026-01-01T00:00:01' }
  const told = [...Array(300).keys()].map(n => order(8_000 + n, [line()]))
  const undone = [...Array(100).keys()].map(n => order(8_000 + 3 * n, [line()], cancelled))
  const bodies = await Promise.all([...told, ...undone].map(body => seal(deps.keyring, 'inbox', body)))
  await sql`
    insert into inbox (account_id, source, delivery_id, topic, body)
    select ${account}, 'webhook', n::text, 'order.created', decode(b, 'base64')
    from unnest(${bodies.map(body => Buffer.from(body).toString('base64'))}::text[]) with ordinality x(b, n) order by n`
  expect(await drainInbox(deps, account)).toBe(400)
  expect(await sql`select state, reason, count(*)::int as n from inbox group by 1, 2`).toEqual([{ state: 'done', reason: null, n: 400 }])
  expect(await sql`select state, count(*)::int as n from orders where external_id like '8___' group by 1 order by 1`).toEqual([
    { state: 'cancelled', n: 100 },
    { state: 'routed', n: 200 },
  ])
  expect([(await reserved()) - held, (await bookedOrders()) - booked]).toEqual([200, 300])
})

test('what was read ahead when a set could not be booked waits with it, and both are booked the next time', async () => {
  await sql`delete from inbox`
  const before = await bookedOrders()
  const bodies = await Promise.all(Array.from({ length: 430 }, (_, n) => seal(deps.keyring, 'inbox', order(5_000 + n, [line()]))))
  await sql`
    insert into inbox (account_id, source, delivery_id, topic, body)
    select ${account}, 'webhook', n::text, 'order.created', decode(b, 'base64')
    from unnest(${bodies.map(body => Buffer.from(body).toString('base64'))}::text[]) with ordinality x(b, n) order by n`
  // What is told beside orders waits for the set before it.
  await inboxPut(sql, { accountId: account, source: 'poll', deliveryId: 'beside', topic: '5000', sealedBody: new Uint8Array() })
  // Booking fails as a whole, not because of one order.
  const [begun] = await sql<{ at: string }[]>`select clock_timestamp()::text as at`
  await sql`alter table balances rename to balances_away`
  await expect(drainInbox(deps, account)).rejects.toThrow('balances')
  await sql`alter table balances_away rename to balances`
  const [waiting] = await sql<{ n: number; soon: number }[]>`
    select count(*)::int as n,
      count(*) filter (where taken_until between ${begun?.at ?? ''}::timestamptz and clock_timestamp() + interval '2 seconds')::int as soon
    from inbox where state = 'new'`
  expect(waiting).toEqual({ n: 431, soon: 431 })
  expect(await bookedOrders()).toBe(before)

  await sql`update inbox set taken_until = null`
  expect(await drainInbox(deps, account)).toBe(431)
  expect(await sql`select state, count(*)::int as n from inbox group by 1`).toEqual([{ state: 'done', n: 431 }])
  expect(await bookedOrders()).toBe(before + 430)
})

test('an order that breaks the booking for a reason nobody foresaw is kept aside with it, those around it are booked, and it is once it is taken up again', async () => {
  await sql`
    create function cursed() returns trigger language plpgsql as $$
    begin if new.external_line_id = '666' then raise exception 'a line of woe'; end if; return new; end $$`
  await sql`create trigger cursed before insert on order_lines for each row execute function cursed()`
  const bodies = Array.from({ length: 9 }, (_, n) => order(700 + n, [line({ id: n === 5 ? 666 : 1 })]))
  const answers = await takeIn(bodies)
  const kept = { state: 'refused', reason: 'refused: order 705 cannot be booked: a line of woe' }
  expect(answers).toEqual(bodies.map((_, n) => (n === 5 ? kept : done)))
  expect(
    await sql`select count(*)::int as n from orders where external_id in ('700', '701', '702', '703', '704', '706', '707', '708')`,
  ).toEqual([{ n: 8 }])

  await sql`alter table order_lines disable trigger cursed`
  const [bad] = await sql<{ id: number }[]>`select id from inbox where state = 'refused'`
  expect(await replayInbox(sql, bad?.id ?? 0, 'test')).toBe(true)
  expect(await drainInbox(deps, account)).toBe(1)
  expect(await sql`select state from orders where external_id = '705'`).toEqual([{ state: 'routed' }])
  await sql`alter table order_lines enable trigger cursed`

  // Where it breaks all of several, it is not theirs: none is given up.
  await sql`create or replace function cursed() returns trigger language plpgsql as $$ begin raise exception 'woe to all'; end $$`
  await expect(takeIn([order(720, [line()]), order(721, [line()])])).rejects.toThrow('woe to all')
  expect(await sql`select state, count(*)::int as n from inbox group by 1`).toEqual([{ state: 'new', n: 2 }])

  await sql`drop trigger cursed on order_lines`
  await sql`update inbox set taken_until = null`
  expect(await drainInbox(deps, account)).toBe(2)
  expect(await sql`select state, reason from inbox`).toEqual([done, done])
})

test('what cannot be acted on is kept aside, and what came with it is done', async () => {
  await sql`
    create function barred() returns trigger language plpgsql as $$
    begin if new.external_id = 'bad' then raise exception 'no way to note that'; end if; return new; end $$`
  await sql`create trigger barred before insert on rereads for each row execute function barred()`
  await sql`delete from inbox`
  for (const topic of ['731', 'bad', '732'])
    await inboxPut(sql, { accountId: account, source: 'poll', deliveryId: topic, topic, sealedBody: new Uint8Array() })
  expect(await drainInbox(deps, account)).toBe(3)
  expect(await sql`select topic, state, reason from inbox order by id`).toEqual([
    { topic: '731', state: 'done', reason: 'to be read from the platform' },
    { topic: 'bad', state: 'refused', reason: 'refused: the message cannot be acted on: no way to note that' },
    { topic: '732', state: 'done', reason: 'to be read from the platform' },
  ])
  await sql`drop trigger barred on rereads`
})

const bookedOrders = async (): Promise<number> => (await sql<{ n: number }[]>`select count(*)::int as n from orders`)[0]?.n ?? 0
