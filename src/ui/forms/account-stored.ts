import type { AccountForm } from '../../values/connecting.ts'
import type { View } from '../view.ts'
import { credentialName, readFields, wayOf } from './account-given.ts'

/** Settings as they are stored, as the fields of the form show them. */
export function settingTexts(form: AccountForm, settings: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    form.settings.flatMap(({ name, kind }) => {
      const value = settings[name]
      if (value === undefined || value === null) return []
      if (kind === 'choice') return [[name, value === true ? 'yes' : 'no']]
      if (kind === 'table') return [[name, JSON.stringify(value)]]
      if (kind === 'list' && Array.isArray(value)) return [[name, value.join(', ')]]
      // A browser's field for date and time has no zone; ours are in UTC.
      return [[name, kind === 'instant' ? new Date(String(value)).toISOString().slice(0, 16) : String(value)]]
    }),
  )
}

/** New credentials, or none where all fields of the chosen way were left empty: then those that are stored stay. */
export function changedCredentials(
  view: View,
  form: AccountForm,
  fields: Readonly<Record<string, string>>,
  wrong: Map<string, string>,
): { readonly credentials?: Readonly<Record<string, unknown>> } {
  const way = wayOf(form, fields)
  const asked = form.ways[way]?.fields ?? []
  const nameOf = (field: string): string => credentialName(way, field)
  if (asked.every(field => (fields[nameOf(field.name)] ?? '').trim() === '')) return {}
  return { credentials: readFields(view, asked, nameOf, fields, wrong) }
}
