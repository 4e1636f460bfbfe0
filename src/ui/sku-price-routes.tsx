import { Hono } from 'hono'
import { listAudiences, readAudience } from '../../db/audiences.ts'
import { skuHead, skuPrices } from '../../db/pages-sku.ts'
import { listTaxRates, readTaxCategories } from '../../db/price-policies.ts'
import type { Context } from '../usecases/context.ts'
import { type ExplainedPrice, explainPrice } from '../usecases/explain-price.ts'
import { priceBreaks } from '../usecases/price-breaks.ts'
import { shownPrices } from '../usecases/price-history.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { missingPage, page } from './page.tsx'
import { PRICE_DAYS } from './pages/sku-prices/history.tsx'
import { SkuPricesPage } from './pages/sku-prices/page.tsx'
import { priceTargets, skuPriceForms } from './sku-price-forms.tsx'
import { type View, viewOf } from './view.ts'

export const skuPriceAccess: RouteTable = { 'GET /skus/:sku/prices': 'prices:read' }

const PRICE_VERSIONS = 40
const USUAL_DAYS = 90
const PARTNERS = 500
const RATES = 500

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
    const partners = await listAudiences(sql, 'partner', '', PARTNERS)
    const asked = await buyerAsked(context, view, c.req.query('partner'), c.req.query('quantity'))
    const { partner, quantity } = asked
    const told = await explainedAt(context, view, head.sku, c.req.query('at'), asked)
    const at = told.explained.tense === 'now' ? undefined : told.explained.at
    const [prices, targets, history, breaks, taxes, rates] = await Promise.all([
      skuPrices(sql, head.id, PRICE_VERSIONS),
      priceTargets(deps),
      shownPrices(context, head.sku, { from: new Date(Date.now() - days * 86_400_000).toISOString() }),
      priceBreaks(context, head.sku, { partner, at, also: quantity }),
      readTaxCategories(sql, [head.sku]),
      listTaxRates(sql, {}, 0, RATES),
    ])
    const buyer = { partner, quantity, partners: partners.map(one => one.code) }
    const taxed = { category: taxes[0]?.category ?? '', rates }
    const refused = asked.refused ?? told.refused
    const shown = { head, ...told, refused, prices, targets, history, days, buyer, breaks, taxed }
    return page(c, <SkuPricesPage view={view} sku={shown} />)
  })

  app.route('/', skuPriceForms(deps))
  return app
}

type Told = { readonly explained: ExplainedPrice; readonly asked: string; readonly refused: string | null }

type Buyer = { readonly partner: string | null; readonly quantity: number }

/** For whom and how many, as the address says; anybody and one where that cannot be, and why. */
async function buyerAsked(
  { sql }: Context,
  view: View,
  partner: string | undefined,
  quantity: string | undefined,
): Promise<Buyer & { readonly refused: string | null }> {
  const t = view.t.skuPrices.buyer
  const code = (partner ?? '').trim().slice(0, 40)
  const units = (quantity ?? '').trim().slice(0, 20)
  const isKnown = code === '' || (await readAudience(sql, 'partner', code)) !== null
  const isCount = units === '' || /^[1-9]\d{0,8}$/.test(units)
  return {
    partner: code === '' || !isKnown ? null : code,
    quantity: units === '' || !isCount ? 1 : Number(units),
    refused: isKnown ? (isCount ? null : t.badQuantity(units)) : t.badPartner(code),
  }
}

/** Explains prices at what stands in the field `at` (date and time in UTC); now where it is empty, or where it is no instant. */
async function explainedAt(context: Context, view: View, sku: string, at: string | undefined, buyer: Buyer): Promise<Told> {
  const asked = (at ?? '').trim().slice(0, 40)
  const of = { quantity: buyer.quantity, ...(buyer.partner === null ? {} : { partner: buyer.partner }) }
  if (asked === '') return { explained: await explainPrice(context, sku, of), asked, refused: null }
  try {
    // A browser's field has no zone, and no seconds where they are 0.
    const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(asked) ? `${asked}Z` : asked
    return { explained: await explainPrice(context, sku, { ...of, at: instant }), asked, refused: null }
  } catch (error) {
    if (!(error instanceof Fault) || error.detail.field !== 'at') throw error
    return { explained: await explainPrice(context, sku, of), asked, refused: view.t.skuPrices.badInstant(asked) }
  }
}
