import { createHmac } from 'node:crypto'
import { readAccounts } from '../../db/accounts.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import { layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { listingOf, startLiveHub, WEBHOOK_SECRET } from './live-hub.ts'
import { latencyWords, perSecond, type Shot } from './load.ts'
import { CLIENTS, skuOf } from './requests.ts'
import { inTurns } from './rounds.ts'
import type { Stage } from './stage.ts'

const SKUS = 200
const ORDERS = 1_000
const WARM = 200
const PLENTY = 1_000_000

type Goods = ReadonlyMap<string, number>

/** Signed webhooks of the shop until their orders are booked, against a plain insert of order and lines. */
export async function orderIntake(stage: Stage): Promise<Measured> {
  const { context, log, folder, sql, load } = stage
  const skus = Array.from({ length: SKUS }, (_, n) => skuOf(n))
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: PLENTY }])))
  const listings = skus.map(sku => listingOf(sku, PLENTY, '10'))
  const hub = await startLiveHub({ ...{ context, log, folder, lagMs: 300 }, listings: { woocommerce: listings, amazon: [] } })
  stage.atEnd(hub.stop)
  const [account] = await readAccounts(sql, hub.accounts.woocommerce)
  const goods = await productsOf(sql)
  const plain = await plainInsert(stage)
  const notes: string[] = []
  let next = 1

  const intake = async (orders: number): Promise<number> => {
    const shots = Array.from({ length: orders }, () => orderShot(`/webhooks/${account?.webhookToken}`, next++, goods))
    const startedAt = performance.now()
    const sent = await load.run({ origin: hub.door, clients: CLIENTS, shots, warmMs: 0, measureMs: null, keyPrefix: null })
    notes.push(`answered ${Math.round(perSecond(sent))}/s, ${latencyWords(sent)}`)
    await until('all orders are booked', () => isBooked(sql, next - 1), 30_000)
    return orders / ((performance.now() - startedAt) / 1000)
  }
  await intake(WARM)
  await plain(WARM)
  const { booked, inserted, words } = await inTurns(3, { inserted: () => plain(ORDERS), booked: () => intake(ORDERS) })
  const ratio = booked / inserted
  const criteria = {
    ratio: atLeast(0.03, ratio),
    ...{ notBooked: atMost(0, await notWhole(sql, next - 1)), violations: atMost(0, await stage.violations()) },
  }
  const reading = { name: 'order-intake', value: booked, unit: 'orders/s', yardstick: inserted, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes.slice(1)] }
}

/** The shop's product ids, as the hub has seen them. */
async function productsOf(sql: Sql): Promise<Goods> {
  const rows = await sql<
    { sku: string; id: string }[]
  >`select external_sku as sku, external_id as id from listings where variant_id is not null`
  if (rows.length !== SKUS) throw new Error(`${rows.length} of ${SKUS} listings are matched`)
  return new Map(rows.map(row => [row.sku, Number(row.id)]))
}

/** Orders of one to three lines, two on average. */
const linesOf = (number: number): number => (number % 3) + 1

function orderShot(path: string, number: number, goods: Goods): Shot {
  const at = new Date().toISOString().slice(0, 19)
  const address = { first_name: 'Ada', last_name: 'Sample', address_1: '1 Sample Street', city: 'Berlin', postcode: '10115', country: 'DE' }
  const body = JSON.stringify({
    ...{ id: 1_000_000 + number, number: String(1_000_000 + number), status: 'processing', currency: 'EUR', total: '20.00' },
    ...{ date_created_gmt: at, date_modified_gmt: at, date_completed_gmt: null, refunds: [], meta_data: [] },
    ...{ billing: { ...address, email: 'ada@example.com' }, shipping: address },
    line_items: Array.from({ length: linesOf(number) }, (_, n) => {
      const sku = skuOf((number * 7 + n * 31) % SKUS)
      return {
        id: number * 10 + n,
        name: sku,
        sku,
        product_id: goods.get(sku) ?? 0,
        variation_id: 0,
        quantity: 1,
        price: 10,
        meta_data: [],
      }
    }),
  })
  const headers = {
    'content-type': 'application/json',
    'x-wc-webhook-topic': 'order.created',
    'x-wc-webhook-id': '1',
    'x-wc-webhook-delivery-id': `delivery-${number}`,
    'x-wc-webhook-signature': createHmac('sha256', WEBHOOK_SECRET).update(body).digest('base64'),
  }
  return { method: 'POST', path, headers, body }
}

async function isBooked(sql: Sql, orders: number): Promise<boolean> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from orders where content_hash <> ''`
  return row?.n === orders
}

/** Orders that are not there, or promise less than they should. */
async function notWhole(sql: Sql, orders: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from orders o where o.state = 'accepted'
      and (select sum(reserved) from order_lines l where l.order_id = o.id) = ((o.number::int - 1000000) % 3) + 1`
  return orders - (row?.n ?? 0)
}

/** The plain way: an order and its lines by one statement each time, 16 connections. Answers how to insert so many and how many a second it were. */
async function plainInsert(stage: Stage): Promise<(orders: number) => Promise<number>> {
  const sql = connect(stage.url, { max: 16, name: 'bench-plain' })
  stage.atEnd(() => close(sql, 1))
  await sql`create table plain_orders (id bigint generated always as identity primary key, number text not null, total numeric not null, at timestamptz not null default now())`
  await sql`
    create table plain_lines (id bigint generated always as identity primary key, order_id bigint not null references plain_orders, sku text not null, quantity int not null)`
  let number = 0
  return async orders => {
    const startedAt = performance.now()
    let left = orders
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (left-- > 0) {
          const own = ++number
          const skus = Array.from({ length: linesOf(own) }, (_, n) => skuOf((own * 7 + n * 31) % SKUS))
          await sql`
            with o as (insert into plain_orders (number, total) values (${String(own)}, 20) returning id)
            insert into plain_lines (order_id, sku, quantity) select o.id, s, 1 from o, unnest(${skus}::text[]) s`
        }
      }),
    )
    return orders / ((performance.now() - startedAt) / 1000)
  }
}
