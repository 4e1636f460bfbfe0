import type { AccountCheck } from '../../../connectors/contract.ts'
import type { AccountForm } from '../../values/connecting.ts'
import type { Fault } from '../../values/fault.ts'
import type { View } from '../view.ts'
import { type AccountGiven, channelName, credentialName, settingName } from './account-given.ts'
import { faultText } from './post.ts'

type ChannelRef = { readonly ref: string; readonly currency: string }

/** What an account check found, beside the fields that mend it; what no field mends stands in the list of findings alone. */
export function notedFindings(form: AccountForm, way: number, channels: readonly ChannelRef[], check: AccountCheck): Map<string, string> {
  const wrong = new Map<string, string>()
  for (const { what, ok, words } of check.findings) {
    const [head = '', ref] = what.split(' ')
    const field = form.mends[head]
    if (ok || field === undefined) continue
    const at = placeOf(form, way, channels, field, ref, words)
    if (!wrong.has(at)) wrong.set(at, words)
  }
  return wrong
}

function placeOf(
  form: AccountForm,
  way: number,
  channels: readonly ChannelRef[],
  field: string,
  ref: string | undefined,
  words: string,
): string {
  if (field === 'ref' || field === 'currency') {
    const named = channels.findIndex(channel =>
      ref === undefined ? words.includes(channel.ref) : [channel.ref, channel.currency].includes(ref),
    )
    return channelName(Math.max(0, named), field)
  }
  if (form.settings.some(one => one.name === field)) return settingName(field)
  const credentials = form.ways[way]?.fields ?? []
  // With another way to prove who we are it is that way's first secret.
  const mending = credentials.find(one => one.name === field) ?? credentials.find(one => one.isName !== true) ?? credentials[0]
  return credentialName(way, mending?.name ?? field)
}

/** What the use case refused, beside its field. */
export function notedFault(view: View, account: AccountGiven['account'], fault: Fault): Map<string, string> {
  const { field = '', value } = fault.detail
  const text = fault.code === 'conflict' && value !== undefined ? view.t.connect.taken(String(value)) : faultText(view, fault)
  if (field === 'code') {
    const row = account.channels.findIndex(channel => channel.code === value)
    // The first channel's short name is the account's where it has none of its own.
    return new Map([[row <= 0 && value === account.name ? 'name' : channelName(Math.max(0, row), 'code'), text]])
  }
  return new Map([[field === 'name' ? 'name' : field, text]])
}
