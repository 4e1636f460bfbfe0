import type { Context } from 'hono'
import type { PlatformShape } from '../../usecases/channels.ts'
import type { RequestEnv } from '../../usecases/principal.ts'
import type { AccountForm } from '../../values/connecting.ts'
import { Fault } from '../../values/fault.ts'
import type { PlatformFacts, UiDeps } from '../deps.ts'
import type { View } from '../view.ts'
import { credentialName, settingName, wayOf } from './account-given.ts'
import { keepSecrets, keptSecrets } from './kept-secrets.ts'

/** A platform of which accounts can be connected here. */
export type KnownPlatform = {
  readonly name: string
  readonly facts: PlatformFacts
  readonly form: AccountForm
  readonly shape: PlatformShape
}

/** The platform of this name, or null where none can be connected. */
export function knownPlatform(deps: UiDeps, name: string): KnownPlatform | null {
  const facts = Object.hasOwn(deps.platforms, name) ? deps.platforms[name] : undefined
  const shape = deps.shapes?.find(one => one.platform === name)
  return facts?.form === undefined || shape === undefined ? null : { name, facts, form: facts.form, shape }
}

/** What was typed into the form at `place`, with the credentials that were kept sealed since it was refused; they are sealed anew for the next time. */
export async function takeIn(c: Context<RequestEnv>, deps: UiDeps, { form }: KnownPlatform, place: string) {
  const body = await c.req.parseBody()
  const typed = Object.fromEntries(Object.entries(body).flatMap(([field, value]) => (typeof value === 'string' ? [[field, value]] : [])))
  const whose = { actor: c.get('principal').actor, form: place, now: deps.now?.() ?? new Date() }
  const before = await keptSecrets(deps.keyring, whose, typed.kept ?? '')
  const secrets: Record<string, string> = {}
  for (const [way, { fields }] of form.ways.entries())
    for (const field of fields) {
      const at = credentialName(way, field.name)
      const text = typed[at]?.trim() || before[at]
      if (text !== undefined && text !== '' && field.isName !== true) secrets[at] = text
    }
  const kept = { names: new Set(Object.keys(secrets)), sealed: await keepSecrets(deps.keyring, whose, secrets) }
  return { fields: { ...typed, ...secrets } as Record<string, string>, kept }
}

type Parts = { readonly settings?: Readonly<Record<string, unknown>>; readonly credentials?: Readonly<Record<string, unknown>> }

/** The connector's own shapes have the last word on what is of the right form: what they refuse is noted in `wrong`. */
export function readShapes(
  view: View,
  { form, shape }: KnownPlatform,
  fields: Readonly<Record<string, string>>,
  parts: Parts,
  wrong: Map<string, string>,
): void {
  const way = wayOf(form, fields)
  const asked = { settings: form.settings, credentials: form.ways[way]?.fields ?? [] }
  for (const part of ['settings', 'credentials'] as const) {
    try {
      if (part === 'settings' && parts.settings !== undefined) shape.readSettings(parts.settings)
      if (part === 'credentials' && parts.credentials !== undefined) shape.readCredentials(parts.credentials)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const name = error.detail.field?.split('.')[1] ?? ''
      const field = asked[part].find(one => one.name === name) ?? asked[part][0]
      if (field === undefined) throw error
      const at = part === 'settings' ? settingName(field.name) : credentialName(way, field.name)
      wrong.set(at, view.t.connect.refused(field.label[view.language], field.example ?? ''))
    }
  }
}
