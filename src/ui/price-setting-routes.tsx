import { Hono } from 'hono'
import { listAudiences } from '../../db/audiences.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { listPriceLimits } from '../../db/price-limits.ts'
import { listExchangeRates, listTaxRates, readPricePolicies } from '../../db/price-policies.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import type { UiDeps } from './deps.ts'
import { page } from './page.tsx'
import { AudiencesPage } from './pages/prices/audiences.tsx'
import { PriceChannelsPage } from './pages/prices/channels.tsx'
import { PriceLimitsPage } from './pages/prices/limits.tsx'
import { PriceRatesPage } from './pages/prices/rates.tsx'
import { addressOf } from './parts/list.tsx'
import { placeNumber } from './price-list-routes.tsx'
import { priceSettingForms } from './price-setting-forms.ts'
import { viewOf } from './view.ts'

export const priceSettingAccess: RouteTable = {
  'GET /prices/channels': 'prices:read',
  'GET /prices/rates': 'prices:read',
  'GET /prices/limits': 'prices:read',
  'GET /prices/audiences': 'prices:read',
  'POST /prices/channels/:code': 'prices:write',
  'POST /prices/rates/tax': 'prices:write',
  'POST /prices/rates/exchange': 'prices:write',
  'POST /prices/rates/tax/end': 'prices:write',
  'POST /prices/rates/exchange/end': 'prices:write',
  'POST /prices/limits': 'prices:write',
  'POST /prices/limits/end': 'prices:write',
  'POST /prices/audiences': 'prices:write',
}

const ROWS = 50
const RATES = 500
const AUDIENCES = 500

/** What prices go by: rounding, rates, floors and ceilings, buyers. */
export function priceSettingRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  app.get('/prices/channels', async c => {
    const [policies, regions] = await Promise.all([readPricePolicies(sql, null), listAudiences(sql, 'region', '', AUDIENCES)])
    return page(c, <PriceChannelsPage view={viewOf(c, deps)} policies={policies} regions={regions} />)
  })

  app.get('/prices/rates', async c => {
    const [tax, exchange, regions] = await Promise.all([
      listTaxRates(sql, {}, 0, RATES),
      listExchangeRates(sql, {}, 0, RATES),
      listAudiences(sql, 'region', '', AUDIENCES),
    ])
    const codes = regions.map(region => region.code)
    return page(c, <PriceRatesPage view={viewOf(c, deps)} tax={tax} exchange={exchange} regions={codes} />)
  })

  app.get('/prices/limits', async c => {
    const sku = (c.req.query('sku') ?? '').trim().slice(0, 120)
    const after = placeNumber(c.req.query('after')) ?? 0
    const [rows, channels] = await Promise.all([listPriceLimits(sql, sku === '' ? {} : { sku }, after, ROWS + 1), channelChoices(sql)])
    const limits = rows.slice(0, ROWS)
    const next = rows.length > ROWS ? addressOf('/prices/limits', { sku, after: String(limits.at(-1)?.id ?? '') }) : null
    return page(
      c,
      <PriceLimitsPage view={viewOf(c, deps)} limits={limits} sku={sku} next={next} isFirst={after === 0} channels={channels} />,
    )
  })

  app.get('/prices/audiences', async c => {
    const [audiences, channels] = await Promise.all([listAudiences(sql, null, '', AUDIENCES), channelChoices(sql)])
    return page(c, <AudiencesPage view={viewOf(c, deps)} audiences={audiences} channels={channels} />)
  })

  app.route('/', priceSettingForms(deps))
  return app
}
