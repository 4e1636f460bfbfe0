import { holdLease } from '../../db/accounts.ts'
import type { JsonValue, Sql } from '../../db/connect.ts'
import { intend, markSent, noteResults, turnedWork } from '../../db/publications.ts'
import { waitingByLoss } from '../../db/waiting.ts'
import { quietChannel } from './goods.ts'

/** A channel that is published, whose listings show what the books say; nobody talks to its platform. */
export type Guarded = {
  readonly accountId: number
  readonly channelId: number
  readonly code: string
  readonly skus: readonly string[]
  readonly setPrices: (amount: string, skus?: readonly string[]) => Promise<void>
  readonly setStock: (quantity: number, skus?: readonly string[]) => Promise<void>
  /** Works out what is to be shown and sends what may go, in chunks, as the lane does; answers how many fields went out. */
  readonly push: (chunk?: number) => Promise<number>
  /** Everything that happened is as long ago as this. */
  readonly age: (interval: string) => Promise<void>
}

/** Lays in so many SKUs with a price of 10 and a stock of 10, listed in a channel of its own that is turned on and in step. */
export async function guardedChannel(sql: Sql, code: string, listings: number): Promise<Guarded> {
  const skus: readonly string[] = Array.from({ length: listings }, (_, at) => `${code.toUpperCase()}-${String(at).padStart(6, '0')}`)
  await sql`insert into locations (code, name, kind) values ('main', 'main', 'warehouse') on conflict do nothing`
  await sql`insert into products (handle, title) select sku, sku from unnest(${skus as string[]}::text[]) sku`
  await sql`insert into variants (product_id, sku, title) select p.id, p.handle, '' from products p where p.handle = any(${skus as string[]}::text[])`
  const { accountId, channelId } = await quietChannel(sql, code)
  const command = (name: string, body: JsonValue): Promise<unknown> => sql`select ${sql(name)}(${sql.json(body)})`
  const setPrices = async (amount: string, some = skus): Promise<void> => {
    await command('prices_set_1', { actor: 'test', prices: some.map(sku => ({ sku, currency: 'EUR', amount })) })
  }
  const setStock = async (quantity: number, some = skus): Promise<void> => {
    await command('stock_change_2', {
      actor: 'test',
      lines: some.map(sku => ({ sku, location: 'main', quantity, kind: 'count', reason: 'opening' })),
    })
  }
  await setPrices('10')
  await setStock(10)
  const price = { currency: 'EUR', regular: '10', sale: null }
  const rows = skus.map(sku => ({ channelRef: code, externalId: sku, sku, title: sku, state: 'active', quantity: 10, price }))
  await sql`select listings_observe_1(${accountId}, ${sql.json(rows)}, 'test')`
  await intend(sql, accountId, null)
  await command('channel_set_1', { channel: code, publishStock: true, publishPrices: true, actor: 'test' })
  const lease = await holdLease(sql, accountId, 'test', 3_600_000)
  const push = async (chunk = 100): Promise<number> => {
    await intend(sql, accountId, null)
    let sent = 0
    for (;;) {
      const work = [...(await waitingByLoss(sql, accountId, chunk)), ...(await turnedWork(sql, accountId, chunk))]
      if (work.length === 0) return sent
      const out = await markSent(sql, accountId, lease?.token ?? 0, work)
      const go = out?.send ?? []
      sent += go.length
      await noteResults(
        sql,
        accountId,
        lease?.token ?? 0,
        go.map(({ listing, field }) => ({ listing, field, status: 'accepted', applied: true })),
      )
    }
  }
  const age = async (interval: string): Promise<void> => {
    await sql`update guard_moves set since = since - ${interval}::interval, moved_at = moved_at - ${interval}::interval where channel_id = ${channelId}`
    await sql`update guard_approvals set approved_at = approved_at - ${interval}::interval`
    await sql`update publication_history set at = at - ${interval}::interval`
    await sql`update channels set prices_on_at = prices_on_at - ${interval}::interval, stock_on_at = stock_on_at - ${interval}::interval where id = ${channelId}`
    await sql`update publications set intended_at = intended_at - ${interval}::interval where channel_id = ${channelId}`
    await sql`update quarantines set opened_at = opened_at - ${interval}::interval where channel_id = ${channelId}`
    await sql`update due set at = at - ${interval}::interval where what = 'quarantine'`
  }
  return { accountId, channelId, code, skus, setPrices, setStock, push, age }
}

/** The fields of a channel that are held back, by the limit that each goes beyond. */
export async function heldBack(sql: Sql, { channelId }: Guarded): Promise<Record<string, number>> {
  const rows = await sql<{ name: string; n: number }[]>`
    select i.limit_name as name, count(*)::int as n from publications p
    join quarantine_items i on i.quarantine_id = p.quarantine_id and i.listing_id = p.listing_id and i.left_at is null
    where p.channel_id = ${channelId} and p.state = 'quarantined' and p.waiting_since is null group by 1 order by 1`
  return Object.fromEntries(rows.map(row => [row.name, row.n]))
}
