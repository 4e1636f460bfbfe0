import type { Sql } from '../../db/connect.ts'
import { askCheck } from '../../db/drift.ts'
import type { JobDeps } from '../../jobs/deps.ts'
import type { Worker } from '../../jobs/worker.ts'
import type { Context } from '../../src/usecases/context.ts'
import { layIn } from './goods.ts'
import { connectAmazon, connectWoo, GERMANY, jobDeps, lanes, type Platform, playAmazon, playWoo, publishAll, SWEDEN } from './hub.ts'
import { until } from './until.ts'

export type Place = { readonly platform: Platform; readonly account: number; readonly ref: string; readonly worker: Worker }

/** An account whose SKUs are all in step: 10 of each, at 10 EUR. `scale`: the platform's own times, such as how often it is asked for orders, are so much shorter. */
export async function inStep(
  sql: Sql,
  context: Context,
  skus: readonly string[],
  name: 'woo' | 'amazon',
  { scale = 20, ...more }: Partial<JobDeps> & { readonly scale?: number } = {},
): Promise<Place> {
  await layIn(sql, Object.fromEntries(skus.map(sku => [sku, { main: 10 }])))
  const platform = name === 'woo' ? await playWoo({ scale }) : await playAmazon({ scale })
  const prices = { [GERMANY.id]: '10', [SWEDEN.id]: '10', shop: '10' }
  platform.sandbox.seed(
    skus.map(sku => ({
      sku,
      title: sku,
      gtin: null,
      quantity: 10,
      prices,
      parent: sku.startsWith('TEE') && name === 'woo' ? 'TEE' : null,
    })),
  )
  const account = name === 'woo' ? await connectWoo(context, platform, scale) : await connectAmazon(context, platform, scale)
  const worker = lanes({ ...jobDeps(context), ...more })
  await publishAll(context, account)
  await until('all are in step', async () => {
    const [row] =
      await sql`select count(*) as n from publications where waiting_since is null and field = 'stock' and account_id = ${account}`
    return row?.n === skus.length
  })
  return { platform, account, worker, ref: name === 'woo' ? 'shop' : GERMANY.id }
}

/** Runs a check to its end; answers it. */
export async function checked(sql: Sql, account: number) {
  const id = await askCheck(sql, account, 'user:test')
  return until('the check is done', async () => {
    const [row] = await sql<
      { ended_at: Date | null; seen: number; calls: number; differs: number }[]
    >`select * from drift_checks where id = ${id}`
    return row?.ended_at ? row : null
  })
}

/** All differences, as they stand. */
export const drifts = (sql: Sql) =>
  sql`select l.external_sku as sku, d.field, d.cause, d.state, d.units, d.believed, d.shown, d.right_at, d.found_at, d.words from drifts d
    join listings l on l.id = d.listing_id order by l.external_sku, d.field`
