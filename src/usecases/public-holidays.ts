import { Fault } from '../values/fault.ts'
import { dayAfter } from '../values/local-time.ts'

export type PublicHoliday = { readonly day: string; readonly name: string }

/** Loaded when a location first keeps somebody's holidays: the calendars of the world take 24 MB. */
const calendars = async () => (await import('date-holidays')).default
const known = new Map<string, readonly PublicHoliday[]>()

/** Whole public holidays of a country or a part of it (`DE`, `DE-BY`) in a year. Half days are working days here. */
async function publicHolidays(of: string, year: number): Promise<readonly PublicHoliday[]> {
  const key = `${of} ${year}`
  const asked = known.get(key) ?? (await reckon(of, year))
  known.set(key, asked)
  return asked
}

async function reckon(of: string, year: number): Promise<readonly PublicHoliday[]> {
  const Holidays = await calendars()
  const [country = '', ...parts] = of.split('-')
  const found = new Holidays({ country, ...(parts[0] ? { state: parts[0] } : {}), ...(parts[1] ? { region: parts[1] } : {}) }).getHolidays(
    year,
  )
  return found
    .filter(one => one.type === 'public' && one.date.slice(11, 19) === '00:00:00')
    .flatMap(one => {
      // Clocks that go forward within it leave an hour out.
      const days = Math.max(1, Math.floor((one.end.getTime() - one.start.getTime()) / DAY_MS + 0.05))
      return Array.from({ length: days }, (_, n) => ({ day: dayAfter(one.date.slice(0, 10), n), name: one.name }))
    })
}

const DAY_MS = 86_400_000

/** Throws `invalid` where no calendar of this name is known. */
export async function assertCalendar(field: string, of: string): Promise<void> {
  const all = new (await calendars())()
  const [country = '', state, region, more] = of.split('-')
  const isKnown =
    Object.hasOwn(all.getCountries(), country) &&
    (state === undefined || Object.hasOwn(all.getStates(country) ?? {}, state)) &&
    (region === undefined || (state !== undefined && Object.hasOwn(all.getRegions(country, state) ?? {}, region))) &&
    more === undefined
  if (!isKnown)
    throw new Fault('invalid', `${of} is no country or part of one whose public holidays are known, such as DE or DE-BY.`, {
      field,
      value: of,
    })
}

/** Those of a calendar from a day on, for so many days. */
export async function holidaysFrom(of: string, from: string, days: number): Promise<PublicHoliday[]> {
  const until = dayAfter(from, days)
  const [first, last] = [Number(from.slice(0, 4)), Number(until.slice(0, 4))]
  const years = await Promise.all(Array.from({ length: last - first + 1 }, (_, n) => publicHolidays(of, first + n)))
  return years.flat().filter(one => one.day >= from && one.day <= until)
}

/** Days ahead for which places know the holidays: longer than any promise looks, also where places are read once for orders of some months. */
const DAYS_AHEAD = 400

type KeepsHolidays = { readonly holidaysOf: string | null; readonly openDays: readonly string[]; readonly holidays: readonly string[] }

/** The same places with the public holidays of the months from an instant on among the days on which they are closed, but for those on which they open all the same. */
export async function withPublicHolidays<Kept extends KeepsHolidays>(places: readonly Kept[], at: Date): Promise<Kept[]> {
  const from = dayAfter(at.toISOString().slice(0, 10), -2)
  return Promise.all(
    places.map(async place => {
      if (place.holidaysOf === null) return place
      const found = await holidaysFrom(place.holidaysOf, from, DAYS_AHEAD)
      return { ...place, holidays: [...place.holidays, ...found.map(one => one.day).filter(day => !place.openDays.includes(day))] }
    }),
  )
}
