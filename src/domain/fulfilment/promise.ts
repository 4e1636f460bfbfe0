import { dayAfter, instantOfLocal, localOf } from '../../values/local-time.ts'
import type { Calendar } from './facts.ts'

/** The day whose capacity a place gives, and when what it takes on is ready there. */
export type Readiness = {
  readonly workOn: string
  readonly readyBy: Date /** Units that the day has room for; null: any number. */
  readonly room: number | null
}

const DAYS_AHEAD = 21
const MINUTE_MS = 60_000

/** When a place that takes so many units on at this instant has them ready; null where it has neither an open day nor capacity for three weeks. */
export function readiness(calendar: Calendar, at: Date, units = 1): Readiness | null {
  const now = localOf(at, calendar.zone)
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead++) {
    const day = dayAfter(now.day, ahead)
    const open = openOn(calendar, day)
    const room = roomOn(calendar, day)
    if (open.length === 0 || (room !== null && room < units)) continue
    if (ahead === 0 && (now.time > (calendar.cutOff ?? '24:00') || now.time >= (open.at(-1)?.[1] ?? ''))) continue
    const readyBy = after(calendar, day, ahead === 0 ? now.time : '00:00', ahead === 0 ? at : null)
    return readyBy === null ? null : { workOn: day, readyBy, room }
  }
  return null
}

/** When what is ready at an instant arrives after so many days: by eight in the evening of the place's clocks. */
export function arrival(readyBy: Date, days: number, zone: string): Date {
  return instantAt(dayAfter(localOf(readyBy, zone).day, days), '20:00', zone)
}

function roomOn(calendar: Calendar, day: string): number | null {
  const load = calendar.load[day] ?? { orders: 0, units: 0 }
  if (calendar.ordersPerDay !== null && load.orders >= calendar.ordersPerDay) return 0
  return calendar.unitsPerDay === null ? null : Math.max(0, calendar.unitsPerDay - load.units)
}

/** The spans of a local day in which it is open, in their order. */
function openOn(calendar: Calendar, day: string): readonly (readonly [string, string])[] {
  if (calendar.holidays.includes(day)) return []
  if (calendar.hours === null) return [['00:00', '24:00']]
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay() || 7
  return [...(calendar.hours[weekday] ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The instant at which the lead time, which passes in opening hours only, is over. */
function after(calendar: Calendar, firstDay: string, from: string, at: Date | null): Date | null {
  let leftMs = calendar.leadMinutes * MINUTE_MS
  for (let ahead = 0; ahead <= DAYS_AHEAD * 2; ahead++) {
    const day = dayAfter(firstDay, ahead)
    for (const [opens, closes] of openOn(calendar, day)) {
      if (ahead === 0 && closes <= from) continue
      const isNow = ahead === 0 && at !== null && opens <= from
      const beginsAt = isNow ? at : instantAt(day, opens, calendar.zone)
      const lastsMs = instantAt(day, closes, calendar.zone).getTime() - beginsAt.getTime()
      if (leftMs <= lastsMs) return new Date(beginsAt.getTime() + leftMs)
      leftMs -= lastsMs
    }
  }
  return null
}

function instantAt(day: string, time: string, zone: string): Date {
  const [on, clock] = time === '24:00' ? [dayAfter(day, 1), '00:00'] : [day, time]
  const text = `${on}T${clock}`
  return instantOfLocal({ kind: 'local', text, asUtcMs: Date.parse(`${text}Z`) }, zone)
}
