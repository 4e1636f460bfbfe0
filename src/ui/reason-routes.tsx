import { Hono } from 'hono'
import { listReasons } from '../../db/reasons.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { putReason, REASON_ACTS } from '../usecases/reasons.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { type Given, keyOf, refusal, required, text } from './forms/given.ts'
import { carryOutForm } from './forms/post.ts'
import { page } from './page.tsx'
import { actField, ReasonsPage } from './pages/reasons.tsx'
import { viewOf } from './view.ts'

export const reasonAccess: RouteTable = {
  'GET /stock/reasons': 'stock:read',
  'POST /stock/reasons': 'stock:approve',
  'POST /stock/reasons/:code': 'stock:approve',
}

/** The list of reasons and its two forms. */
export function reasonRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/reasons', async c => page(c, <ReasonsPage view={viewOf(c, deps)} reasons={await listReasons(deps.sql, null, true)} />))

  app.post('/stock/reasons', c =>
    carryOutForm(c, deps, '/stock/reasons', async (given, context) => {
      const t = given.view.t.counting.reasons
      const name = required(given, 'name', t.name)
      const code = required(given, 'code', t.code).toLowerCase()
      if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(code)) throw refusal(t.badCode(code), 'code')
      try {
        await putReason(context, keyOf(given), 'add', code, { name, acts: actsOf(given) })
      } catch (error) {
        if (error instanceof Fault && error.code === 'conflict' && error.detail.field === 'code') throw refusal(t.exists(code), 'code')
        throw error
      }
      return t.added(name)
    }),
  )

  app.post('/stock/reasons/:code', c =>
    carryOutForm(c, deps, '/stock/reasons', async (given, context) => {
      const t = given.view.t.counting.reasons
      const name = required(given, 'name', t.name)
      await putReason(context, keyOf(given), 'change', c.req.param('code'), {
        name,
        acts: actsOf(given),
        active: text(given, 'active') === 'yes',
      })
      return t.saved(name)
    }),
  )

  return app
}

function actsOf(given: Given) {
  const acts = REASON_ACTS.filter(act => text(given, actField(act)) === 'yes')
  if (acts.length === 0) throw refusal(given.view.t.counting.reasons.noActs, 'acts')
  return acts
}
