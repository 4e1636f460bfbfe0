import { createHmac, randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { readAccounts } from '../../db/accounts.ts'
import { close, connect, type Sql } from '../../db/connect.ts'
import { layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { listingOf, startLiveHub, WEBHOOK_SECRET } from './live-hub.ts'
import { type LoadResult, latencyWords, perSecond, type Shot } from './load.ts'
import { CLIENTS, skuOf } from './requests.ts'
import { inTurns } from './rounds.ts'
import { spread } from './spread.ts'
import type { Stage } from './stage.ts'

const SKUS = 200
const ORDERS = 1_000
const WARM = 600
const LINES = 3
const PLENTY = 1_000_000
const HALF_LOAD_MS = 4_000
/** What sealing adds to a message: key id, nonce and tag. */
const SEAL_BYTES = 35

type Goods = ReadonlyMap<string, number>

/**
 * Signed webhooks of the shop, of three lines each, until their orders are booked and promised, against a bare insert of the same rows; then how soon a webhook is
 * answered at half of that load.
 */
export async function orderIntake(stage: Stage): Promise<Measured> {
  const { context, log, folder, sql, load } = stage
  const skus = Array.from({ length: SKUS }, (_, n) => skuOf(n))
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: PLENTY }])))
  const listings = skus.map(sku => listingOf(sku, PLENTY, '10'))
  const hub = await startLiveHub({ ...{ context, log, folder, lagMs: 300 }, listings: { woocommerce: listings, amazon: [] } })
  stage.atEnd(hub.stop)
  const [account] = await readAccounts(sql, hub.accounts.woocommerce)
  const goods = await productsOf(sql)
  const notes: string[] = []
  let next = 1
  const shotsOf = (orders: number): Shot[] =>
    Array.from({ length: orders }, () => orderShot(`/webhooks/${account?.webhookToken}`, next++, goods))
  const send = (shots: readonly Shot[]): Promise<LoadResult> =>
    load.run({ origin: hub.door, clients: Math.min(CLIENTS, shots.length), shots, warmMs: 0, measureMs: null, keyPrefix: null })

  const intake = async (orders: number): Promise<number> => {
    const last = await newestOrder(sql)
    const shots = shotsOf(orders)
    const startedAt = performance.now()
    const sent = await send(shots)
    notes.push(`answered ${Math.round(perSecond(sent))}/s, ${latencyWords(sent)}`)
    await until('all orders are booked', async () => (await bookedAfter(sql, last)) === orders, 30_000)
    return orders / ((performance.now() - startedAt) / 1000)
  }
  await intake(WARM)
  const bare = await bareInsert(stage, Buffer.byteLength(orderShot('/', 1, goods).body ?? ''))
  await bare(WARM)
  const { booked, inserted, words } = await inTurns(3, { inserted: () => bare(ORDERS), booked: () => intake(ORDERS) })
  const half = await atHalfLoad(booked / 2, shotsOf, send)
  await until('all orders are booked', async () => (await bookedAfter(sql, 0)) === next - 1, 30_000)
  const { p50, p99 } = spread(half)
  notes.push(`at ${Math.round(booked / 2)}/s a webhook is answered in p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`)
  const ratio = booked / inserted
  const criteria = {
    ...{ ratio: atLeast(0.25, ratio), answeredP99Ms: atMost(100, p99) },
    ...{ notBooked: atMost(0, await notWhole(sql, next - 1)), violations: atMost(0, await stage.violations()) },
  }
  const reading = { name: 'order-intake', value: booked, unit: 'orders/s', yardstick: inserted, ratio, criteria }
  return { line: lineOf(reading), notes: [words, ...notes.slice(1)] }
}

/** Sends orders evenly at a rate for a few seconds, in handfuls every 50 ms. Answers how long each was on its way, ms. */
async function atHalfLoad(
  perSecond: number,
  shotsOf: (orders: number) => Shot[],
  send: (shots: readonly Shot[]) => Promise<LoadResult>,
): Promise<number[]> {
  const latencies: number[] = []
  const startedAt = performance.now()
  let sent = 0
  for (;;) {
    const elapsed = performance.now() - startedAt
    if (elapsed > HALF_LOAD_MS) return latencies
    const due = Math.floor((elapsed / 1000) * perSecond) - sent
    if (due > 0) {
      sent += due
      const answered = await send(shotsOf(due))
      if (answered.refusal !== null) throw new Error(`a webhook was refused: ${answered.refusal}`)
      latencies.push(...answered.latenciesMs)
    }
    await wait(50)
  }
}

/** The shop's product ids, as the hub has seen them. */
async function productsOf(sql: Sql): Promise<Goods> {
  const rows = await sql<
    { sku: string; id: string }[]
  >`select external_sku as sku, external_id as id from listings where variant_id is not null`
  if (rows.length !== SKUS) throw new Error(`${rows.length} of ${SKUS} listings are matched`)
  return new Map(rows.map(row => [row.sku, Number(row.id)]))
}

const skusOf = (number: number): string[] => Array.from({ length: LINES }, (_, n) => skuOf((number * 7 + n * 31) % SKUS))

