import { Hono } from 'hono'
import { lotsExpiringBefore } from '../../db/lots.ts'
import { placeNames } from '../../db/pages-stock.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { page } from './page.tsx'
import { LOT_PERIODS, LotsPage } from './pages/lots/page.tsx'
import { viewOf } from './view.ts'

export const lotAccess: RouteTable = { 'GET /stock/lots': 'stock:read' }

const ROWS = 50
const USUAL_DAYS = 30
const DAY_MS = 86_400_000

/** Lots that expire. */
export function lotRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/lots', async c => {
    const view = viewOf(c, deps)
    const days = LOT_PERIODS.find(one => String(one) === c.req.query('days')) ?? USUAL_DAYS
    const names = await placeNames(deps.sql)
    const location = names.has(c.req.query('location') ?? '') ? (c.req.query('location') ?? '') : ''
    const after = placeOf(c.req.query('after'))
    const before = new Date(view.now.getTime() + days * DAY_MS)
    const rows = await lotsExpiringBefore(deps.sql, before, location === '' ? null : location, after, ROWS + 1)
    const lots = rows.slice(0, ROWS)
    const last = lots.at(-1)
    const next = rows.length > ROWS && last !== undefined && last.expiresAt !== null ? `${last.expiresAt.toISOString()}_${last.id}` : null
    const asked = { days, location, after: after === null ? '' : (c.req.query('after') ?? '') }
    return page(c, <LotsPage view={view} asked={asked} lots={lots} next={next} names={names} />)
  })

  return app
}

/** A place in the list as it stands in an address; null for anything that is none. */
function placeOf(text: string | undefined): { readonly expiresAt: string; readonly id: number } | null {
  const [, expiresAt, id] = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z)_(\d{1,15})$/.exec(text ?? '') ?? []
  return expiresAt === undefined || id === undefined ? null : { expiresAt, id: Number(id) }
}
