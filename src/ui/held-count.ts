import type { MiddlewareHandler } from 'hono'
import { openQuarantines } from '../../db/pages-held.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'

/** How long a count serves all pages of the process, ms: the badge in the navigation costs no page a wait of its own. */
const FRESH_MS = 1_000

const counts = new WeakMap<Request, number>()

/** The incidents that wait for a decision, as the request's page shows them. */
export const heldOf = (request: Request): number => counts.get(request) ?? 0

/** Counts the incidents that wait, for pages and the answers to forms. */
export function countHeld(deps: Pick<UiDeps, 'sql'>): MiddlewareHandler<RequestEnv> {
  let known: Promise<number> = Promise.resolve(0)
  let until = 0
  return async (c, next) => {
    if (c.get('visitor') != null && c.req.method === 'GET' && !c.req.path.startsWith('/ui/') && !c.req.path.startsWith('/v1/')) {
      if (Date.now() >= until) {
        until = Date.now() + FRESH_MS
        known = openQuarantines(deps.sql)
      }
      counts.set(c.req.raw, await known)
    }
    await next()
  }
}
