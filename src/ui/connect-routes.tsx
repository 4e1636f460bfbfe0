import { type Context, Hono } from 'hono'
import type { AccountCheck } from '../../connectors/contract.ts'
import { createAccount, type PlatformShape } from '../usecases/channels.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { AccountForm } from '../values/connecting.ts'
import { Fault } from '../values/fault.ts'
import type { PlatformFacts, UiDeps } from './deps.ts'
import { setFlash } from './flash.ts'
import { listed } from './format.ts'
import { type AccountGiven, credentialName, readAccount, rowsOf, wayOf } from './forms/account-given.ts'
import { notedFault, notedFindings } from './forms/account-wrong.ts'
import { keyOf } from './forms/given.ts'
import { keepSecrets, keptSecrets } from './forms/kept-secrets.ts'
import { missingPage, page } from './page.tsx'
import { ChoosePage } from './pages/connect/choose.tsx'
import { ConnectPage, NOTHING_SENT, type Sent } from './pages/connect/form.tsx'
import { contextOf } from './price-preview.ts'
import { type View, viewOf } from './view.ts'

export const connectAccess: RouteTable = {
  'GET /connect': 'admin',
  'GET /connect/:platform': 'admin',
  'POST /connect/:platform': 'admin',
}

type Platform = { readonly name: string; readonly facts: PlatformFacts; readonly form: AccountForm; readonly shape: PlatformShape }

/** The form that connects an account: by the same use case as `channel add`, after the check of `channel test`. */
export function connectRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/connect', c => page(c, <ChoosePage view={viewOf(c, deps)} platforms={deps.platforms} />))

  app.get('/connect/:platform', c => {
    const [view, platform] = [viewOf(c, deps), platformOf(deps, c.req.param('platform'))]
    if (platform === null) return missingPage(c, view, `${view.t.connect.platform} ${c.req.param('platform')}`)
    return page(c, draw(view, platform, NOTHING_SENT))
  })

  app.post('/connect/:platform', async c => {
    const [view, platform] = [viewOf(c, deps), platformOf(deps, c.req.param('platform'))]
    if (platform === null) return missingPage(c, view, `${view.t.connect.platform} ${c.req.param('platform')}`)
    const { fields, kept } = await takeIn(c, deps, platform)
    const again = (wrong: Sent['wrong'], check: AccountCheck | null): Response =>
      page(c, draw(view, platform, { fields, wrong, check, kept }), wrong.size === 0 && check === null ? 200 : 422)
    if (fields.more === 'yes') {
      fields.rows = String(rowsOf(fields) + 1)
      return again(new Map(), null)
    }
    const { account, wrong } = readAccount(view, platform.form, fields)
    const whole = { ...account, platform: platform.name }
    if (wrong.size === 0) readShapes(view, platform, fields, { account, wrong })
    if (wrong.size > 0) return again(wrong, null)
    if (fields.anyway !== 'yes') {
      const check = await deps.tryAccount?.(platform.name, {
        ...{ settings: account.settings, credentials: account.credentials },
        channels: account.channels.map(({ ref, currency, zone = 'UTC' }) => ({ ref, currency, zone })),
      })
      if (check?.ok === false) return again(notedFindings(platform.form, wayOf(platform.form, fields), account.channels, check), check)
    }
    try {
      const made = await createAccount(contextOf(deps, c.get('principal').actor), platform.shape, whole, keyOf({ view, fields }))
      const codes = made.channels.map(channel => channel.code)
      setFlash(c, deps, { tone: 'done', title: null, text: view.t.connect.done(account.name, listed(codes, view.language)) })
      return c.redirect(`/channels/${encodeURIComponent(codes[0] ?? '')}`, 303)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return again(notedFault(view, account, error), null)
    }
  })

  return app
}

function draw(view: View, { name, facts, form }: Platform, sent: Sent) {
  return <ConnectPage view={view} platform={name} facts={facts} form={form} sent={sent} />
}

function platformOf(deps: UiDeps, name: string): Platform | null {
  const facts = Object.hasOwn(deps.platforms, name) ? deps.platforms[name] : undefined
  const shape = deps.shapes?.find(one => one.platform === name)
  return facts?.form === undefined || shape === undefined ? null : { name, facts, form: facts.form, shape }
}

/** What was typed, with the credentials that were kept sealed since the form was refused; they are sealed anew for the next time. */
async function takeIn(c: Context<RequestEnv>, deps: UiDeps, { name, form }: Platform) {
  const body = await c.req.parseBody()
  const typed = Object.fromEntries(Object.entries(body).flatMap(([field, value]) => (typeof value === 'string' ? [[field, value]] : [])))
  const whose = { actor: c.get('principal').actor, form: `connect:${name}`, now: deps.now?.() ?? new Date() }
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

/** The connector's own shapes have the last word on what is of the right form. */
function readShapes(view: View, { form, shape }: Platform, fields: Sent['fields'], { account, wrong }: AccountGiven): void {
  const way = wayOf(form, fields)
  const asked = { settings: form.settings, credentials: form.ways[way]?.fields ?? [] }
  for (const part of ['settings', 'credentials'] as const) {
    try {
      if (part === 'settings') shape.readSettings(account.settings)
      else shape.readCredentials(account.credentials)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      const name = error.detail.field?.split('.')[1] ?? ''
      const field = asked[part].find(one => one.name === name) ?? asked[part][0]
      if (field === undefined) throw error
      const at = part === 'settings' ? `settings.${field.name}` : credentialName(way, field.name)
      wrong.set(at, view.t.connect.refused(field.label[view.language], field.example ?? ''))
    }
  }
}
