import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { readBoard } from './live.ts'
import { page } from './page.tsx'
import { BoardPage } from './pages/board/page.tsx'
import { ErrorPage } from './pages/error.tsx'
import { LoginPage } from './pages/login.tsx'
import { LANGUAGE_COOKIE, viewOf } from './view.ts'
import { isLanguage } from './words.ts'

export const pageAccess: RouteTable = {
  'GET /login': 'open',
  'GET /language/:code': 'open',
  'GET /ui/assets/:mark/:name': 'open',
  'GET /ui/events': 'user',
  'GET /': 'user',
}

const YEAR_S = 365 * 24 * 3600

/** The login page, the choice of language and the board. */
export function pageRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/login', c => {
    const next = ownPath(c.req.query('next'))
    if (c.get('visitor') !== null) return c.redirect(next, 303)
    const refused = c.req.query('refused')
    const until = new Date(c.req.query('until') ?? '')
    const state = {
      refused: refused === 'wrong' || refused === 'wait' ? refused : null,
      until: Number.isNaN(until.getTime()) ? null : `${until.toISOString().slice(11, 16)} UTC`,
      next,
    } as const
    return page(c, <LoginPage view={viewOf(c, deps)} state={state} />)
  })

  app.get('/language/:code', c => {
    const code = c.req.param('code')
    if (isLanguage(code)) {
      const secure = (deps.publicUrl ?? c.req.url).startsWith('https:')
      setCookie(c, LANGUAGE_COOKIE, code, { path: '/', httpOnly: true, sameSite: 'Lax', maxAge: YEAR_S, secure })
    }
    return c.redirect(ownPath(c.req.query('next')), 303)
  })

  app.get('/', async c => {
    const view = viewOf(c, deps)
    if (!c.get('principal').scopes.has('stock:read')) {
      return page(c, <ErrorPage view={view} title={view.t.errors.forbidden} text={view.t.errors.partner} />, 403)
    }
    return page(c, <BoardPage view={view} board={await readBoard(deps.sql)} />)
  })

  return app
}

/** A path of ours to go back to; anything that could name another host is the start. */
export function ownPath(next: string | undefined): string {
  if (next === undefined || !/^\/(?![/\\])/.test(next) || !URL.canParse(next, 'http://own.invalid')) return '/'
  const url = new URL(next, 'http://own.invalid')
  return url.host === 'own.invalid' ? url.pathname + url.search : '/'
}
