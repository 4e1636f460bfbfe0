import { readAccounts } from '../../db/accounts.ts'
import { availability, availabilityAt, readShown } from '../../db/availability.ts'
import { bulkAtp, policiesOf } from '../../db/availability-bulk.ts'
import { datedOfChannels } from '../../db/availability-dated.ts'
import type { Sql } from '../../db/connect.ts'
import { bookOrders, type OrderToBook } from '../../db/orders.ts'
import { intend, workToCheck } from '../../db/publications.ts'
import { reserveMany } from '../../db/reserve.ts'
import { applyNextStock, beginStockImport, stageStock } from '../../db/stock-imports.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { changeChannel } from '../../src/usecases/channels.ts'
import { uploadStock } from '../../src/usecases/import-stock.ts'
import { layIn, quietChannel } from '../support/goods.ts'
import { layInPast, pastActs } from './explain-past.ts'
import { plansOf, type Ran } from './plans.ts'
import { skuOf } from './requests.ts'
import type { Stage } from './stage.ts'

const SKUS = 20_000
const CHUNK = 1_000
/** Reading a smaller table whole is as good as an index. */
const LARGE = 1_000
const SHOWN = 8

/**
 * Runs each hot statement on a catalog of 20,000 SKUs, every one listed in two channels, and prints what ran inside of it. Answers the
 * sequential scans of large tables: there should be none.
 */
export async function explain(stage: Stage): Promise<readonly string[]> {
  const channel = await layInMuch(stage.sql)
  await layInPast(stage.unhurried, skuOf(4_711))
  await changeChannel(stage.context, 'shop', { publishStock: true }, null)
  let number = 0
  const reserve = (n: number) =>
    Array.from({ length: n }, () => ({
      ...{ scope: 'bench', key: `explain-${++number}`, kind: 'stock.reserve', hash: 'x', actor: 'bench', channel: null, partial: false },
      ...{ expiresAt: null, lines: [{ sku: skuOf((number * 37) % SKUS), quantity: 1, location: null }] },
    }))
  const some = (n: number) => Array.from({ length: n }, (_, at) => skuOf((at * 17) % SKUS))
  const variants = await stage.sql<{ id: number }[]>`select id from variants where id % 1000 = 7`
  const read = await beginStockImport(stage.sql, 'explain.csv', 'bench')
  const judged = await judgedFile(stage)
  const acts: Readonly<Record<string, (sql: Sql) => Promise<unknown>>> = {
    'reserve (64 requests)': sql => reserveMany(sql, reserve(64)),
    'availability (1 SKU)': sql => availability(sql, [skuOf(4_711)], ['shop']),
    'availability for the memory (64 SKUs)': sql => readShown(sql, 'shop', some(64)),
    'availability by location (64 SKUs)': sql => availabilityAt(sql, some(64), null),
    'availability on a date (64 SKUs)': sql => datedOfChannels(sql, some(64), ['shop'], new Date(Date.now() + 86_400_000)),
    'availability of many (1,000 SKUs)': async sql =>
      bulkAtp(
        sql,
        some(1_000),
        (await policiesOf(sql, ['shop'])).map(shop => shop.id),
        false,
      ),
    'waiting work': sql => waitingByLoss(sql, channel.accountId, 100),
    'waiting work of an account whose switches are off': sql => waitingByLoss(sql, channel.offId, 100),
    'work to check': sql => workToCheck(sql, channel.accountId, 100),
    'intend (20 variants)': sql =>
      intend(
        sql,
        channel.accountId,
        variants.map(row => row.id),
      ),
    'book orders (20 orders)': sql =>
      bookOrders(
        sql,
        Array.from({ length: 20 }, () => orderOf(channel.accountId, ++number)),
        'bench',
      ),
    ...pastActs(stage.context, skuOf(4_711)),
    'stage 2,000 rows of a stock file': sql => stageStock(sql, read, rowsToStage(2_000)),
    'apply 2,000 rows of a stock file': sql => applyNextStock(sql, judged, 2_000, { actor: 'bench' }),
  }
  const found: string[] = []
  for (const [name, act] of Object.entries(acts)) {
    const ran = await plansOf(stage.url, act)
    console.error(`\n${name}`)
    for (const one of ran.slice(0, SHOWN)) console.error(words(one))
    const [whole] = ran
    if (ran.length === 1 && whole) console.error(whole.plan)
    for (const one of ran)
      for (const [table, rows] of one.scanned)
        if (rows >= LARGE) found.push(`${name} reads all ${rows} rows of ${table}: ${one.text.slice(0, 160)}\n${one.plan}`)
  }
  return found
}

