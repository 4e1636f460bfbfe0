import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type AppDeps, clock } from './http/deps.ts'
import { describeApi, docsRoutes } from './http/docs.ts'
import { guard } from './http/guard.ts'
import { healthRoutes } from './http/health.ts'
import { logRequests } from './http/log.ts'
import { loginRoutes } from './http/login.ts'
import { makeMetrics } from './http/metrics.ts'
import { problem, problemOf } from './http/problem.ts'
import { apiAccess } from './http/route-table.ts'
import { apiRoutes } from './http/routes/all.ts'
import { securityHeaders } from './http/security-headers.ts'
import type { RequestEnv, RouteTable } from './usecases/principal.ts'
import { makeReserveLane } from './usecases/reserve.ts'
import { makeShownCache } from './usecases/shown-cache.ts'

export type { AppDeps, Surface } from './http/deps.ts'

const BODY_MOST = 1024 * 1024

/**
 * The whole HTTP side as a function of its dependencies. Every request passes: id and log line, security headers, size limit, then the guard,
 * which runs a route only for whom the route table names. `c.var.principal` is who asks.
 */
export function makeApp(deps: AppDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const metrics = makeMetrics(deps.sql)
  const table: RouteTable = { ...apiAccess, ...deps.ui?.access }
  const shown = deps.shown ?? makeShownCache(deps.sql, { now: clock(deps) })
  const api = apiRoutes({ ...deps, metrics, lane: deps.reserve ?? makeReserveLane(deps.sql), shown })

  app.onError((error, c) => deps.ui?.trouble?.(c, error) ?? problemOf(c, error))
  app.notFound(c => problem(c, 'not_found', `There is nothing at ${c.req.method} ${c.req.path}.`))
  app.use(logRequests(deps.log, metrics))
  app.use(securityHeaders(deps))
  app.use(bodyLimit({ maxSize: BODY_MOST, onError: c => problem(c, 'too_large', 'A request has at most 1 MB.') }))
  app.use(guard(deps, table))

  app.route('/', healthRoutes(deps, metrics))
  app.route('/', loginRoutes(deps))
  app.route(
    '/',
    docsRoutes(() => describeApi(api, table, '1')),
  )
  app.route('/', api)
  if (deps.webhooks !== undefined) app.route('/', deps.webhooks)
  if (deps.ui !== undefined) app.route('/', deps.ui.routes)
  return app
}
