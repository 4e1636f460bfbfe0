import type { Sql } from './connect.ts'
import { withPlansAtHand } from './own-connection.ts'
import { TURNED, type WorkRow } from './publications.ts'

/** Kinds of urgency (publication_waits): shown below its floor and sold out, and all others. */
const URGENCIES = { danger: [0, 1], rest: [2, 3, 4, 5, 6, 7] }

export type Wanted = {
  /** These SKUs are left out, and of the others their prices. */
  readonly exceptSkus?: readonly string[]
  readonly exceptStock?: readonly string[]
  readonly exceptPrices?: readonly string[]
  /** `danger`: what is shown below its floor, or is sold out and still offered; `rest`: all else. Absent: both. */
  readonly only?: 'danger' | 'rest'
  /** What has waited longest and longer than so many seconds, whatever it is worth. */
  readonly olderThanS?: number
  /** So many variations of one parent share a call; 1: none do. Those of so many parents are looked for. */
  readonly familyMax?: number
  readonly familiesMost?: number
}

/**
 * What the holder may send now, prices that begin or end at an instant apart: waiting, its switch is on, not paused, not told to wait, no difference to be decided on
 * first; what is dangerous by its kind first, then by the loss that is expected while it waits. Beside so many fields comes whatever shares a call with one of
 * them. While an account is only observed, all that differs waits: the first condition, judged once, keeps that from being looked through for nothing.
 */
export async function waitingByLoss(sql: Sql, accountId: number, limit: number, wanted: Wanted = {}): Promise<WorkRow[]> {
  const { exceptSkus = [], exceptStock = [], exceptPrices = [], only, olderThanS, familyMax = 1, familiesMost = 1 } = wanted
  const array = (skus: readonly string[]) => sql`${skus as string[]}::text[]`
  const goes = sql`
    p.account_id = ${accountId} and p.waiting_since is not null and (p.retry_at is null or p.retry_at <= clock_timestamp())
      and not c.paused and case p.field when 'stock' then c.publish_stock else c.publish_prices end
      and coalesce((p.intended_why->>'notBefore')::timestamptz <= clock_timestamp(), true) and p.urgency <> ${TURNED}
      and l.external_sku <> all(${array(exceptSkus)}) and l.external_sku <> all(case p.field when 'stock' then ${array(exceptStock)} else ${array(exceptPrices)} end)
      and l.state <> 'gone' and p.state <> 'quarantined'
      and p.urgency <= coalesce((select d.lets_go from drifts d where d.listing_id = p.listing_id and d.field = p.field and d.ended_at is null), 100)`
  const from = sql`publications p join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id`
  const which = only === undefined ? sql`true` : only === 'danger' ? sql`least(p.urgency, 2) < 2` : sql`least(p.urgency, 2) = 2`
  const first =
    olderThanS !== undefined
      ? sql`select x.* from unnest(${only === undefined ? [...URGENCIES.danger, ...URGENCIES.rest] : URGENCIES[only]}::int[]) u cross join lateral (
        select l.external_sku, l.external_parent_id, p.waiting_since from ${from} where ${goes} and p.urgency = u
          and p.waiting_since <= clock_timestamp() - make_interval(secs => ${olderThanS}) order by p.waiting_since limit ${limit}) x
        order by x.waiting_since limit ${limit}`
      : sql`select l.external_sku, l.external_parent_id from ${from} where ${goes} and ${which}
        order by least(p.urgency, 2), p.loss desc, p.waiting_since limit ${limit}`
  return withPlansAtHand(
    sql,
    own => own<WorkRow[]>`
    with first as materialized (
      select f.*, row_number() over () as n from (select 1 where exists (select from channels o where o.account_id = ${accountId} and not o.paused and (o.publish_stock or o.publish_prices))) open
      cross join lateral (${first}) f
    ), sharing as materialized (
      select l.id from (select distinct external_sku from first) f join listings l on l.account_id = ${accountId} and l.external_sku = f.external_sku
      union
      select m.id from (select external_parent_id from first where ${familyMax > 1} and external_parent_id is not null group by 1 order by min(n) limit ${familiesMost}) f
      cross join lateral (select l.id from listings l where l.account_id = ${accountId} and l.external_parent_id = f.external_parent_id
        and l.variant_id is not null and exists (select from publications w where w.listing_id = l.id and w.waiting_since is not null) limit ${familyMax}) m
    )
    select p.listing_id as listing, p.field, c.external_ref as "channelRef", l.external_id as "externalId", l.external_parent_id as "externalParentId",
      l.external_sku as "externalSku", l.product_type as "productType",
      case when p.field = 'stock' then greatest((p.intended->>'quantity')::int - p.withheld, 0) end as target, p.expected,
      (extract(epoch from clock_timestamp() - p.read_at) * 1000)::float8 as "readAgeMs",
      (p.check_at is not null and p.check_at <= clock_timestamp()) as doubtful, p.attempts, p.urgency, p.loss, clock_timestamp() as at
    from sharing s join publications p on p.listing_id = s.id join listings l on l.id = p.listing_id join channels c on c.id = p.channel_id
    where ${goes}
    order by ${olderThanS !== undefined ? sql`p.waiting_since` : sql`least(p.urgency, 2), p.loss desc, p.waiting_since`}, l.external_sku`,
  )
}
