import { setTimeout as wait } from 'node:timers/promises'
import type { JournalEntry, SandboxEdit } from '../../connectors/sandbox.ts'
import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'
import type { Sql } from '../../db/connect.ts'
import { askCheck } from '../../db/drift.ts'
import { GERMANY } from '../../src/demo/listings.ts'
import { setDriftWinners } from '../../src/usecases/drift.ts'
import { until } from '../support/until.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { publish, startLiveHub } from './live-hub.ts'
import { collect, watchMemory } from './memory.ts'
import { journalEnd } from './shown-journal.ts'
import type { Stage } from './stage.ts'

const LISTINGS = 100_000
/** Variations of a parent. */
const EACH = 10
const DRIFTS = 1_000
const STOCK = 50
const PAGE = 100
const SEED_AT_ONCE = 5_000
/** The platform's rates are so many times a real shop's; a check takes half of the calls. */
const SCALE = 40

/** What is looked through, and in how few calls that could be done by `isRead`. */
type Looked = {
  readonly name: string
  readonly platform: 'woocommerce' | 'amazon'
  readonly channel: string
  readonly ref: string
  readonly parents: number
  readonly isBySku: boolean
  /** Calls of a check that reads all listings, and how many of them it may take. */
  readonly fewest: number
  readonly mostCalls: number
  readonly isRead: (entry: JournalEntry) => boolean
}

/** 90 % simple products, 10 % variations. */
const PARENTS = LISTINGS / 10 / EACH
const SHOP_CALLS = Math.ceil((LISTINGS - PARENTS * EACH) / PAGE) + PARENTS * Math.ceil(EACH / PAGE)
const SHOP: Looked = {
  ...{ name: 'drift-check', platform: 'woocommerce', channel: 'woo', ref: 'shop', parents: PARENTS, isBySku: false },
  ...{ fewest: SHOP_CALLS, mostCalls: 1.01 * SHOP_CALLS },
  isRead: entry => entry.ref === 'products.list' || entry.ref === 'variations.list',
}
/** Amazon shows twenty listings in each call of a search; what its report does not confirm is looked at by name. */
const SELLER: Looked = {
  ...{ name: 'drift-report', platform: 'amazon', channel: 'amazon-de', ref: GERMANY.id, parents: 0, isBySku: true },
  ...{ fewest: LISTINGS / 20, mostCalls: LISTINGS / 20 / 10 },
  isRead: entry => entry.data.operation === 'searchListingsItems',
}

type Goods = { readonly sku: string; readonly parent: string | null; readonly id: number; readonly parentId: number | null }

/**
 * A drift check of 100,000 listings in the WooCommerce sandbox, a thousand of which were edited behind the hub's back: its calls against the fewest in which the
 * shop shows them all, its memory, and that it finds just those. The hub does not repair them meanwhile, so that all calls to read are the check's.
 */
export const driftCheck = (stage: Stage): Promise<Measured> => lookThrough(stage, SHOP)

/** The same in the Amazon sandbox, by Amazon's own report: against a search of everything. */
export const driftReport = (stage: Stage): Promise<Measured> => lookThrough(stage, SELLER)

async function lookThrough(stage: Stage, looked: Looked): Promise<Measured> {
  const { name, platform, fewest, mostCalls } = looked
  const { context, log, folder, sql } = stage
  const hub = await startLiveHub({ ...{ context, log, folder, lagMs: 0, scale: SCALE }, listings: { woocommerce: [], amazon: [] } })
  stage.atEnd(hub.stop)
  const shop = hub.sandboxes.remote.platform(platform)
  const account = hub.accounts[platform]
  const planted = await prepare(stage, looked, shop, account)
  const begun = await journalEnd(shop)
  // What was needed to lay all this in is no memory of the check, and would let the collector wait longer.
  collect()

  const startedAt = performance.now()
  const memory = watchMemory()
  const id = await askCheck(sql, account, 'user:bench')
  await until('the check is done', () => isOver(sql, id), 600_000)
  const memoryMb = memory.stop()
  const seconds = (performance.now() - startedAt) / 1000
  const calls = await readCalls(shop, begun, looked.isRead)
  const found = await sql<{ key: string }[]>`
    select l.external_sku || '/' || d.field as key from drifts d join listings l on l.id = d.listing_id`
  const right = found.filter(({ key }) => planted.has(key)).length
  const [row] = await sql<{ seen: number; way: string }[]>`select seen, way from drift_checks where id = ${id}`
  const criteria = {
    ...{
      calls: atMost(mostCalls, calls),
      memoryMb: atMost(150, memoryMb),
      found: atLeast(DRIFTS, right),
      others: atMost(0, found.length - right),
    },
  }
  return {
    line: lineOf({ name, value: calls, unit: 'calls', yardstick: fewest, ratio: fewest / calls, criteria }),
    notes: [
      `by ${row?.way}: ${row?.seen} listings in ${seconds.toFixed(1)} s at half of the calls of ${SCALE} such accounts; memory above idle ${memoryMb.toFixed(0)} MB`,
      `found ${right} of ${DRIFTS} planted, and ${found.length - right} others`,
    ],
  }
}

