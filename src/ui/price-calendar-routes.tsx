import { Hono } from 'hono'
import type { TurnClaim } from '../../db/due.ts'
import { type PriceTurn, priceTurns } from '../../db/pages-price-calendar.ts'
import { priceListsWaiting } from '../../db/pages-prices.ts'
import { forecastTurns } from '../usecases/forecast-schedule.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { page } from './page.tsx'
import { CALENDAR_DAYS, CalendarPage } from './pages/prices/calendar.tsx'
import { contextOf } from './price-preview.ts'
import { viewOf } from './view.ts'

export const priceCalendarAccess: RouteTable = { 'GET /prices/calendar': 'prices:read' }

const DAY_MS = 86_400_000
const TURNS_MOST = 1_000
/** Instants whose channels are forecast: each is worked out over all listings that it touches. */
const FORECAST_MOST = 40

/** What begins and ends in the coming days, and when each channel shows it. */
export function priceCalendarRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/prices/calendar', async c => {
    const view = viewOf(c, deps)
    const until = new Date(view.now.getTime() + CALENDAR_DAYS * DAY_MS)
    const [turns, waiting] = await Promise.all([priceTurns(deps.sql, view.now, until, TURNS_MOST), priceListsWaiting(deps.sql)])
    const forecast = await forecastTurns(contextOf(deps, c.get('principal').actor), claimsOf(turns))
    return page(c, <CalendarPage view={view} calendar={{ turns, forecast, waiting }} />)
  })

  return app
}

/** One claim for each instant is enough: the forecast counts whatever else begins or ends then. */
function claimsOf(turns: readonly PriceTurn[]): TurnClaim[] {
  const instants = [...new Set(turns.map(turn => turn.at))].slice(0, FORECAST_MOST)
  return turns
    .filter(turn => instants.includes(turn.at))
    .map(({ at, list, sku, channel, currency }) => (list === null ? { at, sku: sku ?? '', channel, currency } : { at, list }))
}
