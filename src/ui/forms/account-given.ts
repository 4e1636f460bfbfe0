import type { NewAccount, NewChannel } from '../../usecases/channels.ts'
import type { AccountForm, FormField } from '../../values/connecting.ts'
import { isZone } from '../../values/local-time.ts'
import { isCurrency } from '../../values/money.ts'
import type { View } from '../view.ts'

/** What was typed into the form for an account, as an account, and what is wrong with it by the name of its field. */
export type AccountGiven = {
  readonly account: Omit<NewAccount, 'platform'> & { readonly settings: Settings; readonly credentials: Settings }
  readonly wrong: Map<string, string>
}

type Settings = Readonly<Record<string, unknown>>
type Fields = Readonly<Record<string, string>>

/** Rows of channels that the form can have. */
export const CHANNELS_MOST = 20

export const settingName = (name: string): string => `settings.${name}`
export const credentialName = (way: number, name: string): string => `credentials.${way}.${name}`
export const channelName = (row: number, part: 'code' | 'name' | 'ref' | 'currency' | 'zone' | 'taxMode'): string =>
  `channels.${row}.${part}`

/** The chosen way to prove who we are. */
export const wayOf = (form: AccountForm, fields: Fields): number =>
  form.ways[Number(fields.way ?? 0)] === undefined ? 0 : Number(fields.way ?? 0)

/** How many rows for channels the page shows. */
export function rowsOf(fields: Fields): number {
  const asked = Number(fields.rows ?? 1)
  return Number.isInteger(asked) && asked > 0 ? Math.min(asked, CHANNELS_MOST) : 1
}

/** Reads the form. `fields` has the secrets that were kept from before already. */
export function readAccount(view: View, form: AccountForm, fields: Fields): AccountGiven {
  const wrong = new Map<string, string>()
  const name = (fields.name ?? '').trim()
  needCode(view, wrong, 'name', name)
  const way = wayOf(form, fields)
  const settings = readFields(view, form.settings, settingName, fields, wrong)
  const credentials = readFields(view, form.ways[way]?.fields ?? [], field => credentialName(way, field), fields, wrong)
  const channels = readChannels(view, form, fields, name, wrong)
  return { account: { name, settings, credentials, channels }, wrong }
}

/** Settings or credentials, each of its kind; a field that is left empty is left out. */
export function readFields(
  view: View,
  asked: readonly FormField[],
  nameOf: (field: string) => string,
  fields: Fields,
  wrong: Map<string, string>,
): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  for (const field of asked) {
    const text = (fields[nameOf(field.name)] ?? '').trim()
    if (text === '') {
      if (field.isRequired) wrong.set(nameOf(field.name), view.t.errors.required(field.label[view.language]))
      continue
    }
    const value = typedAs(view, field, text)
    if (value.wrong === undefined) read[field.name] = value.value
    else wrong.set(nameOf(field.name), value.wrong)
  }
  return read
}

type Value = { readonly value: unknown; readonly wrong?: undefined } | { readonly wrong: string }

function typedAs({ t, language }: View, field: FormField, text: string): Value {
  switch (field.kind) {
    case 'choice':
      return { value: text === 'yes' }
    case 'number':
      return /^-?\d{1,9}(\.\d{1,6})?$/.test(text) ? { value: Number(text) } : { wrong: t.connect.numberWrong(text) }
    case 'url':
      return /^https?:\/\//.test(text) && URL.canParse(text) ? { value: text } : { wrong: t.connect.urlWrong(text) }
    case 'email':
      return /^\S+@\S+\.\S+$/.test(text) ? { value: text } : { wrong: t.connect.emailWrong(text) }
    case 'instant': {
      const at = new Date(`${text.replace(' ', 'T')}Z`)
      return Number.isNaN(at.getTime()) ? { wrong: t.errors.instant(field.label[language], text) } : { value: at.toISOString() }
    }
    case 'table':
      try {
        return { value: JSON.parse(text) as unknown }
      } catch {
        return { wrong: t.connect.tableWrong(field.example ?? '{}') }
      }
    case 'list':
      return { value: text.split(/[\s,]+/).filter(part => part !== '') }
    case 'text':
      return { value: text }
  }
}

function readChannels(view: View, form: AccountForm, fields: Fields, account: string, wrong: Map<string, string>): NewChannel[] {
  const { t } = view
  const channels: NewChannel[] = []
  for (let row = 0; row < rowsOf(fields); row += 1) {
    const part = (what: Parameters<typeof channelName>[1]): string => (fields[channelName(row, what)] ?? '').trim()
    // A further row that nobody filled in is no channel.
    if (row > 0 && ['code', 'name', 'ref', 'currency'].every(what => part(what as 'code') === '')) continue
    const code = part('code') || (row === 0 ? account : '')
    if (code !== account || row > 0) needCode(view, wrong, channelName(row, 'code'), code)
    if (channels.some(other => other.code === code)) wrong.set(channelName(row, 'code'), t.connect.twice(code))
    const ref = form.channel === undefined ? 'shop' : part('ref')
    if (ref === '') wrong.set(channelName(row, 'ref'), t.errors.required(form.channel?.label[view.language] ?? ''))
    else if (channels.some(other => other.ref === ref)) wrong.set(channelName(row, 'ref'), t.connect.twice(ref))
    const currency = part('currency').toUpperCase()
    if (currency === '') wrong.set(channelName(row, 'currency'), t.errors.required(t.connect.currency))
    else if (!isCurrency(currency)) wrong.set(channelName(row, 'currency'), t.errors.currency(currency))
    const zone = part('zone')
    if (zone !== '' && !isZone(zone)) wrong.set(channelName(row, 'zone'), t.connect.zoneWrong(zone))
    const taxMode = part('taxMode') === 'exclusive' ? 'exclusive' : 'inclusive'
    channels.push({ code, name: (part('name') || code).slice(0, 200), ref, currency, taxMode, ...(zone === '' ? {} : { zone }) })
  }
  return channels
}

function needCode({ t }: View, wrong: Map<string, string>, field: string, code: string): void {
  if (code === '') wrong.set(field, t.errors.required(field === 'name' ? t.connect.name : t.connect.code))
  else if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) wrong.set(field, t.connect.codeWrong(code))
}
