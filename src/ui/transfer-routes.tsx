import { Hono } from 'hono'
import { movementsOfCause } from '../../db/incoming.ts'
import { parsePlace } from '../../db/pages.ts'
import { placeChoices, placeNames } from '../../db/pages-stock.ts'
import { TRANSFER_FILTERS, transferList } from '../../db/pages-transfers.ts'
import { listReasons } from '../../db/reasons.ts'
import { readTransfer, readTransferLines } from '../../db/transfers.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { numberIn } from './delivery-routes.tsx'
import type { UiDeps } from './deps.ts'
import { missingPage, page } from './page.tsx'
import { TransfersPage } from './pages/transfers/list.tsx'
import { NewTransferPage } from './pages/transfers/new.tsx'
import { TransferPage } from './pages/transfers/one.tsx'
import { transferForms } from './transfer-forms.ts'
import { viewOf } from './view.ts'

export const transferAccess: RouteTable = {
  'GET /stock/transfers': 'stock:read',
  'GET /stock/transfers/new': 'stock:write',
  'GET /stock/transfers/:id': 'stock:read',
  'POST /stock/transfers/new': 'stock:write',
  'POST /stock/transfers/:id/send': 'stock:write',
  'POST /stock/transfers/:id/receive': 'stock:write',
  'POST /stock/transfers/:id/resolve': 'stock:write',
  'POST /stock/transfers/:id/cancel': 'stock:write',
}

const ROWS = 50
const MOVEMENTS = 200

/** The list of transfers, a transfer's page, and the page of a new one. */
export function transferRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock/transfers', async c => {
    const view = viewOf(c, deps)
    const before = parsePlace(c.req.query('before'))
    const asked = {
      show: TRANSFER_FILTERS.find(one => one === c.req.query('show')) ?? 'open',
      search: (c.req.query('q') ?? '').trim().slice(0, 100),
      before: before === null ? '' : (c.req.query('before') ?? ''),
    }
    const list = await transferList(deps.sql, { ...asked, before, limit: ROWS, now: view.now })
    return page(c, <TransfersPage view={view} asked={asked} list={list} />)
  })

  app.get('/stock/transfers/new', async c => {
    const lines = (c.req.query('sku') ?? '').slice(0, 120)
    return page(c, <NewTransferPage view={viewOf(c, deps)} places={await placeChoices(deps.sql)} lines={lines === '' ? '' : `${lines} `} />)
  })

  app.get('/stock/transfers/:id', async c => {
    const view = viewOf(c, deps)
    const id = numberIn(c, 'id')
    const head = id === null ? null : await readTransfer(deps.sql, { id }, view.now)
    if (head === null) return missingPage(c, view, view.t.stock.transfers.one(c.req.param('id')))
    const [lines, reasons, movements, names] = await Promise.all([
      readTransferLines(deps.sql, head.id),
      listReasons(deps.sql, null, false),
      movementsOfCause(deps.sql, 'transfer', head.id, MOVEMENTS),
      placeNames(deps.sql),
    ])
    const named = (code: string): string => names.get(code) ?? code
    const transfer = { head, from: named(head.from), to: named(head.to), lines, reasons, movements, names }
    return page(c, <TransferPage view={view} transfer={transfer} />)
  })

  app.route('/', transferForms(deps))
  return app
}
