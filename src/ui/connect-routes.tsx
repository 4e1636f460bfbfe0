import { type Context, Hono } from 'hono'
import type { AccountCheck } from '../../connectors/contract.ts'
import { channelHead } from '../../db/pages-channel.ts'
import { accountWith, changeAccount, createAccount } from '../usecases/channels.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { setFlash } from './flash.ts'
import { listed } from './format.ts'
import { readAccount, readFields, rowsOf, settingName, wayOf } from './forms/account-given.ts'
import { type KnownPlatform, knownPlatform, readShapes, takeIn } from './forms/account-sent.ts'
import { changedCredentials, settingTexts } from './forms/account-stored.ts'
import { notedFault, notedFindings } from './forms/account-wrong.ts'
import { keyOf } from './forms/given.ts'
import { missingPage, page } from './page.tsx'
import { ChangeAccountPage } from './pages/connect/change.tsx'
import { ChoosePage } from './pages/connect/choose.tsx'
import { ConnectPage, NOTHING_SENT, type Sent } from './pages/connect/form.tsx'
import { contextOf } from './price-preview.ts'
import { type View, viewOf } from './view.ts'

export const connectAccess: RouteTable = {
  'GET /connect': 'admin',
  'GET /connect/:platform': 'admin',
  'POST /connect/:platform': 'admin',
  'GET /channels/:code/account': 'admin',
  'POST /channels/:code/account': 'admin',
}

/** The forms that connect an account, by the use case of `channel add`, and that change how it is reached; both after the check of `channel test`. */
export function connectRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const missing = (c: Context<RequestEnv>, view: View, name: string) => missingPage(c, view, `${view.t.connect.platform} ${name}`)

  app.get('/connect', c => page(c, <ChoosePage view={viewOf(c, deps)} platforms={deps.platforms} />))

  app.get('/connect/:platform', c => {
    const [view, name] = [viewOf(c, deps), c.req.param('platform')]
    const platform = knownPlatform(deps, name)
    return platform === null ? missing(c, view, name) : page(c, draw(view, platform, NOTHING_SENT))
  })

  app.post('/connect/:platform', async c => {
    const [view, name] = [viewOf(c, deps), c.req.param('platform')]
    const platform = knownPlatform(deps, name)
    if (platform === null) return missing(c, view, name)
    const { fields, kept } = await takeIn(c, deps, platform, `connect:${name}`)
    const again = (wrong: Sent['wrong'], check: AccountCheck | null): Response =>
      page(c, draw(view, platform, { fields, wrong, check, kept }), wrong.size === 0 && check === null ? 200 : 422)
    if (fields.more === 'yes') {
      fields.rows = String(rowsOf(fields) + 1)
      return again(new Map(), null)
    }
    const { account, wrong } = readAccount(view, platform.form, fields)
    if (wrong.size === 0) readShapes(view, platform, fields, account, wrong)
    if (wrong.size > 0) return again(wrong, null)
    const channels = account.channels.map(({ ref, currency, zone = 'UTC' }) => ({ ref, currency, zone }))
    const check = await tried(deps, platform, fields, { ...account, channels })
    if (check !== null) return again(notedFindings(platform.form, wayOf(platform.form, fields), channels, check), check)
    try {
      const made = await createAccount(asker(c, deps), platform.shape, { ...account, platform: name }, keyOf({ view, fields }))
      const codes = made.channels.map(channel => channel.code)
      setFlash(c, deps, { tone: 'done', title: null, text: view.t.connect.done(account.name, listed(codes, view.language)) })
      return c.redirect(`/channels/${encodeURIComponent(codes[0] ?? '')}`, 303)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return again(notedFault(view, account, error), null)
    }
  })

  app.get('/channels/:code/account', c => change(c, async (view, found) => drawChange(view, found, NOTHING_SENT)))

  app.post('/channels/:code/account', c =>
    change(c, async (view, found) => {
      const { platform, account, code } = found
      const { fields, kept } = await takeIn(c, deps, platform, `account:${account}`)
      const wrong = new Map<string, string>()
      const settings = readFields(view, platform.form.settings, settingName, fields, wrong)
      const changed = { settings, ...changedCredentials(view, platform.form, fields, wrong) }
      if (wrong.size === 0) readShapes(view, platform, fields, changed, wrong)
      const sent = (check: AccountCheck | null, at: Sent['wrong'] = wrong): Sent => ({ fields, wrong: at, check, kept })
      if (wrong.size > 0) return drawChange(view, found, sent(null))
      const whole = await accountWith(asker(c, deps), account, changed)
      const check = await tried(deps, platform, fields, whole)
      if (check !== null)
        return drawChange(view, found, sent(check, notedFindings(platform.form, wayOf(platform.form, fields), whole.channels, check)))
      await changeAccount(asker(c, deps), platform.shape, account, changed, keyOf({ view, fields }))
      setFlash(c, deps, { tone: 'done', title: null, text: view.t.connect.changed(account) })
      return c.redirect(`/channels/${encodeURIComponent(code)}`, 303)
    }),
  )

  /** Finds the account of the channel in the address, and answers what is drawn. */
  async function change(
    c: Context<RequestEnv>,
    draws: (view: View, found: Found) => Promise<Response | ReturnType<typeof drawChange>>,
  ): Promise<Response> {
    const [view, code] = [viewOf(c, deps), c.req.param('code') ?? '']
    const head = await channelHead(deps.sql, code)
    const platform = head === null ? null : knownPlatform(deps, head.platform)
    if (head === null || platform === null) return missingPage(c, view, `${view.t.board.channel} ${code}`)
    const { settings } = await accountWith(asker(c, deps), head.account, {})
    const drawn = await draws(view, { code, account: head.account, platform, values: settingTexts(platform.form, settings) })
    return drawn instanceof Response ? drawn : page(c, drawn, c.req.method === 'POST' ? 422 : 200)
  }

  return app
}

type Found = {
  readonly code: string
  readonly account: string
  readonly platform: KnownPlatform
  readonly values: Readonly<Record<string, string>>
}

type Tried = Parameters<NonNullable<UiDeps['tryAccount']>>[1]

const asker = (c: Context<RequestEnv>, deps: UiDeps) => contextOf(deps, c.get('principal').actor)

/** What the platform says of the account where something is missing; null: nothing is, or the person goes on all the same. */
async function tried(deps: UiDeps, platform: KnownPlatform, fields: Sent['fields'], account: Tried): Promise<AccountCheck | null> {
  if (fields.anyway === 'yes') return null
  const { settings, credentials, channels } = account
  const check = await deps.tryAccount?.(platform.name, { settings, credentials, channels })
  return check === undefined || check.ok ? null : check
}

function draw(view: View, { name, facts, form }: KnownPlatform, sent: Sent) {
  return <ConnectPage view={view} platform={name} facts={facts} form={form} sent={sent} />
}

function drawChange(view: View, { code, account, platform, values }: Found, sent: Sent) {
  return (
    <ChangeAccountPage view={view} code={code} account={account} facts={platform.facts} form={platform.form} values={values} sent={sent} />
  )
}
