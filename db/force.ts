import type { JsonValue, Sql } from './connect.ts'

/** Calls `publication_force_1` or `channel_reset_1` and answers what it answers. */
export async function pushCommand(
  sql: Sql,
  name: 'publication_force_1' | 'channel_reset_1',
  command: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const [row] = await sql<{ answer: Record<string, unknown> }[]>`
    select ${sql(name)}(${sql.json(command as unknown as JsonValue)}) as answer`
  return row?.answer ?? {}
}

/** Carries a wish to send now on by at most `limit` listings; answers whether there may be more. */
export async function forceStep(sql: Sql, force: number, limit: number): Promise<boolean> {
  const [row] = await sql<{ more: boolean }[]>`select publication_force_step_1(${force}, ${limit}) as more`
  return row?.more ?? false
}

/** What became of a wish to send now. Counts are fields. */
export type ForceRow = {
  readonly id: number
  readonly channel: string
  readonly actor: string
  readonly askedAt: Date
  readonly endedAt: Date | null
  /** They wait to be sent, in the order of danger. */
  readonly forced: number
  /** Of those: the platform had refused the value, and is asked again. */
  readonly again: number
  /** Under way already. */
  readonly underWay: number
  /** By the guard, by a difference that is to be decided, or because no price may be shown: they do not go. */
  readonly held: number
}

export async function readForce(sql: Sql, id: number): Promise<ForceRow | null> {
  const [row] = await sql<ForceRow[]>`
    select f.id, c.code as channel, f.actor, f.asked_at as "askedAt", f.ended_at as "endedAt", f.forced, f.again, f.under_way as "underWay", f.held
    from publication_forces f join channels c on c.id = f.channel_id where f.id = ${id}`
  return row ?? null
}

/** Wishes of an account that were not carried out to their end, asked for longer ago than `ageMs`. */
export async function openForces(sql: Sql, accountId: number, ageMs: number): Promise<number[]> {
  const rows = await sql<{ id: number }[]>`
    select f.id from publication_forces f join channels c on c.id = f.channel_id
    where c.account_id = ${accountId} and f.ended_at is null and f.asked_at < clock_timestamp() - make_interval(secs => ${ageMs / 1000}::float8) order by f.id`
  return rows.map(row => row.id)
}

/** The channel that a listing is of; null: there is no such listing. */
export async function channelOfListing(sql: Sql, listing: number): Promise<string | null> {
  const [row] = await sql<{ code: string }[]>`select c.code from listings l join channels c on c.id = l.channel_id where l.id = ${listing}`
  return row?.code ?? null
}
