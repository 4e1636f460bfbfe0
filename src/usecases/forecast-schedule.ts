import { isKnownCommand } from '../../db/commands.ts'
import { readTurns, type TurnClaim } from '../../db/due.ts'
import { turnWindow } from '../domain/sync/forecast.ts'
import { Fault } from '../values/fault.ts'
import type { Context } from './context.ts'

/** When prices come to show in a channel that begin or end at an instant. `calls` and the window are of the account, whose channels share its limits. */
export type TurnForecast = {
  /** ISO 8601 in UTC, as the others. */
  readonly at: string
  readonly channel: string
  readonly account: string
  /** At most: with everything else that begins or ends then. */
  readonly listings: number
  readonly calls: number
  /** When the first and the last of them is sent and taken by the platform, at the best. */
  readonly firstAt: string
  readonly lastAt: string
  /** All within a second. */
  readonly isOnTime: boolean
  /** The platform is told the dates of sales ahead and begins and ends them by itself, too. */
  readonly datesSentAhead: boolean
  /** How long after it has taken a value the platform may still show the old one, seconds. */
  readonly showsWithinS: number
}

/** What would begin or end, and whether the caller takes a window where it cannot be within a second. */
export type Schedule = { readonly claims: readonly TurnClaim[]; readonly acceptWindow: boolean }

/** Forecasts what would begin and end at instants to come, with what stands in the books; in the order of instants, then channels. */
export async function forecastTurns(context: Context, claims: readonly TurnClaim[]): Promise<TurnForecast[]> {
  const { pushPaceOf } = context
  if (pushPaceOf === undefined || claims.length === 0) return []
  const rows = await readTurns(context.sql, claims)
  return rows.flatMap(({ at, account, platform, channels, ...load }) => {
    const pace = pushPaceOf(platform)
    if (pace === undefined) return []
    const { calls, firstS, lastS, isOnTime } = turnWindow(load, pace)
    const after = (seconds: number): string => new Date(at.getTime() + Math.round(seconds * 1000)).toISOString()
    return channels.map(({ channel, listings }) => ({
      ...{ at: at.toISOString(), channel, account, listings, calls, firstAt: after(firstS), lastAt: after(lastS), isOnTime },
      ...{ datesSentAhead: pace.takesDates, showsWithinS: pace.showsWithinS },
    }))
  })
}

/**
 * The forecast of a scheduled change, before it is accepted. Throws `late_flip` with it (`forecast`) where a channel cannot be within a second of an
 * instant and the caller did not take the window. A command that was carried out under its key already is not judged anew.
 */
export async function acceptSchedule(context: Context, key: string | null, { claims, acceptWindow }: Schedule): Promise<TurnForecast[]> {
  const forecast = await forecastTurns(context, claims)
  const late = forecast.filter(one => !one.isOnTime)
  const [first] = late
  if (first === undefined || acceptWindow) return forecast
  if (key !== null && (await isKnownCommand(context.sql, context.actor, key))) return forecast
  const more = late.length > 1 ? `, and ${late.length - 1} more ${late.length === 2 ? 'channel or instant' : 'channels or instants'}` : ''
  throw new Fault(
    'late_flip',
    `${first.channel} cannot show ${first.listings} ${first.listings === 1 ? 'price' : 'prices'} within a second of ${first.at}: its platform takes ` +
      `${first.calls} calls from ${first.firstAt} until ${first.lastAt}${more}. Nothing was changed: give acceptWindow: true to take that window, or spread the instants.`,
    { field: 'acceptWindow', value: false, forecast },
  )
}
