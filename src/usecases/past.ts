import type { Sql } from '../../db/connect.ts'
import { ledgerClock } from '../../db/partitions.ts'
import { Fault } from '../values/fault.ts'
import { parseInstant } from '../values/instant.ts'
import type { Context } from './context.ts'

/** Somebody's clock may be ahead of ours by so much, ms. */
const AHEAD_MOST_MS = 60_000

/**
 * An instant of the ledger that somebody asks about, as ISO text in UTC.
 * @throws Fault invalid for no instant, or one of the future; not_found where the ledger of that time was detached.
 */
export async function pastInstant(sql: Sql, text: string, field: string): Promise<string> {
  const at = readInstant(text, field)
  const { starts, now } = await ledgerClock(sql)
  if (Date.parse(at) > now.getTime() + AHEAD_MOST_MS) {
    throw new Fault('invalid', `${at} has not come yet`, { field, value: text, expected: 'an instant of the past' })
  }
  if (starts !== null && Date.parse(at) < starts.getTime()) {
    const since = starts.toISOString()
    throw new Fault('not_found', `the ledger of ${at} was detached: history starts at ${since}`, {
      field,
      value: text,
      expected: `${since} or later`,
    })
  }
  return at
}

/** Refuses what is said to have happened after now (ISO text; undefined: it is not said). @throws Fault invalid. */
export function refuseFuture({ now }: Pick<Context, 'now'>, instant: string | undefined, field: string): void {
  const at = now?.() ?? new Date()
  if (instant !== undefined && Date.parse(instant) > at.getTime() + AHEAD_MOST_MS)
    throw new Fault('invalid', `${field} ${instant} is in the future.`, { field, value: instant, expected: 'an instant that has passed' })
}

/** An instant as ISO text in UTC. @throws Fault invalid for anything else. */
export function readInstant(text: string, field: string): string {
  const at = parseInstant(text)
  if (at === null)
    throw new Fault('invalid', `"${text}" is no instant`, { field, value: text, expected: '2026-11-22T12:00:00Z or 2026-11-22' })
  return at
}

/** The refusal of a SKU that nobody knows. */
export function unknownSku(sku: string): Fault {
  return new Fault('not_found', `there is no SKU ${sku}`, { field: 'sku', value: sku })
}

/** The refusal of a location that nobody knows. */
export function unknownLocation(location: string): Fault {
  return new Fault('not_found', `there is no location ${location}`, { field: 'location', value: location })
}
