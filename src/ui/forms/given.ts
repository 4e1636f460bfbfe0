import { Fault } from '../../values/fault.ts'
import { parseDecimal } from '../../values/money.ts'
import { KEY_FIELD } from '../parts/form.tsx'
import type { View } from '../view.ts'

/** What a person typed into a form, by field. A field that the form did not send reads as empty. */
export type Given = { readonly view: View; readonly fields: Readonly<Record<string, string>> }

const UNITS_MOST = 1_000_000

/** A refusal whose message is in the person's language already. */
export function refusal(text: string, field: string): Fault {
  return new Fault('invalid', text, { field, isTranslated: true })
}

/** The field's text without the spaces around it. */
export function text(given: Given, field: string): string {
  return given.fields[field]?.trim() ?? ''
}

/** A field that must be filled in; `label` is what the page calls it. */
export function required(given: Given, field: string, label: string): string {
  const value = text(given, field)
  if (value === '') throw refusal(given.view.t.errors.required(label), field)
  return value
}

/** Whole units from 0 to 1,000,000. */
export function units(given: Given, field: string, label: string): number {
  const value = required(given, field, label)
  if (!/^\d{1,7}$/.test(value) || Number(value) > UNITS_MOST) throw refusal(given.view.t.errors.number(label, value), field)
  return Number(value)
}

/** Whole units with a sign. A minus that somebody pasted from a text counts as one. */
export function signedUnits(given: Given, field: string, label: string): number {
  const value = required(given, field, label).replace(/^[−–]/, '-')
  if (!/^[+-]?\d{1,7}$/.test(value) || Math.abs(Number(value)) > UNITS_MOST) throw refusal(given.view.t.errors.signed(label, value), field)
  return Number(value)
}

/** An amount above zero as decimal text with a point. */
export function amount(given: Given, field: string, label: string): string {
  const value = required(given, field, label)
  const parsed = parseDecimal(value)
  if (parsed === null) throw refusal(given.view.t.errors.amount(label, value), field)
  if (parsed.lessThanOrEqualTo(0)) throw refusal(given.view.t.errors.aboveZero(label, value), field)
  return value
}

/** An instant from a `datetime-local` field, read as UTC; undefined where it is empty. */
export function instant(given: Given, field: string, label: string): string | undefined {
  const value = text(given, field)
  if (value === '') return undefined
  const parsed = new Date(`${value.replace(' ', 'T')}Z`)
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?$/.test(value) || Number.isNaN(parsed.getTime())) {
    throw refusal(given.view.t.errors.instant(label, value), field)
  }
  return parsed.toISOString()
}

/** The beginning of a day from a `date` field, in UTC; undefined where it is empty. */
export function day(given: Given, field: string, label: string): string | undefined {
  const value = text(given, field)
  if (value === '') return undefined
  const parsed = new Date(`${value}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== value) {
    throw refusal(given.view.t.errors.day(label, value), field)
  }
  return parsed.toISOString()
}

/** A day that must be filled in. */
export function requiredDay(given: Given, field: string, label: string): string {
  required(given, field, label)
  return day(given, field, label) ?? ''
}

/** One of the choices of a page. */
export function choice<Choice extends string>(given: Given, field: string, label: string, choices: readonly Choice[]): Choice {
  const value = text(given, field)
  const chosen = choices.find(one => one === value)
  if (chosen === undefined) throw refusal(given.view.t.errors.choice(label, value), field)
  return chosen
}

/** The form's own key: the same form sent twice counts once. */
export function keyOf(given: Given): string {
  const key = text(given, KEY_FIELD)
  if (!/^[0-9a-f-]{36}$/.test(key)) throw refusal(given.view.t.errors.csrf, KEY_FIELD)
  return key
}

/** A number of ours that an address or a field names; what is none is 0, which nothing has. */
export const idOf = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0)

const REASON_MOST = 300

/** Why, in a person's words, where one gave any. */
export const reasonOf = (given: Given): { readonly reason?: string } => {
  const reason = text(given, 'reason')
  const { t } = given.view
  if (reason.length > REASON_MOST)
    throw refusal(`${t.orders.reason}: ${t.imports.right.long(`${REASON_MOST}`, `${reason.length}`)}`, 'reason')
  return reason === '' ? {} : { reason }
}
