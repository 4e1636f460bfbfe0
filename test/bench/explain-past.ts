import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { explain } from '../../src/usecases/explain.ts'
import { exportLedger } from '../../src/usecases/export-ledger.ts'
import { stockHistory } from '../../src/usecases/stock-history.ts'

/** Movements of every SKU, and of one that sells all day. */
const MOVEMENTS = 1_000_000
const OF_ONE = 50_000
const DAYS = 60
const DAY_MS = 86_400_000

/** Lays in two months of movements that add up to nothing, so that the balances stay what they are. */
export async function layInPast(sql: Sql, hotSku: string): Promise<void> {
  await sql`
    insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
    select b.variant_id, b.location_id, 'adjust', case when n % 2 = 0 then 1 else -1 end, 'bench', x.at, x.at
    from (select *, count(*) over () as of from balances) b cross join lateral generate_series(1, (${MOVEMENTS} / b.of / 2 * 2)::int) n
    cross join lateral (select clock_timestamp() - make_interval(secs => 3600 + n * ${DAYS} * 86400.0 / (${MOVEMENTS} / b.of))) x(at)`
  await sql`
    insert into movements (variant_id, location_id, kind, on_hand, actor, occurred_at, recorded_at)
    select v.id, l.id, 'adjust', case when n % 2 = 0 then 1 else -1 end, 'bench', x.at, x.at
    from variants v cross join (select id from locations order by id limit 1) l cross join generate_series(1, ${OF_ONE}) n
    cross join lateral (select clock_timestamp() - make_interval(secs => 3600 + n * ${DAYS} * 86400.0 / ${OF_ONE})) x(at)
    where v.sku = ${hotSku}`
  await sql`vacuum analyze movements`
}

/** What looks into the past: each on a SKU like any other (`skuOf` 7) is cheaper than on the one that sells all day, which is asked for here. */
export function pastActs(context: Context, hotSku: string): Readonly<Record<string, (sql: Sql) => Promise<unknown>>> {
  const daysAgo = (days: number): string => new Date(Date.now() - days * DAY_MS).toISOString()
  return {
    'explain now (1 SKU)': sql => explain({ ...context, sql }, hotSku),
    'explain a day ago (1 SKU of 50,000 movements)': sql => explain({ ...context, sql }, hotSku, { at: daysAgo(1) }),
    'explain a month ago (1 SKU of 50,000 movements)': sql => explain({ ...context, sql }, hotSku, { at: daysAgo(30) }),
    'history of 30 days (1 SKU of 50,000 movements)': sql => stockHistory({ ...context, sql }, hotSku, {}),
    'ledger of a SKU, an hour of it': async sql => {
      const asked = { sku: hotSku, from: daysAgo(2), to: daysAgo(1.95) }
      for await (const _ of await exportLedger({ ...context, sql }, asked));
    },
  }
}
