import { type Context, Hono } from 'hono'
import { listBundles, readBundle } from '../../db/bundles.ts'
import { readLocation } from '../../db/locations.ts'
import { parsePlace } from '../../db/pages.ts'
import { type SkuHead, skuHead, skuMovements, skuPrices } from '../../db/pages-sku.ts'
import { channelChoices, skuChannels } from '../../db/pages-sku-channels.ts'
import { skuHolds } from '../../db/pages-sku-goods.ts'
import { skuList } from '../../db/pages-skus.ts'
import { placeChoices, placeNames } from '../../db/pages-stock.ts'
import { substitutionRulesOf } from '../../db/substitutes.ts'
import type { Context as UseCaseContext } from '../usecases/context.ts'
import { type Explained, explain } from '../usecases/explain.ts'
import { listLots } from '../usecases/lots.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { showTerms } from '../usecases/set-terms.ts'
import { stockHistory } from '../usecases/stock-history.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { carryOutForm } from './forms/post.ts'
import { actOnStock } from './forms/stock-act.ts'
import { missingPage, page } from './page.tsx'
import { PERIODS } from './pages/sku/chart-panel.tsx'
import { type Goods, SkuPage } from './pages/sku/page.tsx'
import { SkusPage, skuFilters } from './pages/skus.tsx'
import { explainedAt } from './sku-explained.ts'
import { priceTargets } from './sku-price-forms.tsx'
import { actFacts, actOf } from './stock-routes.tsx'
import { type View, viewOf } from './view.ts'

export const skuAccess: RouteTable = {
  'GET /skus': 'catalog:read',
  'GET /skus/:sku': 'catalog:read',
  'POST /skus/:sku/stock': 'stock:write',
}

const ROWS = 50
/** Most bundles that are named as holding a SKU. */
const WITHIN = 20
const PRICE_VERSIONS = 40
const CHART_POINTS = 400
const USUAL_DAYS = 30
const DAY_MS = 86_400_000

/** The list of SKUs, a SKU's page, and its two forms. */
export function skuRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()

  app.get('/skus', async c => {
    const view = viewOf(c, deps)
    const filter = skuFilters.find(one => one === c.req.query('filter')) ?? 'all'
    const asked = { search: (c.req.query('q') ?? '').trim().slice(0, 100), filter, after: c.req.query('after') ?? '' }
    return page(c, <SkusPage view={view} asked={asked} list={await skuList(deps.sql, { ...asked, limit: ROWS })} />)
  })

  app.get('/skus/:sku', async c => {
    const view = viewOf(c, deps)
    const head = await skuHead(deps.sql, c.req.param('sku'))
    if (head === null) return missingPage(c, view, `SKU ${c.req.param('sku')}`)
    const before = parsePlace(c.req.query('before'))
    const place = c.req.query('place')
    if (place !== undefined && (await readLocation(deps.sql, place)) === null) return missingPage(c, view, place)
    const context = { sql: deps.sql, keyring: deps.keyring, actor: c.get('principal').actor }
    const days = PERIODS.find(one => String(one) === c.req.query('days')) ?? USUAL_DAYS
    const facts = await actFacts(deps, head.sku)
    if (facts === null) return missingPage(c, view, `SKU ${head.sku}`)
    const { stock } = facts
    const [fields, told, movements, prices, targets, history] = await Promise.all([
      skuChannels(deps.sql, head.id),
      explainedAt(context, view, head.sku, c.req.query('at')),
      skuMovements(deps.sql, head.id, before, ROWS),
      skuPrices(deps.sql, head.id, PRICE_VERSIONS),
      priceTargets(deps),
      stockHistory(context, head.sku, {
        ...{ from: new Date(view.now.getTime() - days * DAY_MS).toISOString(), points: CHART_POINTS },
        ...(place === undefined ? {} : { location: place }),
      }),
    ])
    const goods = await goodsOf(deps, context, view, head, told.explained)
    const form = { facts, act: actOf(c.req.query('act')), at: (c.req.query('location') ?? '').slice(0, 60) }
    const sku = { head, stock, goods, ...form, fields, ...told, movements, isFirstPage: before === null, prices, targets, history, days }
    return page(c, <SkuPage view={view} sku={sku} />)
  })

  app.post('/skus/:sku/stock', c =>
    carryOutForm(
      c,
      deps,
      fields => `${skuAddress(c)}?${new URLSearchParams({ act: actOf(fields.kind), location: fields.location ?? '' })}`,
      (given, context) => actOnStock(given, context, c.req.param('sku')),
    ),
  )

  return app
}

async function goodsOf(deps: UiDeps, context: UseCaseContext, view: View, head: SkuHead, explained: Explained): Promise<Goods> {
  const { sql } = deps
  const [bundle, within, lots, terms, rules, channels, holds, places, names, now] = await Promise.all([
    findBundleOrNot(deps, head.sku),
    listBundles(sql, head.sku, 0, WITHIN),
    listLots(context, head.sku),
    showTerms(context, head.sku),
    substitutionRulesOf(sql, head.sku),
    channelChoices(sql),
    skuHolds(sql, head.id, view.now, ROWS),
    placeChoices(sql),
    placeNames(sql),
    explained.isPast ? explain(context, head.sku) : explained,
  ])
  return { bundle, within, lots, terms, substitutes: { rules, channels }, holds, places, names, now: now.locations }
}

async function findBundleOrNot(deps: UiDeps, sku: string) {
  const row = await readBundle(deps.sql, sku)
  if (row === null) throw new Fault('not_found', `There is no SKU ${sku}.`, { field: 'sku', value: sku })
  return row
}

const skuAddress = (c: Context): string => `/skus/${encodeURIComponent(c.req.param('sku') ?? '')}`
