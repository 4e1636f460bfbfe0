import type { RemoteListing } from '../connectors/contract.ts'
import { noteGone, noteReads, type ReadItem, type WorkRow, workToCheck } from '../db/publications.ts'
import type { HeldAccount } from './account.ts'
import type { Lane } from './lane.ts'
import { keyOf } from './push-items.ts'

/** Accepted values are first looked at after this time on a real platform; sandboxes run scaled. */
const FIRST_CHECK_MS = 15_000

/** When an accepted value that may not be live yet is first looked at, ms from now. */
export function checkInMs(account: HeldAccount): number {
  return Math.max(100, FIRST_CHECK_MS / account.scale)
}

/** Looks at what is due to be looked at: accepted values, lost answers, orders that a write may have overwritten. */
export async function readBack(lane: Lane): Promise<boolean> {
  const rows = await workToCheck(lane.deps.sql, lane.account.row.id, lane.account.connector.declares.readMax)
  if (rows.length === 0) return false
  await readNow(lane, rows)
  lane.pushBell.ring()
  return true
}

/** Reads these listings from the platform and takes in what it shows; a listing that the platform no longer has is noted as gone. */
export async function readNow(lane: Lane, rows: readonly WorkRow[]): Promise<void> {
  const { deps, account } = lane
  const { declares } = account.connector
  for (const part of chunks([...new Map(rows.map(row => [row.listing, row])).values()], declares.readMax)) {
    const shown = await account.session.readListings(part.map(keyOf))
    const byKey = new Map(shown.map(listing => [`${listing.channelRef}\n${listing.externalId}`, listing]))
    const found = part.flatMap(row => {
      const listing = byKey.get(`${row.channelRef}\n${row.externalId}`)
      return listing ? [{ row, listing }] : []
    })
    await noteReads(
      deps.sql,
      account.row.id,
      declares.applyWithinMs / account.scale,
      found.map(({ row, listing }) => readItem(row.listing, listing, row.at)),
    )
    const missed = part.filter(row => !byKey.has(`${row.channelRef}\n${row.externalId}`))
    const gone = await noteGone(
      deps.sql,
      missed.map(row => ({ listing: row.listing, at: row.at })),
    )
    if (gone.length > 0) deps.log.warn({ account: account.row.name, listings: gone }, 'listings are gone from the platform')
  }
}

/** A remote listing as our books take it in; `at` is the database's instant before the read began. */
export function readItem(listing: number, remote: RemoteListing, at: Date): ReadItem {
  return {
    listing,
    at,
    ...(remote.quantity === null ? {} : { quantity: remote.quantity }),
    ...(remote.price === null ? {} : { price: priceDocument(remote.price) }),
    ...(remote.modifiedAt ? { modifiedAt: remote.modifiedAt } : {}),
  }
}

/** Amounts without trailing zeros: as the database writes them, so that equal prices are equal documents. */
export function priceDocument(price: NonNullable<RemoteListing['price']>) {
  const plain = (amount: string): string => (amount.includes('.') ? amount.replace(/\.?0+$/, '') : amount)
  return {
    currency: price.currency,
    regular: plain(price.regular),
    sale: price.sale
      ? {
          ...{ amount: plain(price.sale.amount), from: isoInstant(price.sale.from), to: isoInstant(price.sale.to) },
          // Only where the platform has a field for it.
          ...(price.sale.reference === undefined ? {} : { reference: price.sale.reference === null ? null : plain(price.sale.reference) }),
        }
      : null,
  }
}

const isoInstant = (instant: string | null): string | null => (instant === null ? null : new Date(instant).toISOString())

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}
