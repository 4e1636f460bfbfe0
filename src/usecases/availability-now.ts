import { availability, availabilityAt, type ChannelNumbers, knownSkus, type LocationNumbers } from '../../db/availability.ts'
import { type DatedRow, datedOfChannels, datedOfLocations, type IncomingRow, incomingBy, unitsShort } from '../../db/availability-dated.ts'
import type { Sql } from '../../db/connect.ts'
import { Fault } from '../values/fault.ts'

export type Incoming = Omit<IncomingRow, 'of' | 'expectedAt'> & { readonly expectedAt: string }

export type AvailableItem = {
  readonly sku: string
  /** `atpOn`: what can be promised on the date. */
  readonly channels?: (ChannelNumbers & { readonly atpOn?: number })[]
  readonly locations?: (LocationNumbers & { readonly availableOn?: number })[]
  /** What is expected by the date, everywhere. */
  readonly incoming?: Incoming[]
  /** Units that orders are short of, which what is incoming serves first. */
  readonly short?: number
}

export type Availability = {
  /** It was true at this instant or later; never more than a second ago. */
  readonly trueAsOf: string
  readonly on?: string
  readonly items: AvailableItem[]
}

export type Wanted = {
  readonly skus: readonly string[]
  /** Codes; null: all, empty: none is asked for. */
  readonly channels: readonly string[] | null
  readonly locations: readonly string[] | null
  readonly on: string | undefined
}

/**
 * Reads what there is to sell from the database, and what there will be on a date. SKUs, channels and locations that do not exist are left
 * out. Fault: invalid, for a date that has passed.
 */
export async function readNow(sql: Sql, now: Date, { skus, channels, locations, on }: Wanted): Promise<Availability> {
  const date = on === undefined ? null : instantOf(on, now)
  const wantsChannels = channels === null || channels.length > 0
  const wantsLocations = locations === null || locations.length > 0
  const [known, shown, placed, dated] = await Promise.all([
    knownSkus(sql, skus),
    wantsChannels ? availability(sql, skus, channels) : null,
    wantsLocations ? availabilityAt(sql, skus, locations) : null,
    date === null ? null : readDated(sql, skus, wantsChannels ? { channels } : null, wantsLocations ? { locations } : null, date),
  ])
  const [shownOf, placedOf] = [shown && bySku(shown), placed && bySku(placed)]
  const items = known.map(sku => ({
    sku,
    ...(shownOf === null
      ? {}
      : { channels: (shownOf.get(sku) ?? []).map(({ sku: _, ...row }) => ({ ...row, ...dated?.channel(sku, row.channel) })) }),
    ...(placedOf === null
      ? {}
      : { locations: (placedOf.get(sku) ?? []).map(({ sku: _, ...row }) => ({ ...row, ...dated?.location(sku, row.location) })) }),
    ...dated?.item(sku),
  }))
  return { trueAsOf: now.toISOString(), ...(date === null ? {} : { on: date.toISOString() }), items }
}

/** What the date adds to each channel, location and item. */
async function readDated(
  sql: Sql,
  skus: readonly string[],
  inChannels: { readonly channels: readonly string[] | null } | null,
  atLocations: { readonly locations: readonly string[] | null } | null,
  date: Date,
) {
  const [channels, locations, incoming, short] = await Promise.all([
    inChannels && datedOfChannels(sql, skus, inChannels.channels, date),
    atLocations && datedOfLocations(sql, skus, atLocations.locations, date),
    incomingBy(sql, skus, date),
    unitsShort(sql, skus),
  ])
  const [ofChannel, ofLocation] = [byPlace(channels ?? []), byPlace(locations ?? [])]
  const incomingOf = Map.groupBy(incoming, row => row.of)
  const shortOf = new Map(short.map(row => [row.sku, row.units]))
  return {
    channel: (sku: string, code: string) => ({ atpOn: ofChannel.get(`${sku}\n${code}`) ?? 0 }),
    location: (sku: string, code: string) => ({ availableOn: ofLocation.get(`${sku}\n${code}`) ?? 0 }),
    item: (sku: string) => ({ incoming: (incomingOf.get(sku) ?? []).map(leaving), short: shortOf.get(sku) ?? 0 }),
  }
}

const bySku = <Row extends { readonly sku: string }>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> =>
  Map.groupBy(rows, row => row.sku)
const byPlace = (rows: readonly DatedRow[]): ReadonlyMap<string, number> => new Map(rows.map(row => [`${row.sku}\n${row.code}`, row.atp]))
const leaving = ({ of: _, expectedAt, ...row }: IncomingRow): Incoming => ({ ...row, expectedAt: expectedAt.toISOString() })

/** A day lasts until its midnight in UTC. */
function instantOf(on: string, now: Date): Date {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(on) ? `${on}T23:59:59.999Z` : on)
  if (Number.isNaN(at.getTime()))
    throw new Fault('invalid', `"${on}" is no date.`, { field: 'on', value: on, expected: 'a day such as 2026-12-24, or an instant' })
  if (at < now)
    throw new Fault('invalid', `${on} has passed.`, { field: 'on', value: on, expected: 'a day or an instant that is still to come' })
  return at
}
