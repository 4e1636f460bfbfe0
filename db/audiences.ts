import type { JsonValue, Sql } from './connect.ts'

/** What an audience can be, besides everyone and a single channel. */
export type AudienceKind = 'region' | 'group' | 'tier' | 'partner'

export type AudienceRow = {
  readonly kind: AudienceKind
  readonly code: string
  readonly name: string
  /** Channels that are priced as this region or belong to this group, by their codes; empty for tiers and partners. */
  readonly channels: readonly string[]
  /** Of a partner: its tier. */
  readonly tier: string | null
  /** Of a tier: how many partners are in it. */
  readonly partners: number
  readonly createdAt: Date
}

export type AudienceAnswer =
  | { readonly outcome: 'done'; readonly made: boolean; readonly changed: boolean; readonly replayed?: true }
  | { readonly outcome: 'unknown'; readonly field: string; readonly value: unknown }
  | { readonly outcome: 'key_conflict' }

/** Makes or changes an audience; see functions/62_audiences.sql for `cmd`. */
export async function putAudienceRow(sql: Sql, cmd: JsonValue): Promise<AudienceAnswer> {
  const [row] = await sql<{ answer: AudienceAnswer }[]>`select audience_put_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('audience_put_1 gave no row')
  return row.answer
}

const all = (sql: Sql) => sql`
  select 'region' as kind, r.code, r.name, array(select c.code from channel_price_policies y join channels c on c.id = y.channel_id
    where y.region_id = r.id and y.valid_to is null order by 1) as channels, null as tier, 0 as partners, r.created_at as "createdAt" from regions r
  union all
  select 'group', g.code, g.name, array(select c.code from channel_group_members m join channels c on c.id = m.channel_id
    where m.group_id = g.id and m.valid_to is null order by 1), null, 0, g.created_at from channel_groups g
  union all
  select 'tier', t.code, t.name, '{}', null, (select count(*)::int from partner_tier_members m where m.tier_id = t.id and m.valid_to is null), t.created_at from partner_tiers t
  union all
  select 'partner', p.code, p.name, '{}', (select t.code from partner_tier_members m join partner_tiers t on t.id = m.tier_id
    where m.partner_id = p.id and m.valid_to is null), 0, p.created_at from partners p`

/** Audiences of a kind (null: of all) by their codes, after the code. */
export function listAudiences(sql: Sql, kind: AudienceKind | null, after: string, limit: number): Promise<AudienceRow[]> {
  return sql<AudienceRow[]>`
    select * from (${all(sql)}) a where (${kind}::text is null or a.kind = ${kind}) and a.code > ${after} order by a.code, a.kind limit ${limit}`
}

/** One audience; null for an unknown code. */
export async function readAudience(sql: Sql, kind: AudienceKind, code: string): Promise<AudienceRow | null> {
  const [row] = await sql<AudienceRow[]>`select * from (${all(sql)}) a where a.kind = ${kind} and a.code = ${code}`
  return row ?? null
}
