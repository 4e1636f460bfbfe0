import { Hono } from 'hono'
import type { RequestEnv } from '../usecases/principal.ts'
import { alertAccess, alertRoutes } from './alert-routes.tsx'
import { assetRoutes } from './assets.ts'
import { buyerAccess, buyerRoutes } from './buyer-routes.ts'
import { channelAccess, channelRoutes } from './channel-routes.tsx'
import { connectAccess, connectRoutes } from './connect-routes.tsx'
import { countAccess, countRoutes } from './count-routes.tsx'
import { deliveryAccess, deliveryRoutes } from './delivery-routes.tsx'
import type { UiDeps, UiSurface } from './deps.ts'
import { counterAccess, counterRoutes } from './desk-counter-routes.ts'
import { deskAccess, deskRoutes } from './desk-routes.tsx'
import { eventRoutes } from './events.tsx'
import { forgetAccess, forgetRoutes } from './forget-routes.tsx'
import { importFiles } from './forms/import-file.ts'
import { heldAccess, heldRoutes } from './held-routes.tsx'
import { importAccess, importRoutes } from './import-routes.tsx'
import { makeLive } from './live.ts'
import { lotAccess, lotRoutes } from './lot-routes.tsx'
import { noticeAccess, noticeRoutes } from './notice-routes.tsx'
import { orderExchangeAccess, orderExchangeRoutes } from './order-exchange-routes.ts'
import { orderLifeAccess, orderLifeRoutes } from './order-life-routes.tsx'
import { orderAccess, orderRoutes } from './order-routes.tsx'
import { pageAccess, pageRoutes } from './page-routes.tsx'
import { pickUpAccess, pickUpRoutes } from './pick-up-routes.tsx'
import { placeAccess, placeRoutes } from './place-routes.tsx'
import { priceCalendarAccess, priceCalendarRoutes } from './price-calendar-routes.tsx'
import { priceImportAccess, priceImportRoutes } from './price-import-routes.tsx'
import { priceListAccess, priceListRoutes } from './price-list-routes.tsx'
import { priceMarketAccess, priceMarketRoutes } from './price-market-routes.tsx'
import { priceSettingAccess, priceSettingRoutes } from './price-setting-routes.tsx'
import { reasonAccess, reasonRoutes } from './reason-routes.tsx'
import { routingAccess, routingRoutes } from './routing-routes.tsx'
import { salesAccess, salesRoutes } from './sales-routes.tsx'
import { skuGoodsAccess, skuGoodsForms } from './sku-goods-forms.ts'
import { skuPriceFormAccess } from './sku-price-forms.tsx'
import { skuPriceAccess, skuPriceRoutes } from './sku-price-routes.tsx'
import { skuAccess, skuRoutes } from './sku-routes.tsx'
import { stockAccess, stockRoutes } from './stock-routes.tsx'
import { substituteAccess, substituteForms } from './substitute-routes.tsx'
import { trackAccess, trackRoutes } from './track-routes.tsx'
import { transferAccess, transferRoutes } from './transfer-routes.tsx'
import { troublePage } from './trouble.tsx'
import { countWaiting } from './waiting-counts.ts'

export type { PlatformFacts, UiDeps, UiSurface } from './deps.ts'

/** The console: its routes, who may open each, and `close` to end what runs behind open pages. */
export function uiRoutes(deps: UiDeps): UiSurface {
  const app = new Hono<RequestEnv>()
  const live = makeLive(deps)
  app.use(countWaiting(deps))
  app.route('/', assetRoutes())
  app.route('/', pageRoutes(deps))
  app.route('/', skuRoutes(deps))
  app.route('/', skuGoodsForms(deps))
  app.route('/', substituteForms(deps))
  for (const routes of [stockRoutes, deliveryRoutes, transferRoutes, countRoutes, lotRoutes, reasonRoutes, importRoutes])
    app.route('/', routes(deps))
  for (const routes of [
    priceImportRoutes,
    priceMarketRoutes,
    priceListRoutes,
    priceCalendarRoutes,
    priceSettingRoutes,
    heldRoutes,
    skuPriceRoutes,
  ])
    app.route('/', routes(deps))
  app.route('/', alertRoutes(deps))
  app.route('/', orderLifeRoutes(deps))
  app.route('/', orderExchangeRoutes(deps))
  app.route('/', routingRoutes(deps))
  app.route('/', placeRoutes(deps))
  app.route('/', pickUpRoutes(deps))
  app.route('/', noticeRoutes(deps))
  app.route('/', forgetRoutes(deps))
  app.route('/', orderRoutes(deps))
  app.route('/', salesRoutes(deps))
  app.route('/', deskRoutes(deps))
  app.route('/', counterRoutes(deps))
  app.route('/', trackRoutes(deps))
  app.route('/', buyerRoutes(deps))
  app.route('/', channelRoutes(deps))
  app.route('/', connectRoutes(deps))
  app.route('/', eventRoutes(deps, live))
  return {
    routes: app,
    access: {
      ...{
        ...priceImportAccess,
        ...priceMarketAccess,
        ...priceListAccess,
        ...priceCalendarAccess,
        ...priceSettingAccess,
        ...heldAccess,
        ...skuPriceAccess,
        ...skuPriceFormAccess,
      },
      ...{
        ...pageAccess,
        ...skuAccess,
        ...orderAccess,
        ...orderLifeAccess,
        ...orderExchangeAccess,
        ...routingAccess,
        ...placeAccess,
        ...pickUpAccess,
        ...salesAccess,
        ...deskAccess,
        ...counterAccess,
        ...trackAccess,
        ...buyerAccess,
        ...noticeAccess,
        ...forgetAccess,
        ...channelAccess,
        ...connectAccess,
        ...alertAccess,
      },
      ...{
        ...skuGoodsAccess,
        ...substituteAccess,
        ...stockAccess,
        ...deliveryAccess,
        ...transferAccess,
        ...countAccess,
        ...lotAccess,
        ...reasonAccess,
        ...importAccess,
      },
    },
    trouble: troublePage(deps),
    files: importFiles(deps),
    close: live.close,
  }
}
