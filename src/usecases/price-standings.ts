import { pricePublications } from '../../db/price-standings.ts'
import { type ListingStanding, standingOf } from '../domain/pricing/standing.ts'
import type { Context } from './context.ts'

/** How the prices of SKUs stand at the platforms now, in one channel or (null) all: what buyers see, what was sent, and what is held back, why, and what to do. */
export async function priceStandings(context: Context, skus: readonly string[], channel: string | null): Promise<ListingStanding[]> {
  const rows = await pricePublications(context.sql, skus, channel)
  return rows.map(row => {
    const { sku, externalId, externalSku, wanted, shows, readAt, sent, sentAt } = row
    return { ...standingOf(row), channel: row.channel, sku, externalId, externalSku, wanted, shows, readAt, sent, sentAt }
  })
}
