import type { JsonValue, Sql } from './connect.ts'

/** Calls one of the channel commands (`db/functions/65_channels.sql`) and answers what it answers, with the token of the write. */
export async function channelCommand(
  sql: Sql,
  name: 'account_create_1' | 'account_set_1' | 'channel_set_1' | 'listing_match_1',
  command: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const body = sql.json(command as unknown as JsonValue)
  const [row] = await sql<{ answer: Record<string, unknown>; token: string }[]>`
    select ${sql(name)}(${body}) as answer, pg_current_xact_id()::text as token`
  return row === undefined ? {} : { ...row.answer, token: row.token }
}

/** What a switch would set in motion: listings of the channel that are matched, and those whose field differs from what the platform shows. */
export async function switchPreview(
  sql: Sql,
  channelId: number,
): Promise<{ matched: number; unmatched: number; stock: number; prices: number }> {
  const [row] = await sql<{ matched: number; unmatched: number; stock: number; prices: number }[]>`
    select count(*) filter (where l.variant_id is not null) as matched, count(*) filter (where l.variant_id is null) as unmatched,
      (select count(*) from publications p where p.channel_id = ${channelId} and p.field = 'stock' and p.waiting_since is not null) as stock,
      (select count(*) from publications p where p.channel_id = ${channelId} and p.field = 'price' and p.waiting_since is not null) as prices
    from listings l where l.channel_id = ${channelId} and l.state <> 'gone'`
  return row ?? { matched: 0, unmatched: 0, stock: 0, prices: 0 }
}

export type ChannelRow = {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly accountId: number
  readonly account: string
  readonly platform: string
  readonly currency: string
  readonly zone: string
  readonly publishStock: boolean
  readonly publishPrices: boolean
  readonly paused: boolean
  readonly accountState: string
  readonly accountReason: string | null
  readonly stockLead: string | null
  readonly observedAt: Date | null
  readonly coveredUntil: Date | null
}

/** All channels with the state of their accounts. */
export async function readChannels(sql: Sql): Promise<ChannelRow[]> {
  return sql<ChannelRow[]>`
    select c.id, c.code, c.name, a.id as "accountId", a.name as account, a.platform, c.currency, c.zone, c.publish_stock as "publishStock",
      c.publish_prices as "publishPrices", c.paused, a.state as "accountState", a.state_reason as "accountReason", lead.code as "stockLead",
      a.observed_at as "observedAt", a.covered_until as "coveredUntil"
    from channels c join accounts a on a.id = c.account_id left join channels lead on lead.id = c.stock_lead_id order by a.id, c.id`
}

/** Our number of a channel; null where there is none of this code. */
export async function channelIdOf(sql: Sql, code: string): Promise<number | null> {
  const [row] = await sql<{ id: number }[]>`select id from channels where code = ${code}`
  return row?.id ?? null
}