/** Lays the goods in on both sides, publishes them, and edits a thousand at the shop. Answers which, by SKU and field. */
async function prepare(stage: Stage, looked: Looked, shop: RemoteSandbox, accountId: number): Promise<ReadonlyMap<string, SandboxEdit>> {
  const { channel, ref } = looked
  const goods = goodsOf(looked)
  await seed(shop, ref, goods)
  await layIn(stage.unhurried, accountId, looked, goods)
  await setDriftWinners(stage.context, null, channel, { stock: 'ask', price: 'ask' }, () => true)
  await publish(stage.context, [channel])
  const planted = plan(goods, ref)
  await shop.edit([...planted.values()])
  return planted
}

/** What is sold, with the ids that the shop gives in the order of seeding: from 11 on, a parent before the first of its variations. */
function goodsOf({ parents }: Looked): readonly Goods[] {
  const count = LISTINGS - parents * EACH
  const simple = Array.from({ length: count }, (_, n) => ({ sku: `S-${n}`, parent: null, id: 11 + n, parentId: null }))
  const families = Array.from({ length: parents }, (_, n) => {
    const parentId = 11 + count + n * (EACH + 1)
    return Array.from({ length: EACH }, (_, m) => ({ sku: `V-${n}-${m}`, parent: `P-${n}`, id: parentId + 1 + m, parentId }))
  })
  return [...simple, ...families.flat()]
}

async function seed(shop: RemoteSandbox, ref: string, goods: readonly Goods[]): Promise<void> {
  for (let at = 0; at < goods.length; at += SEED_AT_ONCE) {
    const part = goods.slice(at, at + SEED_AT_ONCE)
    await shop.seed(part.map(({ sku, parent }) => ({ sku, parent, title: sku, gtin: null, quantity: STOCK, prices: { [ref]: '10' } })))
  }
}

/** The same goods in the books, matched and in step, set by set: an observation of all of them would take minutes. */
async function layIn(sql: Sql, accountId: number, { ref, isBySku }: Looked, goods: readonly Goods[]): Promise<void> {
  const column = <Key extends keyof Goods>(key: Key) => goods.map(one => one[key])
  await sql`insert into locations (code, name, kind) values ('main', 'main', 'warehouse') on conflict do nothing`
  await sql`
    insert into channel_locations (channel_id, location_id, position, actor)
    select c.id, l.id, 1, 'bench' from channels c, locations l where c.account_id = ${accountId} and l.code = 'main'`
  await sql`
    with product as (insert into products (handle, title) values ('goods', 'Goods') returning id), variant as (
      insert into variants (product_id, sku, title) select product.id, sku, '' from product, unnest(${column('sku')}::text[]) with ordinality s(sku, n) order by n
      returning id
    ), balance as (
      insert into balances (variant_id, location_id, on_hand) select v.id, l.id, ${STOCK} from variant v, locations l where l.code = 'main'
    ), price as (
      insert into prices (variant_id, currency, amount, actor) select id, 'EUR', 10, 'bench' from variant
    )
    insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
    select v.id, l.id, 'receive', ${STOCK}, 'bench', clock_timestamp(), clock_timestamp() from variant v, locations l where l.code = 'main'`
  await sql`
    insert into listings (account_id, channel_id, external_id, external_parent_id, external_sku, title, variant_id, shown_quantity, shown_price)
    select c.account_id, c.id, case when ${isBySku} then g.sku else g.id::text end, g.parent::text, g.sku, '', v.id, ${STOCK}, '{"currency": "EUR", "regular": "10", "sale": null}'
    from unnest(${column('sku')}::text[], ${column('id')}::bigint[], ${column('parentId')}::bigint[]) g(sku, id, parent)
    join variants v on v.sku = g.sku join channels c on c.account_id = ${accountId} and c.external_ref = ${ref}`
  await sql`insert into mappings (listing_id, variant_id, matched_by, actor) select id, variant_id, 'sku', 'bench' from listings where account_id = ${accountId}`
  await sql`select publications_intend_1(${accountId}, null, clock_timestamp())`
  await sql`vacuum analyze`
}

/** What is edited at the shop, spread over all goods: half of it stock, up and down, half of it prices. By SKU and field. */
function plan(goods: readonly Goods[], ref: string): ReadonlyMap<string, SandboxEdit> {
  const every = Math.floor(goods.length / DRIFTS)
  const planted = new Map<string, SandboxEdit>()
  for (const [n, { sku }] of goods
    .filter((_, at) => at % every === every - 1)
    .slice(0, DRIFTS)
    .entries()) {
    if (n % 2 === 0) planted.set(`${sku}/stock`, { sku, quantity: n % 4 === 0 ? STOCK + 7 : STOCK - 7 })
    else planted.set(`${sku}/price`, { sku, prices: { [ref]: '11.5' } })
  }
  return planted
}

async function isOver(sql: Sql, id: number): Promise<boolean> {
  await wait(100)
  return (await sql`select 1 from drift_checks where id = ${id} and ended_at is not null`).length === 1
}

/** Calls that read since an entry of the journal. */
async function readCalls(shop: RemoteSandbox, after: number, isRead: Looked['isRead']): Promise<number> {
  let n = 0
  for (let from = after; ; ) {
    const page = await shop.journal(from, 10_000)
    n += page.filter(entry => entry.kind === 'call' && isRead(entry)).length
    from = page.at(-1)?.seq ?? from
    if (page.length < 10_000) return n
  }
}
