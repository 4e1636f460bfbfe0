import type { RemoteSandbox } from '../../connectors/sandbox-remote.ts'
import type { Sql } from '../../db/connect.ts'
import { GERMANY } from '../../src/demo/listings.ts'
import { until } from '../support/until.ts'

export type Platform = 'woocommerce' | 'amazon'

/** Late cancellations of shoppers keep coming, and each takes a look at the platform, some half a minute: equal at one instant is all that can be asked. */
const WITHIN_MS = 120_000

type Wanted = {
  readonly platform: Platform
  readonly sku: string
  readonly field: 'stock' | 'price'
  readonly intended: number
  /** Units held back until a poll has told whose they are: a platform that showed fewer than we knew of may have sold them. */
  readonly withheld: number
  readonly books: number
  readonly state: string
}

/**
 * Waits until every listing shows just what the hub wants shown, and the hub wants what its books hold.
 * @throws Error that names what differs to the end.
 */
export async function untilEqual(sql: Sql, platforms: Readonly<Record<Platform, RemoteSandbox>>): Promise<void> {
  let differences: readonly string[] = []
  const ask = async (): Promise<boolean> => {
    differences = await differencesOf(sql, platforms)
    return differences.length === 0
  }
  await until('both platforms show what is intended', ask, WITHIN_MS).catch((error: unknown) => {
    throw new Error(`the platforms differ from the books: ${differences.slice(0, 10).join('; ')}`, { cause: error })
  })
}

async function differencesOf(sql: Sql, platforms: Readonly<Record<Platform, RemoteSandbox>>): Promise<string[]> {
  const rows = await sql<Wanted[]>`
    select a.platform, l.external_sku as sku, p.field, coalesce(p.intended->>'quantity', p.intended->>'regular')::float8 as intended,
      p.withheld, p.state, (select sum(b.on_hand - b.reserved)::int from balances b where b.variant_id = p.variant_id) as books
    from publications p join listings l on l.id = p.listing_id join accounts a on a.id = p.account_id
    join channels c on c.id = p.channel_id where c.publish_stock`
  const shown = {
    woocommerce: new Map((await platforms.woocommerce.shown()).map(one => [one.sku, one])),
    amazon: new Map((await platforms.amazon.shown()).map(one => [one.sku, one])),
  }
  return rows.flatMap(({ platform, sku, field, intended, withheld, books, state }) => {
    const there = shown[platform].get(sku)
    const has = field === 'stock' ? there?.quantity : Number(there?.prices[platform === 'amazon' ? GERMANY.id : 'shop']?.regular)
    const isRight = field === 'stock' ? intended === books && has === Math.max(0, intended - withheld) : has === intended
    return isRight
      ? []
      : [`${platform} shows ${has} of ${sku} (${field}, ${state}), intended is ${intended} less ${withheld}, the books have ${books}`]
  })
}
