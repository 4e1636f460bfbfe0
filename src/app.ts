import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type AppDeps, clock } from './http/deps.ts'
import { deskSwitch } from './http/desk-switch.ts'
import { describeApi, docsRoutes } from './http/docs.ts'
import { guard } from './http/guard.ts'
import { limitGuesses } from './http/guess-limit.ts'
import { healthRoutes } from './http/health.ts'
import { logRequests, makeNoteRequest } from './http/log.ts'
import { loginRoutes } from './http/login.ts'
import { makeMetrics } from './http/metrics.ts'
import { problem, problemOf } from './http/problem.ts'
import { makeQuickDoor, type QuickDoor } from './http/quick/door.ts'
import { ringAfterWrites } from './http/ring-after-writes.ts'
import { apiAccess } from './http/route-table.ts'
import { apiRoutes, quickRoutes } from './http/routes/all.ts'
import { isMarketUpload } from './http/routes/market-offers.ts'
import { isPostalUpload } from './http/routes/postal-codes.ts'
import { isUpload } from './http/routes/price-imports.ts'
import { isSalesUpload } from './http/routes/sales-import.ts'
import { securityHeaders } from './http/security-headers.ts'
import { makeKeyHolder } from './usecases/key-holder.ts'
import type { RequestEnv, RouteTable } from './usecases/principal.ts'
import { makeReserveLane } from './usecases/reserve.ts'
import { makeShownCache } from './usecases/shown-cache.ts'

export type { AppDeps, Surface } from './http/deps.ts'

const BODY_MOST = 1024 * 1024

/** The app, and the quick door to stand before it: both know the same keys, count in the same metrics and reserve through the same lane. */
export type Doors = { readonly app: Hono<RequestEnv>; readonly quick: QuickDoor }

/** The app alone, for whoever has no Node server around it. */
export const makeApp = (deps: AppDeps): Hono<RequestEnv> => makeDoors(deps).app

/**
 * The whole HTTP side as a function of its dependencies. Every request passes: id and log line, security headers, size limit, then the guard,
 * which runs a route only for whom the route table names. `c.var.principal` is who asks. `quick` answers the few hottest routes before all that.
 */
export function makeDoors(deps: AppDeps): Doors {
  const app = new Hono<RequestEnv>()
  const metrics = makeMetrics(deps.sql)
  const note = makeNoteRequest(deps.log, metrics)
  const holderOf = makeKeyHolder(deps.sql, clock(deps))
  const table: RouteTable = { ...apiAccess, ...deps.ui?.access }
  const apiDeps = {
    ...{ ...deps, metrics, lane: deps.reserve ?? makeReserveLane(deps.sql) },
    shown: deps.shown ?? makeShownCache(deps.sql, { now: clock(deps) }),
  }
  const api = apiRoutes(apiDeps)

  app.onError((error, c) => deps.ui?.trouble?.(c, error) ?? problemOf(c, error))
  app.notFound(c => problem(c, 'not_found', `There is nothing at ${c.req.method} ${c.req.path}.`))
  app.use(logRequests(note))
  app.use(securityHeaders(deps))
  const limit = bodyLimit({ maxSize: BODY_MOST, onError: c => problem(c, 'too_large', 'A request has at most 1 MB.') })
  // A file is read as a stream, and has a limit of its own.
  const fileLimits = new Map(deps.ui?.files?.map(({ route, most, tooLarge }) => [route, bodyLimit({ maxSize: most, onError: tooLarge })]))
  app.use((c, next) => {
    if ([isUpload, isMarketUpload, isPostalUpload, isSalesUpload].some(is => is(c.req.method, c.req.path))) return next()
    return (fileLimits.get(`${c.req.method} ${c.req.path}`) ?? limit)(c, next)
  })
  if (deps.ring !== undefined) app.use(ringAfterWrites(deps.ring))
  app.use('/track/*', limitGuesses(deps))
  app.use(guard(deps, table, holderOf))

  app.route('/', healthRoutes(deps, metrics))
  app.route('/', loginRoutes(deps))
  app.route('/', deskSwitch(deps))
  app.route(
    '/',
    docsRoutes(() => describeApi(api, table, '1')),
  )
  app.route('/', api)
  if (deps.webhooks !== undefined) app.route('/', deps.webhooks)
  if (deps.ui !== undefined) app.route('/', deps.ui.routes)
  return { app, quick: makeQuickDoor({ deps, table, holderOf, note, bodyMost: BODY_MOST, routes: quickRoutes(apiDeps) }) }
}
