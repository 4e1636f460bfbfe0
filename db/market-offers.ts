import type { JsonValue, Sql } from './connect.ts'

/** A line that was left out: goods or a channel that nobody knows. */
export type WrongOffer = { readonly line: number; readonly field: 'sku' | 'channel'; readonly value: string }

export type OffersBrought =
  | {
      readonly outcome: 'done'
      readonly new: number
      readonly changed: number
      /** The same as what stands, seen again. */
      readonly unchanged: number
      /** Seen earlier than what stands: left aside. */
      readonly older: number
      readonly wrong: readonly WrongOffer[]
      readonly replayed?: true
    }
  | { readonly outcome: 'key_conflict' }

/** Takes in what competitors ask; see market_offers_1. */
export async function bringOffers(sql: Sql, cmd: JsonValue): Promise<OffersBrought> {
  const [row] = await sql<{ answer: OffersBrought }[]>`select market_offers_1(${sql.json(cmd)}) as answer`
  if (row === undefined) throw new Error('market_offers_1 answered no row')
  return row.answer
}

export type MarketOfferRow = {
  readonly id: number
  readonly sku: string
  readonly competitor: string
  /** The channel of ours where it is met; null: anywhere. */
  readonly channel: string | null
  readonly currency: string
  /** With shipping where that was stated, decimal text; null: offered no more. */
  readonly amount: string | null
  readonly shipping: string | null
  readonly firstSeenAt: Date
  readonly seenAt: Date
  readonly actor: string
  /** In our books; `until` null: it stands. */
  readonly since: Date
  readonly until: Date | null
}

export type MarketOfferFilter = {
  readonly sku?: string | undefined
  readonly competitor?: string | undefined
  /** Those met in this channel, and those met anywhere. */
  readonly channel?: string | undefined
  /** Also amounts that were followed by others. */
  readonly past?: boolean | undefined
}

/** Offers in the order of their ids, after the id. */
export function listMarketOffers(sql: Sql, filter: MarketOfferFilter, after: number, limit: number): Promise<MarketOfferRow[]> {
  const [sku, competitor, channel] = [filter.sku ?? null, filter.competitor ?? null, filter.channel ?? null]
  return sql<MarketOfferRow[]>`
    select m.id, v.sku, m.competitor, c.code as channel, m.currency, trim_scale(m.amount)::text as amount, trim_scale(m.shipping)::text as shipping,
      m.seen_at as "firstSeenAt", m.last_seen_at as "seenAt", m.actor, m.valid_from as since, m.valid_to as until
    from market_offers m join variants v on v.id = m.variant_id left join channels c on c.id = m.channel_id
    where m.id > ${after} and (${filter.past ?? false} or m.valid_to is null)
      and (${sku}::text is null or m.variant_id = (select id from variants where sku = ${sku})) and (${competitor}::text is null or m.competitor = ${competitor})
      and (${channel}::text is null or c.code is null or c.code = ${channel})
    order by m.id limit ${limit}`
}