function rowsToStage(rows: number) {
  const all = Array.from({ length: rows }, (_, n) => n)
  const none = { deltas: null, availables: null, instants: null, reasons: null, lots: null, expiries: null, wrong: [] }
  return {
    rows: all.map(n => n + 2),
    skus: all.map(n => skuOf((n * 37) % SKUS)),
    locations: all.map(() => 'main'),
    quantities: all,
    ...none,
  }
}

/** A stock file that counts every SKU anew, and has not begun to apply. */
async function judgedFile({ context }: Stage): Promise<number> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('sku,location,quantity\n')
    for (let n = 0; n < SKUS; n++) yield Buffer.from(`${skuOf(n)},main,${2_000 + n}\n`)
  }
  const { id } = await uploadStock(context, {
    ...{ name: 'explain.csv', source: source(), format: 'csv', encoding: 'utf-8', delimiter: ',', ignoreOtherColumns: false, again: false },
    defaults: { location: null, basis: 'on_hand', mode: 'absolute', occurredAt: null },
  })
  return id
}

const words = (ran: Ran): string =>
  `${ran.totalMs.toFixed(1).padStart(9)} ms  ${String(ran.times).padStart(4)} ×  ${ran.text.slice(0, 140)}`

async function layInMuch(sql: Sql): Promise<{ readonly accountId: number; readonly offId: number }> {
  for (let at = 0; at < SKUS; at += CHUNK)
    await layIn(sql, Object.fromEntries(Array.from({ length: CHUNK }, (_, n) => [skuOf(at + n), { main: 1_000, shop: 100 }])))
  const channel = await quietChannel(sql, 'shop')
  const off = await quietChannel(sql, 'other')
  for (const { id, channels } of await readAccounts(sql)) {
    const [of] = channels
    await sql`
      insert into listings (channel_id, account_id, external_id, external_sku, title, variant_id, shown_quantity)
      select ${of?.id ?? 0}, ${id}, v.sku, v.sku, v.sku, v.id, 7 from variants v`
    await intend(sql, id, null)
  }
  const requests = Array.from({ length: 2_000 }, (_, n) => ({
    ...{
      scope: 'bench',
      key: `laid-in-${n}`,
      kind: 'stock.reserve',
      hash: 'x',
      actor: 'bench',
      channel: null,
      partial: false,
      expiresAt: null,
    },
    lines: [{ sku: skuOf(n % 50), quantity: 1, location: null }],
  }))
  for (let at = 0; at < requests.length; at += 200) await reserveMany(sql, requests.slice(at, at + 200))
  const orders = Array.from({ length: 2_000 }, (_, n) => orderOf(channel.accountId, 1_000_000 + n))
  for (let at = 0; at < orders.length; at += 100) await bookOrders(sql, orders.slice(at, at + 100), 'bench')
  await sql`vacuum analyze`
  return { accountId: channel.accountId, offId: off.accountId }
}

function orderOf(accountId: number, number: number): OrderToBook {
  const at = '2026-01-01T00:00:00Z'
  const sku = skuOf((number * 13) % SKUS)
  return {
    ...{ accountId, channelRef: 'shop', externalId: `order-${number}`, number: `order-${number}`, stamp: at, placedAt: at, hash: 'x' },
    ...{ fresh: false, effect: 'reserve', platformState: 'processing', currency: 'EUR', total: '10', sealedKey: null, sealedBody: null },
    lines: [
      {
        ...{ externalLineId: '1', listingRef: sku, sku, title: sku, ordered: 1, cancelled: 0, shipped: 0, returned: 0, unitPrice: '10' },
      },
    ],
  }
}
