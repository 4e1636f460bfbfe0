import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { UiDeps } from './deps.ts'

/** A message for the next page: what happened, in the person's language. It is text; a page escapes it like any other. */
export type Flash = { readonly tone: 'done' | 'warning' | 'trouble'; readonly title: string | null; readonly text: string }

const tones = ['done', 'warning', 'trouble'] as const
const COOKIE = 'concord_flash'
// A cookie of more than 4 KB is dropped by browsers, and the message with it.
const TEXT_MOST = 700

/** Hands a message to the page that the person is sent to next. */
export function setFlash(c: Context, deps: Pick<UiDeps, 'publicUrl'>, flash: Flash): void {
  const body = JSON.stringify({ ...flash, text: flash.text.slice(0, TEXT_MOST) })
  setCookie(c, COOKIE, Buffer.from(body, 'utf8').toString('base64url'), {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: (deps.publicUrl ?? c.req.url).startsWith('https:'),
    maxAge: 60,
  })
}

/** Takes the message out of its cookie; null when there is none, or something else wrote there. */
export function takeFlash(c: Context): Flash | null {
  const cookie = getCookie(c, COOKIE)
  if (cookie === undefined) return null
  deleteCookie(c, COOKIE, { path: '/' })
  return readFlash(cookie)
}

function readFlash(cookie: string): Flash | null {
  let body: unknown
  try {
    body = JSON.parse(Buffer.from(cookie, 'base64url').toString('utf8'))
  } catch {
    // Not ours: a message that cannot be read is none.
    return null
  }
  if (typeof body !== 'object' || body === null || !('text' in body) || typeof body.text !== 'string') return null
  const title = 'title' in body && typeof body.title === 'string' ? body.title : null
  const tone = tones.find(one => 'tone' in body && body.tone === one) ?? 'trouble'
  return { tone, title, text: body.text }
}
