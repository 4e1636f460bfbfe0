import type { Sql } from '../../db/connect.ts'
import { Fault } from '../values/fault.ts'
import { type Availability, readNow } from './availability-now.ts'
import { shownOfMany } from './many-availability.ts'
import type { ShownCache } from './shown-cache.ts'
import { transactionOf, type WriteToken } from './write-token.ts'

export type AvailabilityDeps = { readonly sql: Sql; readonly shown: ShownCache; readonly now?: () => Date }

export type AvailabilityQuery = {
  readonly sku: string
  /** Only what this channel shows. */
  readonly channel?: string | undefined
  /** Only what is at this location. */
  readonly location?: string | undefined
  /** An instant (ISO 8601), or a day, which ends at midnight UTC: also tells what can be promised then. */
  readonly on?: string | undefined
  /** The answer holds this write. */
  readonly atLeast?: WriteToken | undefined
}

export type ManyQuery = {
  readonly skus: readonly string[]
  /** Neither these nor locations: all channels. */
  readonly channels?: readonly string[] | undefined
  readonly locations?: readonly string[] | undefined
  readonly on?: string | undefined
  /** Tell of each channel whether it has a listing of the SKU. */
  readonly listed?: boolean | undefined
}

/** More than this in one answer: ask in parts. */
const NUMBERS_MOST = 100_000

/**
 * What there is to sell of one SKU. One channel alone is answered from memory, where that is no older than a second and holds `atLeast`;
 * everything else is read now. Faults: not_found, invalid (a date that has passed, a token of no write).
 */
export async function readAvailability(deps: AvailabilityDeps, query: AvailabilityQuery): Promise<Availability> {
  const { sku, channel, location, on, atLeast } = query
  const token = atLeast === undefined ? null : transactionOf(atLeast)
  if (channel !== undefined && location === undefined && on === undefined) {
    const found = await deps.shown(sku, channel, token)
    if (found === null) throw unknownOne(query)
    return { trueAsOf: found.trueAsOf, items: [{ sku, channels: [found.numbers] }] }
  }
  const channels = channel !== undefined ? [channel] : location === undefined ? null : []
  const locations = location !== undefined ? [location] : channel === undefined ? null : []
  const found = await readNow(deps.sql, clockOf(deps)(), { skus: [sku], channels, locations, on })
  const [item] = found.items
  if (
    item === undefined ||
    (channel !== undefined && item.channels?.length !== 1) ||
    (location !== undefined && item.locations?.length !== 1)
  )
    throw unknownOne(query)
  return found
}

/**
 * What there is to sell of many SKUs, in channels or at locations, as the text of an `Availability`: read now. SKUs, channels and locations that
 * do not exist are left out. Fault: invalid (more than 100,000 numbers, a date that has passed).
 */
export async function readManyAvailability(deps: AvailabilityDeps, query: ManyQuery): Promise<string> {
  const { skus, channels, locations, on } = query
  const now = clockOf(deps)()
  const places = (channels?.length ?? 0) + (locations?.length ?? 0)
  if (skus.length * places > NUMBERS_MOST)
    throw new Fault('invalid', `${skus.length} SKUs in ${places} channels or locations are more than ${NUMBERS_MOST} numbers.`, {
      field: 'skus',
      expected: `SKUs × channels of at most ${NUMBERS_MOST}: ask in parts`,
    })
  if (locations !== undefined || on !== undefined)
    return JSON.stringify(
      await readNow(deps.sql, now, { skus, channels: channels ?? (locations === undefined ? null : []), locations: locations ?? [], on }),
    )
  return `{"trueAsOf":"${now.toISOString()}","items":${await shownOfMany(deps.sql, skus, channels ?? null, query.listed === true)}}`
}

const clockOf = (deps: AvailabilityDeps): (() => Date) => deps.now ?? (() => new Date())

function unknownOne({ sku, channel, location }: AvailabilityQuery): Fault {
  const places = [channel === undefined ? [] : `channel ${channel}`, location === undefined ? [] : `location ${location}`].flat()
  return new Fault('not_found', `There is no SKU ${sku}${places.map(place => `, or no ${place}`).join('')}.`)
}
