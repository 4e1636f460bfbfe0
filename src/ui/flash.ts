import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { UiDeps } from './deps.ts'

/** A message for the next page: what happened, in the person's language. It is text; a page escapes it like any other. */
export type Flash = { readonly tone: 'done' | 'warning' | 'trouble'; readonly title: string | null; readonly text: string }

/** What a refused form had in it, so that nobody types it twice: `field` is the one that was refused, null where it was no single one. */
export type Typed = { readonly action: string; readonly field: string | null; readonly fields: Readonly<Record<string, string>> }

const tones = ['done', 'warning', 'trouble'] as const
const COOKIE = 'concord_flash'
// A cookie of more than 4 KB is dropped by browsers, and the message with it.
const TEXT_MOST = 700
const TYPED_COOKIE = 'concord_typed'
const TYPED_MOST = 3_500
// More text than any cookie of ours unpacks to: whoever writes cookies by hand gets nothing unpacked.
const UNPACKED_MOST = 200_000

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

/** Hands what was typed into a refused form to the page that shows it again. What is too long for a cookie is left out: the message says what to mend. */
export function setTyped(c: Context, deps: Pick<UiDeps, 'publicUrl'>, typed: Typed): void {
  const text = deflateRawSync(JSON.stringify(typed)).toString('base64url')
  if (text.length > TYPED_MOST) return
  setCookie(c, TYPED_COOKIE, text, {
    path: '/',
    httpOnly: true,
    sameSite: 'Lax',
    secure: (deps.publicUrl ?? c.req.url).startsWith('https:'),
    maxAge: 60,
  })
}

/** Takes what was typed out of its cookie; null when there is nothing, or something else wrote there. */
export function takeTyped(c: Context): Typed | null {
  const cookie = getCookie(c, TYPED_COOKIE)
  if (cookie === undefined) return null
  deleteCookie(c, TYPED_COOKIE, { path: '/' })
  let body: unknown
  try {
    body = JSON.parse(inflateRawSync(Buffer.from(cookie, 'base64url'), { maxOutputLength: UNPACKED_MOST }).toString('utf8'))
  } catch {
    // Not ours: what cannot be read was never typed.
    return null
  }
  if (typeof body !== 'object' || body === null || !('action' in body) || typeof body.action !== 'string') return null
  const field = 'field' in body && typeof body.field === 'string' ? body.field : null
  const fields = 'fields' in body && typeof body.fields === 'object' && body.fields !== null ? Object.entries(body.fields) : []
  return {
    action: body.action,
    field,
    fields: Object.fromEntries(fields.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
  }
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
