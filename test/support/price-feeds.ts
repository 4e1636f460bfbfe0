import { amazon } from '../../connectors/amazon/index.ts'
import type { Connector } from '../../connectors/contract.ts'
import { connectorOf } from '../../connectors/registry.ts'
import type { Sandbox } from '../../connectors/sandbox.ts'
import type { Sql } from '../../db/connect.ts'
import type { Context } from '../../src/usecases/context.ts'
import { setGuardLimits } from '../../src/usecases/guard.ts'
import { setPrices } from '../../src/usecases/set-prices.ts'
import { layIn } from './goods.ts'
import { connectAmazon, GERMANY, type Platform, playAmazon, publishAll } from './hub.ts'
import { until } from './until.ts'

/** An account looks so many times more often than at Amazon, while its calls with one price each go little faster only. */
const SCALE = 20
const CALLS_PER_S = 12

type FeedLimits = NonNullable<Connector['declares']['feed']>

/** Amazon with a feed for a few dozen prices already, expected within no time. */
export function amazonByFeed(more: Partial<FeedLimits> = {}): Connector {
  const generous = { kind: 'bucket', ratePerS: 10, burst: 10 } as const
  return {
    ...amazon,
    declares: {
      ...amazon.declares,
      // What a feed may come over is looked at for 5 s.
      applyWithinMs: 100_000,
      feed: { itemsMin: 30, itemsMax: 10_000, operation: 'createFeed', processingMs: 20_000, lateMs: 4 * 3_600_000, ...more },
    },
    limits: {
      ...amazon.limits,
      ...{ createFeed: generous, createFeedDocument: generous, getFeeds: generous, getFeed: generous, getFeedDocument: generous },
      patchListingsItem: { kind: 'bucket', ratePerS: CALLS_PER_S / SCALE, burst: CALLS_PER_S / SCALE },
    },
  }
}

export const connectorsByFeed =
  (more: Partial<FeedLimits> = {}) =>
  (platform: string): Connector | undefined =>
    platform === 'amazon' ? amazonByFeed(more) : connectorOf(platform)

export const skuOf = (n: number): string => `MUG-${String(n).padStart(3, '0')}`

export type Scene = { readonly platform: Platform; readonly account: number; readonly skus: readonly string[] }

/** So many SKUs at 10.00, sold at Amazon; `begin` starts the lanes, and all is published and in step when it resolves. */
export async function feedScene(
  context: Context,
  count: number,
  options: Parameters<typeof playAmazon>[0],
  begin: () => unknown,
): Promise<Scene> {
  const skus = Array.from({ length: count }, (_, n) => skuOf(n))
  await layIn(context.sql, Object.fromEntries(skus.map(sku => [sku, { main: 9 }])))
  const platform = await playAmazon({ scale: CALLS_PER_S / 5, ...options })
  platform.sandbox.seed(skus.map(sku => ({ sku, title: sku, gtin: null, quantity: 9, prices: { [GERMANY.id]: '10.00' }, parent: null })))
  const account = await connectAmazon(context, platform, SCALE)
  for (const code of ['amazon-de', 'amazon-se']) await setGuardLimits(context, null, code, { changedPercent: null, dropPercent: null })
  await begin()
  await publishAll(context, account)
  await inStep(context.sql, 2 * count)
  return { platform, account, skus }
}

/** Waits until all fields are shown as they are intended. */
export async function inStep(sql: Sql, fields: number, withinMs = 60_000): Promise<void> {
  await until(
    'everything is in step',
    async () => {
      const [row] = await sql<{ n: number }[]>`
        select count(*)::int as n from publications
        where waiting_since is null and state in ('accepted', 'applied') and check_at is null and coalesce(applied_at >= accepted_at, true)`
      return row?.n === fields
    },
    withinMs,
  )
}

export async function reprice(context: Context, skus: readonly string[], amount: string): Promise<void> {
  await setPrices(
    context,
    null,
    skus.map(sku => ({ sku, currency: 'EUR', amount })),
  )
}

/** The regular price that Amazon shows in Germany. */
export const priceOf = (sandbox: Sandbox, sku: string): number =>
  Number(sandbox.shown().find(one => one.sku === sku)?.prices[GERMANY.id]?.regular)

/** Calls of an operation that reached the platform and were answered well. */
export const callsOf = (sandbox: Sandbox, operation: string): number =>
  sandbox.journal(0, 1_000_000).filter(one => one.kind === 'call' && one.data.operation === operation && Number(one.data.status) < 300)
    .length
