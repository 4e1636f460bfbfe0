import { Hono } from 'hono'
import { HOLD_RULES, heldByRule, listHoldRules } from '../../db/hold-rules.ts'
import { readLocation } from '../../db/locations.ts'
import { placesShown } from '../../db/pages-places.ts'
import { channelChoices } from '../../db/pages-sku-channels.ts'
import { postalCountries } from '../../db/postal-areas.ts'
import { readServices } from '../../db/routing-settings.ts'
import { endHoldRule, setHoldRule } from '../usecases/hold-rules.ts'
import { importPostalCodes } from '../usecases/import-postal-codes.ts'
import type { RequestEnv, RouteTable } from '../usecases/principal.ts'
import { serveLocation } from '../usecases/routing-settings.ts'
import { isCurrency } from '../values/money.ts'
import type { UiDeps } from './deps.ts'
import { listed, number } from './format.ts'
import { amount, choice, keyOf, refusal, required, text, units } from './forms/given.ts'
import { givenServices } from './forms/place-given.ts'
import { carryOutForm } from './forms/post.ts'
import { missingPage, page } from './page.tsx'
import { HoldRulesPage } from './pages/routing/holds.tsx'
import { PlacePage } from './pages/routing/place.tsx'
import { PlacesPage } from './pages/routing/places.tsx'
import { POSTAL_ADDRESS } from './pages/routing/postal-codes.tsx'
import { viewOf } from './view.ts'

export const placeAccess: RouteTable = {
  'GET /orders/places': 'stock:read',
  'POST /orders/places/postal-codes': 'catalog:write',
  'GET /orders/places/:code': 'stock:read',
  'POST /orders/places/:code': 'catalog:write',
  'GET /orders/holds': 'orders:read',
  'POST /orders/holds': 'channels:write',
  'POST /orders/holds/end': 'channels:write',
}

/** Rules that were ended, beside those that hold. */
const ENDED = 10

/** What locations do for orders, and what orders are held for by rule. */
export function placeRoutes(deps: UiDeps): Hono<RequestEnv> {
  const app = new Hono<RequestEnv>()
  const { sql } = deps

  app.get('/orders/places', async c => {
    const [places, countries] = await Promise.all([placesShown(sql), postalCountries(sql)])
    return page(c, <PlacesPage view={viewOf(c, deps)} places={places} countries={countries} />)
  })

  app.post(POSTAL_ADDRESS, c =>
    carryOutForm(c, deps, '/orders/places', async (given, context) => {
      const { file } = await c.req.parseBody()
      if (!(file instanceof File) || file.size === 0) throw refusal(given.view.t.imports.noFile, 'file')
      const told = await importPostalCodes(context, () => file.stream() as unknown as AsyncIterable<Uint8Array>)
      const { language } = given.view
      const codes = Object.entries(told).map(([country, n]) => `${country} ${number(n, language)}`)
      return given.view.t.routing.postal.done(listed(codes, language))
    }),
  )

  app.get('/orders/places/:code', async c => {
    const view = viewOf(c, deps)
    const code = c.req.param('code')
    const [place, services] = await Promise.all([readLocation(sql, code), readServices(sql, code)])
    if (place === null || services === null || place.kind === 'platform') return missingPage(c, view, code)
    return page(c, <PlacePage view={view} place={place} services={services} />)
  })

  app.post('/orders/places/:code', c => {
    const code = c.req.param('code')
    return carryOutForm(c, deps, `/orders/places/${encodeURIComponent(code)}`, async (given, context) => {
      await serveLocation(context, keyOf(given), code, givenServices(given))
      return given.view.t.routing.places.changed(code)
    })
  })

  app.get('/orders/holds', async c => {
    const [rules, channels, held] = await Promise.all([listHoldRules(sql, ENDED), channelChoices(sql), heldByRule(sql)])
    return page(c, <HoldRulesPage view={viewOf(c, deps)} rules={rules} channels={channels} held={held} />)
  })

  app.post('/orders/holds', c =>
    carryOutForm(c, deps, '/orders/holds', async (given, context) => {
      const t = given.view.t.routing.holdRules
      const rule = choice(given, 'rule', t.rule, HOLD_RULES)
      const currency = text(given, 'currency').toUpperCase()
      if (rule === 'amount' && !isCurrency(currency)) throw refusal(given.view.t.errors.currency(currency), 'currency')
      const limit = rule === 'amount' ? { above: amount(given, 'above', t.above), currency } : {}
      const { changed } = await setHoldRule(context, keyOf(given), { rule, channel: text(given, 'channel') || null, ...limit })
      return changed ? t.saved : t.same
    }),
  )

  app.post('/orders/holds/end', c =>
    carryOutForm(c, deps, '/orders/holds', async (given, context) => {
      const t = given.view.t.routing.holdRules
      required(given, 'id', t.rule)
      await endHoldRule(context, keyOf(given), units(given, 'id', t.rule))
      return t.ended
    }),
  )

  return app
}
