import type { MiddlewareHandler } from 'hono'
import { countOpenAlerts } from '../../db/alerts.ts'
import { openQuarantines } from '../../db/pages-held.ts'
import type { RequestEnv } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'

/** What waits for a person: incidents of the guard without a decision, and open alerts. */
export type WaitingCounts = { readonly held: number; readonly alerts: number }

/** How long a count serves all pages of the process, ms: the badges in the navigation cost no page a wait of their own. */
const FRESH_MS = 1_000
const NONE: WaitingCounts = { held: 0, alerts: 0 }

const counts = new WeakMap<Request, WaitingCounts>()

/** What waits, as the request's page shows it. */
export const waitingOf = (request: Request): WaitingCounts => counts.get(request) ?? NONE

/** Counts what waits, for pages and the answers to forms. */
export function countWaiting({ sql }: Pick<UiDeps, 'sql'>): MiddlewareHandler<RequestEnv> {
  const count = async (): Promise<WaitingCounts> => {
    const [held, alerts] = await Promise.all([openQuarantines(sql), countOpenAlerts(sql)])
    return { held, alerts }
  }
  let known: Promise<WaitingCounts> = Promise.resolve(NONE)
  let until = 0
  return async (c, next) => {
    if (c.get('visitor') != null && !c.req.path.startsWith('/ui/') && !c.req.path.startsWith('/v1/')) {
      if (Date.now() >= until) {
        until = Date.now() + FRESH_MS
        known = count()
      }
      counts.set(c.req.raw, await known)
    }
    await next()
  }
}
