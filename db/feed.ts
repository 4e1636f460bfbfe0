import type { Sql } from './connect.ts'

/** What a row tells of one SKU, or of something else; a row that tells of several SKUs is as many of these, all of its place. */
export type ChangeRow = {
  readonly tx: bigint
  readonly seq: number
  readonly kind: 'stock' | 'price' | 'listing' | 'channel' | 'order' | 'inbox' | 'act'
  readonly variantId: number | null
  readonly channelId: number | null
  readonly accountId: number | null
  readonly refId: number | null
  readonly at: Date
}

/** A place in the feed: everything up to and including it was acted on. */
export type Position = { readonly tx: bigint; readonly seq: number }

export type FeedPage = {
  readonly rows: readonly ChangeRow[]
  /** The horizon: no transaction below it is still open, so nothing can appear behind it any more. */
  readonly horizon: bigint
}

type RawRow = Omit<ChangeRow, 'tx'> & { readonly tx: string; readonly horizon: string }

/** What is visible behind a position, in feed order: `limit` or fewer, and of the last row all that it tells. Fewer: there is no more. */
export async function readFeed(sql: Sql, after: Position, limit: number): Promise<FeedPage> {
  const rows = await sql<(RawRow | { tx: null; horizon: string })[]>`
    select h.horizon::text as horizon, c.* from (select pg_snapshot_xmin(pg_current_snapshot()) as horizon) h
    left join lateral (
      select f.tx::text as tx, f.seq, f.kind, v.id as "variantId", f.channel_id as "channelId", f.account_id as "accountId", f.ref_id as "refId", f.at
      from (select p.*, sum(coalesce(cardinality(p.variant_ids), 1)) over (order by p.tx, p.seq) - coalesce(cardinality(p.variant_ids), 1) as before
        from (select * from change where (tx, seq) > (${after.tx.toString()}::xid8, ${after.seq}::bigint) order by tx, seq limit ${limit}) p) f
      cross join lateral unnest(coalesce(f.variant_ids, array[f.variant_id])) v(id)
      where f.before < ${limit} order by f.tx, f.seq) c on true`
  const changes = rows.filter((row): row is RawRow => row.tx !== null).map(row => ({ ...row, tx: BigInt(row.tx) }))
  return { rows: changes, horizon: BigInt(rows[0]?.horizon ?? 0) }
}

/** The cluster, database and restore generation that a position is valid in. */
export async function feedCluster(sql: Sql): Promise<string> {
  const [row] = await sql<{ cluster: string }[]>`
    select (select system_identifier from pg_control_system()) || '/' || current_database() || '/' || generation as cluster from installation`
  if (!row) throw new Error('the database has no installation row: run concord migrate')
  return row.cluster
}

/** A consumer's stored position, or null when there is none, it is another cluster's, or the feed no longer reaches back to it. */
export async function readCursor(sql: Sql, consumer: string, cluster: string): Promise<Position | null> {
  const [row] = await sql<{ tx: string; seq: number }[]>`
    select f.tx::text as tx, f.seq from feed_cursors f where consumer = ${consumer} and cluster = ${cluster}
      and (f.moved_at > clock_timestamp() - interval '47 hours')`
  return row ? { tx: BigInt(row.tx), seq: row.seq } : null
}

/** Where the feed ends now, as far as nothing can appear behind it: the start of a consumer that begins with a full compare. */
export async function feedEnd(sql: Sql): Promise<Position> {
  const [row] = await sql<{ tx: string }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text as tx`
  return { tx: BigInt(row?.tx ?? 0) - 1n, seq: Number.MAX_SAFE_INTEGER }
}

/** Stores a position; it never moves back within one cluster. */
export async function storeCursor(sql: Sql, consumer: string, cluster: string, at: Position): Promise<void> {
  await sql`
    insert into feed_cursors (consumer, tx, seq, cluster) values (${consumer}, ${at.tx.toString()}::xid8, ${at.seq}, ${cluster})
    on conflict (consumer) do update set tx = excluded.tx, seq = excluded.seq, cluster = excluded.cluster, moved_at = clock_timestamp()
    where feed_cursors.cluster <> excluded.cluster or (feed_cursors.tx, feed_cursors.seq) < (excluded.tx, excluded.seq)
      or feed_cursors.moved_at < clock_timestamp() - interval '1 hour'`
}
