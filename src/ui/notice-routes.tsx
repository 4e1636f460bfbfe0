import { type Context, Hono } from 'hono'
import { channelNotices, noticeTemplates } from '../../db/buyer-notices.ts'
import { isNoticeKind, NOTICE_KINDS } from '../domain/notices/kinds.ts'
import type { Context as UseCaseContext } from '../usecases/context.ts'
import { sendSample, setChannelNotices, setTemplate, showChannelNotices } from '../usecases/notice-settings.ts'
import { previewLetter } from '../usecases/preview-notice.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { templateFor } from '../usecases/write-notice.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { setFlash } from './flash.ts'
import { refusal, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { page } from './page.tsx'
import { type Draft, LetterPage } from './pages/notices/letter.tsx'
import { NoticesPage } from './pages/notices/settings.tsx'
import { KEY_FIELD } from './parts/form.tsx'
import { may, type View, viewOf } from './view.ts'
import { isLanguage } from './words.ts'

export const noticeAccess: RouteTable = {
  'GET /orders/notices': 'channels:read',
  'POST /orders/notices/channels/:code': 'channels:write',
  'GET /orders/notices/letters/:kind/:language': 'channels:read',
  'POST /orders/notices/letters/:kind/:language': 'channels:write',
}

/** What buyers are told, and the words of the letters. */
export function noticeRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/orders/notices', async c => {
    const [channels, templates] = await Promise.all([channelNotices(deps.sql), noticeTemplates(deps.sql)])
    return page(c, <NoticesPage view={viewOf(c, deps)} channels={channels} templates={templates} />)
  })

  app.post('/orders/notices/channels/:code', c =>
    carryOutForm(c, deps, '/orders/notices', async (given, context) => {
      const t = given.view.t.notices
      const [replyTo, language] = [text(given, 'replyTo'), text(given, 'language')]
      if (replyTo !== '' && !/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(replyTo)) throw refusal(t.badAddress, 'replyTo')
      const { channelName } = await setChannelNotices(context, given.fields[KEY_FIELD] ?? null, c.req.param('code'), {
        kinds: NOTICE_KINDS.filter(kind => text(given, kind) === 'yes'),
        byEmail: text(given, 'byEmail') === 'yes',
        senderName: text(given, 'senderName') || null,
        replyTo: replyTo || null,
        language: isLanguage(language) ? language : null,
      })
      return t.saved(channelName)
    }),
  )

  app.get('/orders/notices/letters/:kind/:language', async c => {
    const place = await placeOf(c, deps)
    const { subject, body } = await templateFor(deps, place.channel, place.kind, place.language)
    return tried(c, deps, { ...place, subject, body, order: '', trouble: null, letter: null })
  })

  // What was typed is too long for a cookie: a refusal is answered with the page itself.
  app.post('/orders/notices/letters/:kind/:language', async c => {
    const place = await placeOf(c, deps)
    const view = viewOf(c, deps)
    const fields = await c.req.parseBody()
    const given = (name: string): string => (typeof fields[name] === 'string' ? fields[name] : '')
    const words = { subject: given('subject').trim(), body: given('body').replaceAll('\r\n', '\n') }
    const said = await act(contextOf(c, deps), view, place, { ...words, do: given('do'), key: given(KEY_FIELD) || null }).catch(
      (error: unknown) => ({ trouble: troubleText(view, error) }),
    )
    if (typeof said === 'object')
      return tried(c, deps, { ...place, ...words, order: given('order').trim(), trouble: said?.trouble ?? null, letter: null })
    setFlash(c, deps, { tone: 'done', title: null, text: said })
    return c.redirect(c.req.path + (place.channel === null ? '' : `?channel=${place.channel}`), 303)
  })

  return app
}

type Asked = { readonly subject: string; readonly body: string; readonly do: string; readonly key: string | null }
type Place = Pick<Draft, 'channel' | 'kind' | 'language'>

/** Does what the button says; null: only looks. */
async function act(context: UseCaseContext, view: View, place: Place, { key, do: what, ...words }: Asked): Promise<string | null> {
  const t = view.t.notices
  const own = context.actor.replace(/^user:/, '')
  if (what === 'save') await setTemplate(context, key, place, words)
  else if (what === 'usual') await setTemplate(context, key, place, null)
  else if (what === 'sample') await sendSample(context, key, own, place.kind, place.language)
  else return null
  return what === 'save' ? t.savedLetter : what === 'usual' ? t.usualAgain : t.sampled(own)
}

/** The page with how the letter would look, or with what is wrong. */
async function tried(c: Context<RequestEnv>, deps: UiDeps, draft: Draft): Promise<Response> {
  const view = viewOf(c, deps)
  if (draft.trouble !== null) return page(c, <LetterPage view={view} draft={draft} />, 422)
  // A real order shows its buyer: of whoever may not see buyers, the field is not read.
  const order = may(view, 'orders:people') && /^[1-9]\d{0,14}$/.test(draft.order) ? Number(draft.order) : undefined
  const { channel, kind, language, subject, body } = draft
  try {
    const letter = await previewLetter(contextOf(c, deps), { channel, kind, language, subject, body, order }, deps.publicUrl ?? null)
    return page(c, <LetterPage view={view} draft={{ ...draft, letter }} />)
  } catch (error) {
    return page(c, <LetterPage view={view} draft={{ ...draft, trouble: troubleText(view, error) }} />, 422)
  }
}

function troubleText(view: View, error: unknown): string {
  if (!(error instanceof Fault)) throw error
  const t = view.t.notices
  const { line, reason, value, field } = error.detail
  if (typeof line === 'number' && typeof reason === 'string' && Object.hasOwn(t.problems, reason))
    return t.wrong(String(line), t.problems[reason as keyof typeof t.problems](String(value)))
  if (field === 'subject' || field === 'body') return t.badLetter
  if (error.code === 'not_found' && field === 'order') return view.t.errors.notFoundText(String(value))
  return error.message
}

async function placeOf(c: Context<RequestEnv>, deps: UiDeps): Promise<Place> {
  const [kind = '', language, channel = null] = [c.req.param('kind'), c.req.param('language'), c.req.query('channel')]
  if (!isNoticeKind(kind) || !isLanguage(language)) throw new Fault('not_found', `There is no letter ${kind} ${language}.`)
  if (channel !== null) await showChannelNotices(deps, channel)
  return { channel, kind, language }
}

const contextOf = (c: Context<RequestEnv>, { sql, keyring }: UiDeps): UseCaseContext => ({ sql, keyring, actor: c.get('principal').actor })
