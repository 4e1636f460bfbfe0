import type { LocationServices } from '../../../db/routing-settings.ts'
import type { Hours } from '../../domain/fulfilment/facts.ts'
import type { ServicesStated } from '../../usecases/routing-settings.ts'
import { isHazard } from '../../values/hazard.ts'
import { parseDecimal } from '../../values/money.ts'
import { type Given, refusal, text, units } from './given.ts'
import { codesIn } from './routing-draft.ts'

export const WEEKDAYS = ['1', '2', '3', '4', '5', '6', '7'] as const

/** What stands for no class at all, where an empty field stands for all of them. */
export const NO_CLASS = '0'

const CLOCK = '(?:[01]\\d|2[0-3]):[0-5]\\d'
const SPAN = new RegExp(`^(${CLOCK})\\s*[-–]\\s*(${CLOCK}|24:00)$`)

/** Hours of a day as people write them: `09:00-13:00, 14:00-18:00`. */
export function hoursText(hours: Hours, day: (typeof WEEKDAYS)[number]): string {
  return (hours?.[day] ?? []).map(span => span.join('-')).join(', ')
}

/** All that a form states of a location, as the use case takes it. Throws the refusal in the person's language, by its field. */
export function givenServices(given: Given): ServicesStated {
  const t = given.view.t.routing.places
  const optional = (field: string): string | null => text(given, field) || null
  const whole = (field: string, label: string): number | null => (text(given, field) === '' ? null : units(given, field, label))
  const days = (field: string): string[] =>
    codesIn(text(given, field)).map(day => {
      const at = new Date(`${day}T00:00:00Z`)
      if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day)
        throw refusal(t.badDay(day), field)
      return day
    })
  const cost = (field: string, label: string): string | null => {
    const value = optional(field)
    if (value !== null && (parseDecimal(value)?.isNegative() ?? true)) throw refusal(given.view.t.errors.amount(label, value), field)
    return value
  }
  const classes = (field: string): string[] | null => {
    const value = text(given, field)
    if (value === '') return null
    const all = value === NO_CLASS ? [] : codesIn(value)
    const strange = all.find(one => !isHazard(one))
    if (strange !== undefined) throw refusal(t.badHazard(strange), field)
    return all
  }
  const cutOff = optional('cutOff')
  if (cutOff !== null && !new RegExp(`^${CLOCK}$`).test(cutOff)) throw refusal(t.badTime, 'cutOff')
  const countries = codesIn(text(given, 'shipsTo').toUpperCase())
  const strange = countries.find(code => !/^[A-Z]{2}$/.test(code))
  if (strange !== undefined) throw refusal(t.badCountry(strange), 'shipsTo')
  const priority = (text(given, 'priority') || '0').replace(/^[−–]/, '-')
  if (!/^-?\d{1,4}$/.test(priority) || Math.abs(Number(priority)) > 1000) throw refusal(t.badPriority, 'priority')
  return {
    ...pointOf(given),
    ...{ address: optional('address'), postalCode: optional('postalCode'), hours: hoursOf(given), cutOff },
    ...{ leadMinutes: whole('leadMinutes', t.leadMinutes) ?? 0, holidays: days('holidays') },
    ...{ holidaysOf: optional('holidaysOf')?.toUpperCase() ?? null, openDays: days('openDays') },
    ...{ ordersPerDay: whole('ordersPerDay', t.ordersPerDay), unitsPerDay: whole('unitsPerDay', t.unitsPerDay) },
    ...{ ships: text(given, 'ships') === 'yes', collects: text(given, 'collects') === 'yes' },
    shipsTo: countries.length === 0 ? null : countries,
    ...{ shipsHazards: classes('shipsHazards'), handsOverHazards: classes('handsOverHazards') },
    ...{ parcelCost: cost('parcelCost', t.parcelCost), unitCost: cost('unitCost', t.unitCost), priority: Number(priority) },
    ...{
      transitDays: whole('transitDays', t.transitDays) ?? 2,
      transitDaysAbroad: whole('transitDaysAbroad', t.transitDaysAbroad) ?? 5,
    },
  }
}

function pointOf(given: Given): Pick<LocationServices, 'latitude' | 'longitude'> {
  const [first, second] = [text(given, 'latitude'), text(given, 'longitude')]
  if (first === '' && second === '') return { latitude: null, longitude: null }
  const [latitude, longitude] = [Number(first), Number(second)]
  if (first === '' || second === '' || !(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180))
    throw refusal(given.view.t.routing.places.badPoint, first === '' || !(Math.abs(latitude) <= 90) ? 'latitude' : 'longitude')
  return { latitude, longitude }
}

function hoursOf(given: Given): Hours {
  const t = given.view.t.routing.places
  const days = WEEKDAYS.flatMap(day => {
    const spans = text(given, `hours-${day}`)
      .split(/[,，、;]/)
      .filter(span => span.trim() !== '')
      .map((span): readonly [string, string] => {
        const [, from = '', to = ''] = SPAN.exec(span.trim()) ?? []
        if (from === '' || from >= to) throw refusal(t.badHours(t.hoursOf[day]), `hours-${day}`)
        return [from, to]
      })
    return spans.length === 0 ? [] : [[day, spans] as const]
  })
  return days.length === 0 ? null : Object.fromEntries(days)
}
