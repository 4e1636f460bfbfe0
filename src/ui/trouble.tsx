import type { Context } from 'hono'
import { isConnectionLost } from '../../db/once-more.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { faultText } from './forms/post.ts'
import { page } from './page.tsx'
import { ErrorPage } from './pages/error.tsx'
import { type View, viewOf } from './view.ts'

type Shown = { readonly status: 403 | 404 | 500 | 503; readonly title: string; readonly text: string }

/**
 * The page for what went wrong, where a person waits for one; null where a program asked, which gets a problem instead. The cause of an
 * inner failure stays in the log: the person gets the request's number.
 */
export function troublePage(deps: UiDeps): (c: Context<RequestEnv>, error: unknown) => Response | null {
  return (c, error) => {
    const isPerson = c.req.header('accept')?.includes('text/html') === true && c.req.header('authorization') === undefined
    if (!isPerson || c.req.path.startsWith('/v1/')) return null
    const view = viewOf(c, deps)
    const shown = shownOf(view, error, c.get('requestId'))
    return shown === null ? null : page(c, <ErrorPage view={view} title={shown.title} text={shown.text} />, shown.status)
  }
}

function shownOf(view: View, error: unknown, requestId: string): Shown | null {
  const { errors } = view.t
  if (error instanceof Fault) {
    if (error.code === 'not_found') return { status: 404, title: errors.notFound, text: errors.notFoundText(view.path) }
    if (error.code !== 'forbidden') return null
    return { status: 403, title: errors.forbidden, text: error.detail.reason === 'csrf' ? errors.csrf : faultText(view, error) }
  }
  if (isConnectionLost(error)) return { status: 503, title: errors.title, text: errors.unavailable }
  // What the server's own framework refused (a body too large, a method) it says better than "something went wrong".
  if (error instanceof Error && 'status' in error) return null
  return { status: 500, title: errors.internal, text: errors.internalText(requestId) }
}
