import { type Context, Hono } from 'hono'
import { skuHead, skuStock } from '../../db/pages-sku.ts'
import { movable, placeChoices, scannedSku, stockTotals } from '../../db/pages-stock.ts'
import { listReasons } from '../../db/reasons.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { carryOutForm } from './forms/post.ts'
import { actOnStock } from './forms/stock-act.ts'
import { page } from './page.tsx'
import { type ActFacts, STOCK_ACTS, type StockAct } from './pages/stock/act-form.tsx'
import { address, StockPage } from './pages/stock/page.tsx'
import { LOT_DAYS } from './pages/stock/totals.tsx'
import { viewOf } from './view.ts'

export const stockAccess: RouteTable = {
  'GET /stock': 'stock:read',
  'POST /stock/move/:sku': 'stock:write',
}

const DAY_MS = 86_400_000

/** The stock room's first page: what waits, and moving stock by SKU or barcode. */
export function stockRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/stock', async c => {
    const view = viewOf(c, deps)
    const typed = (c.req.query('sku') ?? '').trim().slice(0, 120)
    const asked = { act: actOf(c.req.query('act')), location: (c.req.query('location') ?? '').slice(0, 60) }
    const [found, totals, places] = await Promise.all([
      typed === '' ? null : scannedSku(deps.sql, typed),
      stockTotals(deps.sql, view.now, new Date(view.now.getTime() + LOT_DAYS * DAY_MS)),
      placeChoices(deps.sql),
    ])
    const facts = found === null ? null : await actFacts(deps, found)
    return page(c, <StockPage view={view} asked={{ ...asked, sku: found ?? typed }} totals={totals} places={places} facts={facts} />)
  })

  app.post('/stock/move/:sku', c => {
    const sku = skuOf(c)
    const back = (fields: Readonly<Record<string, string>>, named: string): string =>
      address({ act: actOf(fields.kind), sku: named, location: fields.location ?? '' })
    return carryOutForm(
      c,
      deps,
      fields => back(fields, sku),
      // Done: the next one is scanned; refused: this one is mended.
      async (given, context) => {
        const said = await actOnStock(given, context, sku)
        return { ...(typeof said === 'string' ? { said } : said), to: back(given.fields, '') }
      },
    )
  })

  return app
}

const skuOf = (c: Context): string => c.req.param('sku') ?? ''

/** The act that an address or a form names; receiving where it names none. */
export function actOf(text: string | undefined): StockAct {
  return STOCK_ACTS.find(act => act === text) ?? 'receive'
}

/** What the form about a SKU needs; null for an unknown SKU. */
export async function actFacts(deps: UiDeps, sku: string): Promise<ActFacts | null> {
  const [head, known, reasons] = await Promise.all([skuHead(deps.sql, sku), movable(deps.sql, sku), listReasons(deps.sql, null, false)])
  if (head === null || known === null) return null
  return { head, movable: known, stock: await skuStock(deps.sql, head.id), reasons }
}
