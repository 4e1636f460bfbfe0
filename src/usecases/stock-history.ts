import { readVariant } from '../../db/catalog.ts'
import { type HistoryPoint, stockHistory as readHistory } from '../../db/history.ts'
import { readLocation } from '../../db/locations.ts'
import { ledgerClock } from '../../db/partitions.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'
import { readInstant, unknownLocation, unknownSku } from './past.ts'

const DAY_MS = 86_400_000
/** The period where nobody names one, days. */
const USUAL_DAYS = 30
export const POINTS_MOST = 500

export type HistoryWish = {
  readonly location?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** At most 500, which is also what is meant when absent. */
  readonly points?: number | undefined
}

export type StockHistory = {
  readonly sku: string
  /** Null: all our own locations, added up. */
  readonly location: string | null
  readonly from: string
  /** Null: now. */
  readonly to: string | null
  /** Where older months were detached: the instant from which history is there. */
  readonly historyStarts: string | null
  readonly points: readonly HistoryPoint[]
}

/**
 * A SKU's stock over time by what was recorded: the numbers at `from` and after each change, thinned out to equal parts of the period where
 * there were more changes than points. The last 30 days where no period is named; begins where history does.
 * @throws Fault not_found for a SKU or location that nobody knows, invalid for a period that is none.
 */
export async function stockHistory(context: Context, sku: string, wish: HistoryWish): Promise<StockHistory> {
  const { sql } = context
  const { location, points = POINTS_MOST } = wish
  const [variant, { starts, now }] = await Promise.all([readVariant(sql, sku), ledgerClock(sql)])
  if (variant === null) throw unknownSku(sku)
  if (location !== undefined && (await readLocation(sql, location)) === null) throw unknownLocation(location)
  const to = wish.to === undefined ? null : readInstant(wish.to, 'to')
  const end = to === null ? now.getTime() : Date.parse(to)
  const wanted = wish.from === undefined ? new Date(end - USUAL_DAYS * DAY_MS).toISOString() : readInstant(wish.from, 'from')
  const from = starts !== null && Date.parse(wanted) < starts.getTime() ? starts.toISOString() : wanted
  if (Date.parse(from) >= end) {
    throw new Fault('invalid', `nothing lies between ${from} and ${to ?? 'now'}`, {
      field: 'from',
      value: wish.from ?? from,
      expected: 'an instant before `to`',
    })
  }
  const most = Math.min(points, POINTS_MOST)
  return {
    ...{ sku, location: location ?? null, from, to, historyStarts: starts?.toISOString() ?? null },
    points: await readHistory(sql, { variantId: variant.id, location: location ?? null, from, to, most }),
  }
}
