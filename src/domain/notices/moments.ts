import type { Hours } from '../fulfilment/facts.ts'

type Language = 'en' | 'zh-CN'

/** Days with the same opening hours, one after the other: `Mon–Fri`, `09:00–18:00`. `times` none: closed. */
export type DayHours = { readonly days: string; readonly times: readonly string[] }

/** Opening hours of a week in a few lines; none where a place states none. */
export function weekOf(hours: Hours, language: Language): DayHours[] {
  if (hours === null) return []
  const runs: { first: number; last: number; times: readonly string[] }[] = []
  for (let day = 1; day <= 7; day += 1) {
    const times = (hours[String(day)] ?? []).map(([from, to]) => `${from}–${to}`)
    const run = runs.at(-1)
    if (run !== undefined && run.times.join() === times.join()) run.last = day
    else runs.push({ first: day, last: day, times })
  }
  return runs.map(({ first, last, times }) => ({
    days: first === last ? dayName(first, language) : `${dayName(first, language)}–${dayName(last, language)}`,
    times,
  }))
}

// 2024-01-01 was a Monday.
const dayName = (day: number, language: Language): string =>
  new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(new Date(Date.UTC(2024, 0, day)))

/** A day and a time as they are at the place, in words; with its year where that is not the year of `now` there. */
export function momentAt(at: Date, zone: string, language: Language, now: Date): string {
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return inWords(at, { ...time, timeZone: zone }, language, now)
}

/** A day (`YYYY-MM-DD`) in words; with its year where that is not the year of `now`. */
export function dayOf(day: string, language: Language, now: Date): string {
  return inWords(new Date(`${day}T00:00:00Z`), { timeZone: 'UTC' }, language, now)
}

function inWords(at: Date, shape: Intl.DateTimeFormatOptions & { readonly timeZone: string }, language: Language, now: Date): string {
  const yearOf = (date: Date): string => new Intl.DateTimeFormat('en', { year: 'numeric', timeZone: shape.timeZone }).format(date)
  const year = yearOf(at) === yearOf(now) ? {} : ({ year: 'numeric' } as const)
  const day = { weekday: 'short', day: 'numeric', month: 'long' } as const
  return new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { ...day, ...year, ...shape }).format(at)
}
