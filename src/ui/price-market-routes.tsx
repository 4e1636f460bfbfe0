import { type Context, Hono } from 'hono'
import { listMarketOffers } from '../../db/market-offers.ts'
import { listMarketRules } from '../../db/market-rules.ts'
import { listMarketSteps, listMarketStops, type MarketStepFilter, stepsSince } from '../../db/market-steps.ts'
import { priceListChoices } from '../../db/pages-prices.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { MARKET_DEFAULTS, type MarketRuleInput, tryMarketRule } from '../usecases/market-rules.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { Fault } from '../values/fault.ts'
import type { UiDeps } from './deps.ts'
import { faultText } from './forms/post.ts'
import { missingPage, page } from './page.tsx'
import { OffersPage } from './pages/market/offers.tsx'
import { TriedPanel } from './pages/market/parts.tsx'
import { fieldsOfRule } from './pages/market/rule-form.tsx'
import { MarketPage, MarketRulePage, RehearsedRulePage } from './pages/market/rules.tsx'
import { addressOf } from './parts/list.tsx'
import { placeNumber } from './price-list-routes.tsx'
import { namedInWords, priceMarketForms, ruleAddress, ruleFields, statedRule } from './price-market-forms.ts'
import { contextOf } from './price-preview.ts'
import { type View, viewOf } from './view.ts'

export const priceMarketAccess: RouteTable = {
  'GET /prices/market': 'prices:read',
  'GET /prices/market/offers': 'prices:read',
  'GET /prices/market/rehearse': 'prices:write',
  'GET /prices/market/rules/:code': 'prices:read',
  'POST /prices/market/offers': 'prices:write',
  'POST /prices/market/rules': 'prices:write',
  'POST /prices/market/rules/:code/end': 'prices:write',
  'POST /prices/market/rules/:code/resume': 'prices:write',
}

const RULES = 500
const STOPS = 100
const STEPS = 30
const TRIED = 50
const OFFERS = 50
const DAY_MS = 86_400_000

/** Market prices: rules, what each does and did, where they stopped, and what competitors ask. */
export function priceMarketRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  app.get('/prices/market', async c => {
    const withEnded = c.req.query('ended') === 'yes'
    const [rules, stops, steps, lists] = await Promise.all([
      listMarketRules(sql, { ended: withEnded }, 0, RULES),
      listMarketStops(sql, {}, null, STOPS),
      stepsOf(deps, c, {}, '/prices/market'),
      priceListChoices(sql),
    ])
    return page(c, <MarketPage view={viewOf(c, deps)} rules={rules} withEnded={withEnded} stops={stops} steps={steps} lists={lists} />)
  })

  app.get('/prices/market/rules/:code', async c => {
    const view = viewOf(c, deps)
    const code = c.req.param('code')
    const [rule] = await listMarketRules(sql, { code, ended: true }, 0, 1)
    if (rule === undefined) return missingPage(c, view, view.t.market.rules.one(code))
    const here = ruleAddress(code)
    const [stops, steps, lists, tried] = await Promise.all([
      listMarketStops(sql, { rule: code }, null, STOPS),
      stepsOf(deps, c, { rule: code }, here),
      priceListChoices(sql),
      rule.state === 'ended' ? null : triedPanel(deps, c, view, view.t.market.tried.title, code, null, rule.stepsPerDay, here),
    ])
    return page(
      c,
      <MarketRulePage view={view} rule={rule} filled={fieldsOfRule(rule)} tried={tried} stops={stops} steps={steps} lists={lists} />,
    )
  })

  app.get('/prices/market/rehearse', async c => {
    const view = viewOf(c, deps)
    const filled = ruleFields(c.req.query())
    const lists = await priceListChoices(sql)
    const given = { view, fields: filled }
    const here = addressOf('/prices/market/rehearse', filled)
    try {
      const { code, input } = statedRule(given)
      const perDay = input.stepsPerDay ?? MARKET_DEFAULTS.stepsPerDay
      const tried = await triedPanel(deps, c, view, view.t.skuPrices.rehearsed.would, code, input, perDay, here)
      return page(c, <RehearsedRulePage view={view} filled={filled} tried={tried} refused={null} lists={lists} />)
    } catch (error) {
      const said = namedInWords(given, error)
      if (!(said instanceof Fault)) throw error
      return page(c, <RehearsedRulePage view={view} filled={filled} tried={null} refused={faultText(view, said)} lists={lists} />)
    }
  })

  app.get('/prices/market/offers', async c => {
    const of = (name: string, most: number): string => (c.req.query(name) ?? '').trim().slice(0, most)
    const asked = { sku: of('sku', 64), competitor: of('competitor', 80), past: c.req.query('past') === 'yes' }
    const after = placeNumber(c.req.query('after')) ?? 0
    const filter = {
      past: asked.past,
      ...(asked.sku === '' ? {} : { sku: asked.sku }),
      ...(asked.competitor === '' ? {} : { competitor: asked.competitor }),
    }
    const [rows, channels] = await Promise.all([listMarketOffers(sql, filter, after, OFFERS + 1), channelChoices(sql)])
    const offers = rows.slice(0, OFFERS)
    const address = (from: string): string =>
      addressOf('/prices/market/offers', { sku: asked.sku, competitor: asked.competitor, past: asked.past ? 'yes' : '', after: from })
    const next = rows.length > OFFERS ? address(String(offers.at(-1)?.id ?? '')) : null
    const first = after === 0 ? null : address('')
    return page(c, <OffersPage view={viewOf(c, deps)} asked={asked} offers={offers} first={first} next={next} channels={channels} />)
  })

  app.route('/', priceMarketForms(deps))
  return app
}

async function stepsOf({ sql }: UiDeps, c: Context, filter: MarketStepFilter, here: string) {
  const before = placeNumber(c.req.query('before'))
  const rows = await listMarketSteps(sql, filter, before, STEPS + 1)
  const steps = rows.slice(0, STEPS)
  const next = rows.length > STEPS ? addressOf(here, { before: String(steps.at(-1)?.id ?? '') }) : null
  return { steps, next, first: before === null ? null : here }
}

/** What a rule does now, as it stands (`input` null) or as it is stated, with the steps that each SKU has left. */
async function triedPanel(
  deps: UiDeps,
  c: Context<RequestEnv>,
  view: View,
  title: string,
  code: string,
  input: MarketRuleInput | null,
  perDay: number,
  here: string,
) {
  const after = placeNumber(c.req.query('after')) ?? 0
  const rows = await tryMarketRule(contextOf(deps, c.get('principal').actor), code, input, after, TRIED + 1)
  const tried = rows.slice(0, TRIED)
  const taken = await stepsSince(
    deps.sql,
    code,
    tried.map(one => one.sku),
    new Date(view.now.getTime() - DAY_MS),
  )
  const left = new Map(tried.map(one => [one.sku, Math.max(0, perDay - (taken.get(one.sku) ?? 0))]))
  const joint = here.includes('?') ? '&' : '?'
  const next = rows.length > TRIED ? `${here}${joint}after=${tried.at(-1)?.variantId ?? 0}` : null
  return <TriedPanel view={view} title={title} tried={tried} left={left} first={after === 0 ? null : here} next={next} />
}
