import { Hono } from 'hono'
import { listQuarantines } from '../../db/guard.ts'
import { skuHead, skuPrices } from '../../db/pages-sku.ts'
import { skuChannels } from '../../db/pages-sku-channels.ts'
import type { Context } from '../usecases/context.ts'
import { type ExplainedPrice, explainPrice } from '../usecases/explain-price.ts'
import { shownPrices } from '../usecases/price-history.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { missingPage, page } from './page.tsx'
import { PRICE_DAYS } from './pages/sku-prices/history.tsx'
import { SkuPricesPage } from './pages/sku-prices/page.tsx'
import { priceTargets } from './sku-routes.tsx'
import { type View, viewOf } from './view.ts'

export const skuPriceAccess: RouteTable = { 'GET /skus/:sku/prices': 'prices:read' }

const PRICE_VERSIONS = 40
const INCIDENTS = 100
const USUAL_DAYS = 90

/** The page of a SKU's prices. */
export function skuPriceRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql, keyring } = deps

  app.get('/skus/:sku/prices', async c => {
    const view = viewOf(c, deps)
    const head = await skuHead(sql, c.req.param('sku'))
    if (head === null) return missingPage(c, view, `SKU ${c.req.param('sku')}`)
    const context = { sql, keyring, actor: c.get('principal').actor }
    const days = PRICE_DAYS.find(one => String(one) === c.req.query('days')) ?? USUAL_DAYS
    const [told, fields, incidents, prices, targets, history] = await Promise.all([
      explainedAt(context, view, head.sku, c.req.query('at')),
      skuChannels(sql, head.id),
      listQuarantines(sql, { field: 'price', open: true }, null, INCIDENTS),
      skuPrices(sql, head.id, PRICE_VERSIONS),
      priceTargets(deps),
      shownPrices(context, head.sku, { from: new Date(Date.now() - days * 86_400_000).toISOString() }),
    ])
    const held = new Map(incidents.map(row => [row.channel, row.id]))
    return page(c, <SkuPricesPage view={view} sku={{ head, ...told, fields, held, prices, targets, history, days }} />)
  })

  return app
}

type Told = { readonly explained: ExplainedPrice; readonly asked: string; readonly refused: string | null }

/** Explains prices at what stands in the field `at` (date and time in UTC); now where it is empty, or where it is no instant. */
async function explainedAt(context: Context, view: View, sku: string, at: string | undefined): Promise<Told> {
  const asked = (at ?? '').trim().slice(0, 40)
  if (asked === '') return { explained: await explainPrice(context, sku), asked, refused: null }
  try {
    // A browser's field has no zone, and no seconds where they are 0.
    const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(asked) ? `${asked}Z` : asked
    return { explained: await explainPrice(context, sku, { at: instant }), asked, refused: null }
  } catch (error) {
    if (!(error instanceof Fault) || error.detail.field !== 'at') throw error
    return { explained: await explainPrice(context, sku), asked, refused: view.t.skuPrices.badInstant(asked) }
  }
}
