import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { Language, Principal, RequestEnv } from '../usecases/principal.ts'
import type { Scope } from '../usecases/scopes.ts'
import type { UiDeps } from './deps.ts'
import { type Flash, type Typed, takeFlash, takeTyped } from './flash.ts'
import { waitingOf } from './waiting-counts.ts'
import { acceptedLanguage, isLanguage, type Words, wordsOf } from './words.ts'

/** What every part of a page knows: who looks, in which language, and when. */
export type View = {
  readonly t: Words
  readonly language: Language
  readonly principal: Principal | null
  /** Path and query of the page, for links that come back to it. */
  readonly here: string
  readonly path: string
  readonly flash: Flash | null
  /** What the refused form had in it, where the message is about one. */
  readonly typed: Typed | null
  readonly now: Date
  /** Incidents of the guard that wait for a decision. */
  readonly held: number
  /** Alerts that are open. */
  readonly alerts: number
}

/** The cookie that keeps the chosen language, also before a login. */
export const LANGUAGE_COOKIE = 'concord_language'

/** The chosen language: the cookie's, then the person's own, then what the browser asks for. */
export function languageOf(c: Context<RequestEnv>): Language {
  const chosen = getCookie(c, LANGUAGE_COOKIE)
  if (isLanguage(chosen)) return chosen
  return c.get('visitor')?.language ?? acceptedLanguage(c.req.header('accept-language'))
}

/** The view of a request. Takes the flash message out of its cookie, so that it is shown once. */
export function viewOf(c: Context<RequestEnv>, deps: Pick<UiDeps, 'now'>): View {
  const language = languageOf(c)
  const url = new URL(c.req.url)
  return {
    t: wordsOf(language),
    language,
    principal: c.get('visitor') ?? null,
    here: url.pathname + url.search,
    path: url.pathname,
    flash: isWholePage(c) ? takeFlash(c) : null,
    typed: isWholePage(c) ? takeTyped(c) : null,
    now: deps.now?.() ?? new Date(),
    ...waitingOf(c.req.raw),
  }
}

/** A part that refreshes itself, an event stream and a form must not take the message from the page that is to show it. */
function isWholePage(c: Context<RequestEnv>): boolean {
  return c.req.method === 'GET' && c.req.path !== '/ui/events' && c.req.header('hx-source')?.startsWith('div#part-') !== true
}

/** Whether the person who looks may do this; a key sees no pages. */
export function may(view: View, scope: Scope): boolean {
  return view.principal?.scopes.has(scope) ?? false
}
