import { setTimeout as wait } from 'node:timers/promises'
import type { Sql } from '../../db/connect.ts'
import { changeStock } from '../../src/usecases/change-stock.ts'
import { layIn } from '../support/goods.ts'
import { until } from '../support/until.ts'
import { atLeast, atMost, lineOf, type Measured } from './line.ts'
import { listingOf, publish, startLiveHub } from './live-hub.ts'
import { skuOf } from './requests.ts'
import { untilEqual } from './shown-equal.ts'
import type { Stage } from './stage.ts'

const SKUS = 1_000
const MOVEMENTS = 100_000
const SECONDS = 60
/** Movements in one command, of as many SKUs. */
const LINES = 100
const BEFORE = 10_000
const LAG_MS = 20

/** How many of 100,000 movements over 1,000 SKUs in a minute one send stands for, in two platforms; that no send brings what was taken already, and none overtakes its own. */
export async function syncWaste(stage: Stage): Promise<Measured> {
  const { context, log, folder, sql } = stage
  const skus = Array.from({ length: SKUS }, (_, n) => skuOf(n))
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: BEFORE }])))
  const goods = skus.map(sku => listingOf(sku, BEFORE, '10'))
  const hub = await startLiveHub({ ...{ context, log, folder, lagMs: LAG_MS }, listings: { woocommerce: goods, amazon: goods } })
  stage.atEnd(hub.stop)
  await publish(context, ['woo', 'amazon-de'])
  await until('all are in step', async () => (await sql`select 1 from publications where waiting_since is not null limit 1`).length === 0)
  const [before] = await sql<{ id: number }[]>`select coalesce(max(id), 0)::int8 as id from publication_history`

  const startedAt = performance.now()
  const made: Promise<unknown>[] = []
  for (let at = 0; at < MOVEMENTS / LINES; at++) {
    await wait(Math.max(0, startedAt + (at * LINES * SECONDS * 1_000) / MOVEMENTS - performance.now()))
    // Up and down by a few, so that many numbers come again that were shown before.
    const lines = Array.from({ length: LINES }, (_, n) => skus[(at * 37 + n * 7) % SKUS] ?? '').map((sku, n) => ({
      ...{ kind: 'adjust' as const, sku, location: 'main', reason: 'bench' },
      quantity: ((at + n) % 2 === 0 ? 1 : -1) * (1 + ((at + n) % 3)),
    }))
    made.push(changeStock(context, `waste-${at}`, lines))
  }
  await Promise.all(made)
  const movedS = (performance.now() - startedAt) / 1_000
  await untilEqual(sql, { woocommerce: hub.sandboxes.remote.platform('woocommerce'), amazon: hub.sandboxes.remote.platform('amazon') })
  const waste = await wasteOf(stage.unhurried, before?.id ?? 0)
  const ratio = (2 * MOVEMENTS) / waste.sends
  // How many movements share a send is up to how long a round takes: a listing moves every 0.6 s here, and a quicker platform is told more often.
  const criteria = {
    ...{ ratio: atLeast(1, ratio), equalToLast: atMost(0, waste.equalToLast), overtaken: atMost(0, waste.overtaken) },
    ...{ violations: atMost(0, await stage.violations()), seconds: atMost(SECONDS * 1.05, movedS) },
  }
  return {
    line: lineOf({ name: 'sync-waste', value: waste.sends, unit: 'sends', yardstick: 2 * MOVEMENTS, ratio, criteria }),
    notes: [`${MOVEMENTS} movements in ${movedS.toFixed(1)} s; most sends of one listing: ${waste.most}`],
  }
}

/** Sends of stock since then; those of the value that the platform had taken last; and those that left while the one before had no answer. */
async function wasteOf(sql: Sql, afterId: number) {
  const [row] = await sql<{ sends: number; equalToLast: number; overtaken: number; most: number }[]>`
    with sent as (
      select h.listing_id, h.id, h.value->>'quantity' as value, b.event as before, (select a.value->>'quantity' from publication_history a
        where a.listing_id = h.listing_id and a.field = 'stock' and a.id < h.id and a.event in ('accepted', 'applied', 'read') order by a.id desc limit 1) as last
      from publication_history h left join lateral (select e.event from publication_history e where e.listing_id = h.listing_id and e.field = 'stock'
        and e.id < h.id and e.event not in ('intended', 'order') order by e.id desc limit 1) b on true
      where h.field = 'stock' and h.event = 'sent' and h.id > ${afterId}
    )
    select count(*)::int as sends, count(*) filter (where value = last)::int as "equalToLast", count(*) filter (where before = 'sent')::int as overtaken,
      (select max(n)::int from (select count(*) as n from sent group by listing_id) x) as most from sent`
  if (!row) throw new Error('nothing was counted')
  return row
}
