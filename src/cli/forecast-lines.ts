import type { TurnForecast } from '../usecases/forecast-schedule.ts'
import { counted } from './counted.ts'
import { shownAt } from './instants.ts'

/** When prices that begin or end at an instant come to show: a line for each instant and channel. */
export function forecastLines(forecast: readonly TurnForecast[]): string[] {
  return forecast.map(({ at, channel, listings, calls, lastAt, isOnTime, datesSentAhead }) => {
    const seconds = (Date.parse(lastAt) - Date.parse(at)) / 1000
    const until = isOnTime ? 'within a second' : `until ${shownAt(lastAt)} (${seconds.toFixed(1)} s later)`
    const ahead = datesSentAhead && !isOnTime ? '; dates of sales are sent ahead, and the platform acts on them by itself, too' : ''
    return `${shownAt(at)} ${channel}: ${counted(listings, 'listing')}, ${counted(calls, 'call')}, ${until}${ahead}`
  })
}
