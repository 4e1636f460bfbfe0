import { type Context, Hono } from 'hono'
import { readDelivery } from '../../db/deliveries.ts'
import { movementsOfCause } from '../../db/incoming.ts'
import { parsePlace } from '../../db/pages.ts'
import { DELIVERY_FILTERS, deliveryLines, deliveryList } from '../../db/pages-deliveries.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { placeChoices, placeNames } from '../../db/pages-stock.ts'
import { listReasons } from '../../db/reasons.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { deliveryForms } from './delivery-forms.ts'
import type { UiDeps } from './deps.ts'
import { missingPage, page } from './page.tsx'
import { DeliveriesPage } from './pages/deliveries/list.tsx'
import { NewDeliveryPage } from './pages/deliveries/new.tsx'
import { DeliveryPage } from './pages/deliveries/one.tsx'
import { viewOf } from './view.ts'

export const deliveryAccess: RouteTable = {
  'GET /stock/deliveries': 'stock:read',
  'GET /stock/deliveries/new': 'stock:write',
  'GET /stock/deliveries/:id': 'stock:read',
  'POST /stock/deliveries/new': 'stock:write',
  'POST /stock/deliveries/:id/change': 'stock:write',
  'POST /stock/deliveries/:id/receive': 'stock:write',
  'POST /stock/deliveries/:id/end': 'stock:write',
}

const ROWS = 50
const MOVEMENTS = 200

/** The list of deliveries, a delivery's page, and the page of a new one. */
export function deliveryRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/deliveries', async c => {
    const view = viewOf(c, deps)
    const before = parsePlace(c.req.query('before'))
    const asked = {
      show: DELIVERY_FILTERS.find(one => one === c.req.query('show')) ?? 'open',
      search: (c.req.query('q') ?? '').trim().slice(0, 100),
      before: before === null ? '' : (c.req.query('before') ?? ''),
    }
    const list = await deliveryList(deps.sql, { ...asked, before, limit: ROWS, now: view.now })
    return page(c, <DeliveriesPage view={view} asked={asked} list={list} />)
  })

  app.get('/stock/deliveries/new', async c => {
    const [places, channels] = await Promise.all([placeChoices(deps.sql), channelChoices(deps.sql)])
    return page(c, <NewDeliveryPage view={viewOf(c, deps)} places={places} currency={channels[0]?.currency ?? ''} />)
  })

  app.get('/stock/deliveries/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const head = id === null ? null : await readDelivery(deps.sql, { id }, view.now)
    if (head === null) return missingPage(c, view, view.t.stock.deliveries.one(c.req.param('id')))
    const [lines, reasons, movements, names, channels] = await Promise.all([
      deliveryLines(deps.sql, head.id),
      listReasons(deps.sql, null, false),
      movementsOfCause(deps.sql, 'delivery', head.id, MOVEMENTS),
      placeNames(deps.sql),
      channelChoices(deps.sql),
    ])
    const currency = lines.find(line => line.currency !== null)?.currency ?? channels[0]?.currency ?? ''
    const delivery = { head, place: names.get(head.location) ?? head.location, lines, reasons, movements, names, currency }
    return page(c, <DeliveryPage view={view} delivery={delivery} />)
  })

  app.route('/', deliveryForms(deps))
  return app
}

/** The number in an address; null for what is none. */
export function numberIn(c: Context, name: string): number | null {
  const text = c.req.param(name) ?? ''
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