function orderShot(path: string, number: number, goods: Goods): Shot {
  const at = new Date().toISOString().slice(0, 19)
  const address = { first_name: 'Ada', last_name: 'Sample', address_1: '1 Sample Street', city: 'Berlin', postcode: '10115', country: 'DE' }
  const body = JSON.stringify({
    ...{ id: 1_000_000 + number, number: String(1_000_000 + number), status: 'processing', currency: 'EUR', total: '20.00' },
    ...{ date_created_gmt: at, date_modified_gmt: at, date_completed_gmt: null, refunds: [], meta_data: [] },
    ...{ billing: { ...address, email: 'ada@example.com' }, shipping: address },
    line_items: skusOf(number).map((sku, n) => ({
      ...{ id: number * 10 + n, name: sku, sku, product_id: goods.get(sku) ?? 0, variation_id: 0 },
      ...{ quantity: 1, price: 10, meta_data: [] },
    })),
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

async function newestOrder(sql: Sql): Promise<number> {
  const [row] = await sql<{ id: number }[]>`select coalesce(max(id), 0) as id from orders`
  return row?.id ?? 0
}

async function bookedAfter(sql: Sql, id: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from orders where id > ${id} and content_hash <> ''`
  return row?.n ?? 0
}

/** Orders that are not there, or promise less than they should. */
async function notWhole(sql: Sql, orders: number): Promise<number> {
  const [row] = await sql<{ n: number }[]>`
    select count(*)::int as n from orders o where o.state in ('accepted', 'routed')
      and (select sum(reserved) from order_lines l where l.order_id = o.id) = ${LINES}`
  return orders - (row?.n ?? 0)
}

/**
 * The bare way: the rows that a booked order is (its sealed message, the order, its sealed buyer, its lines, their promises, their entries in the ledger, its first event)
 * by one statement for each order into tables of the same columns that have a primary key and nothing else, 16 connections. What the hub writes besides for others to read
 * (the change feed, balances, what listings show) is left out. Answers how to insert so many and how many a second it were.
 */
async function bareInsert(stage: Stage, messageBytes: number): Promise<(orders: number) => Promise<number>> {
  const sql = connect(stage.url, { max: 16, name: 'bench-bare' })
  stage.atEnd(() => close(sql, 1))
  for (const table of ['inbox', 'orders', 'order_people', 'order_lines', 'reservations', 'movements', 'order_events']) {
    await sql`create table ${sql(`bare_${table}`)} (like ${sql(table)} including defaults including identity)`
    await sql`alter table ${sql(`bare_${table}`)} add primary key (${sql(table === 'order_people' ? 'order_id' : 'id')})`
  }
  const sealed = { message: randomBytes(messageBytes + SEAL_BYTES), key: randomBytes(80), body: randomBytes(250) }
  const signature = randomBytes(32).toString('base64')
  const [booked] = await stage.sql<{ amounts: string | null }[]>`select amounts::text from orders limit 1`
  const amounts = booked?.amounts ?? null
  let number = 0
  return async orders => {
    const startedAt = performance.now()
    let left = orders
    await Promise.all(
      Array.from({ length: CLIENTS }, async () => {
        while (left-- > 0) {
          const own = ++number
          const skus = skusOf(own)
          const variants = skus.map((_, n) => ((own * 7 + n * 31) % SKUS) + 1)
          await sql`
            with i as (
              insert into bare_inbox (account_id, source, delivery_id, topic, body, state, done_at)
              values (1, 'webhook', ${`1:delivery-${own}:${signature}`}, 'order.created', ${sealed.message}, 'done', now())
            ), o as (
              insert into bare_orders (channel_id, external_id, number, state, platform_state, stamp, content_hash, currency, total, amounts, placed_at)
              values (1, ${String(own)}, ${String(own)}, 'accepted', 'processing', now(), ${signature}, 'EUR', 20, ${amounts}::text::jsonb, now()) returning id
            ), p as (
              insert into bare_order_people (order_id, sealed_key, sealed_body) select id, ${sealed.key}, ${sealed.body} from o
            ), e as (
              insert into bare_order_events (order_id, transition, to_state, detail, actor)
              select id, 'book', 'accepted', '{"platformState": "processing"}', 'channel:woo' from o
            ), l as (
              insert into bare_order_lines (order_id, external_line_id, variant_id, listing_id, sku, title, unit_price, ordered, reserved, counted)
              select o.id, x.n, x.variant, x.variant, x.sku, x.sku, 10, 1, 1, 1 from o, unnest(${skus}::text[], ${variants}::bigint[]) with ordinality x(sku, variant, n)
              returning id, variant_id, order_id
            ), r as (
              insert into bare_reservations (basket, order_line_id, channel_id, variant_id, location_id, quantity, asked, actor)
              select 'order:' || order_id, id, 1, variant_id, 1, 1, 1, 'channel:woo' from l returning id, order_line_id, variant_id
            )
            insert into bare_movements (variant_id, location_id, kind, reserved, order_line_id, reservation_id, actor, occurred_at)
            select variant_id, 1, 'reserve', 1, order_line_id, id, 'channel:woo', now() from r`
        }
      }),
    )
    return orders / ((performance.now() - startedAt) / 1000)
  }
}
