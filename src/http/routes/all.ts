import { type Api, type ApiDeps, makeApi } from '../api.ts'
import type { QuickRoute } from '../quick/route.ts'
import { apiAccess } from '../route-table.ts'
import { accessRoutes } from './access.ts'
import { accountRoutes } from './accounts.ts'
import { alertEndpointRoutes } from './alert-endpoints.ts'
import { alertRoutes } from './alerts.ts'
import { audienceRoutes } from './audiences.ts'
import { availabilityRoutes, quickAvailability } from './availability.ts'
import { bundleRoutes } from './bundles.ts'
import { channelRiskRoutes } from './channel-risk.ts'
import { channelRoutes } from './channels.ts'
import { costRoutes } from './costs.ts'
import { countRoutes } from './counts.ts'
import { deliveryRoutes } from './deliveries.ts'
import { driftRoutes } from './drifts.ts'
import { dryRunRoutes } from './dry-runs.ts'
import { explainRoutes } from './explain.ts'
import { forgetRoutes } from './forget.ts'
import { guardRoutes } from './guard.ts'
import { historyRoutes } from './history.ts'
import { holdRuleRoutes } from './hold-rules.ts'
import { importRoutes } from './imports.ts'
import { inboxRoutes } from './inbox.ts'
import { listingRoutes } from './listings.ts'
import { locationRoutes } from './locations.ts'
import { lotRoutes } from './lots.ts'
import { marketOfferRoutes } from './market-offers.ts'
import { marketRuleRoutes } from './market-rules.ts'
import { noticeRoutes } from './notices.ts'
import { orderBuyerRoutes } from './order-buyer.ts'
import { orderCollectorRoutes } from './order-collector.ts'
import { orderExceptionRoutes } from './order-exceptions.ts'
import { orderExchangeRoutes } from './order-exchange.ts'
import { orderLifeRoutes } from './order-life.ts'
import { orderRoutes } from './orders.ts'
import { pickUpRoutes } from './pick-up.ts'
import { pickUpStoreRoutes } from './pick-up-stores.ts'
import { postalCodeRoutes } from './postal-codes.ts'
import { priceHistoryRoutes } from './price-history.ts'
import { priceImportRoutes } from './price-imports.ts'
import { priceLimitRoutes } from './price-limits.ts'
import { priceListRoutes } from './price-lists.ts'
import { pricePolicyRoutes } from './price-policies.ts'
import { priceRateRoutes } from './price-rates.ts'
import { priceResolveRoutes } from './price-resolve.ts'
import { priceRoutes } from './prices.ts'
import { productRoutes } from './products.ts'
import { publicationRoutes } from './publications.ts'
import { publishingRoutes } from './publishing.ts'
import { reasonRoutes } from './reasons.ts'
import { reservationOrderRoutes } from './reservation-order.ts'
import { quickReserve, reservationRoutes } from './reservations.ts'
import { routingRoutes } from './routing.ts'
import { salesImportRoutes } from './sales-import.ts'
import { sessionRoutes } from './session.ts'
import { shortRuleRoutes } from './short-rules.ts'
import { stockRoutes } from './stock.ts'
import { stockChangeRoutes } from './stock-changes.ts'
import { substituteRoutes } from './substitutes.ts'
import { termsRoutes } from './terms.ts'
import { transferRoutes } from './transfers.ts'
import { variantRoutes } from './variants.ts'
import { webhookDeliveryRoutes } from './webhook-deliveries.ts'
import { whatIfRoutes } from './what-if.ts'

/** The whole API under /v1, in the order in which its document shows it. */
export function apiRoutes(deps: ApiDeps): Api {
  const api = makeApi()
  const groups = [
    productRoutes(deps),
    variantRoutes(deps),
    bundleRoutes(deps),
    locationRoutes(deps),
    // Before the stock of one SKU: `reasons` in its address is no SKU.
    reasonRoutes(deps),
    stockRoutes(deps),
    stockChangeRoutes(deps),
    costRoutes(deps),
    deliveryRoutes(deps),
    transferRoutes(deps),
    lotRoutes(deps),
    countRoutes(deps),
    historyRoutes(deps),
    explainRoutes(deps),
    availabilityRoutes(deps),
    termsRoutes(deps),
    // Before imports by number: `prices` in its address is none.
    priceImportRoutes(deps),
    importRoutes(deps),
    salesImportRoutes(deps),
    reservationRoutes(deps),
    routingRoutes(deps),
    whatIfRoutes(deps),
    holdRuleRoutes(deps),
    postalCodeRoutes(deps),
    shortRuleRoutes(deps),
    substituteRoutes(deps),
    reservationOrderRoutes(deps),
    pickUpStoreRoutes(deps),
    pickUpRoutes(deps),
    priceRoutes(deps),
    priceResolveRoutes(deps),
    priceListRoutes(deps),
    audienceRoutes(deps),
    priceHistoryRoutes(deps),
    pricePolicyRoutes(deps),
    priceRateRoutes(deps),
    priceLimitRoutes(deps),
    marketOfferRoutes(deps),
    marketRuleRoutes(deps),
    accountRoutes(deps),
    channelRoutes(deps),
    channelRiskRoutes(deps),
    listingRoutes(deps),
    publicationRoutes(deps),
    publishingRoutes(deps),
    driftRoutes(deps),
    guardRoutes(deps),
    alertRoutes(deps),
    alertEndpointRoutes(deps),
    webhookDeliveryRoutes(deps),
    dryRunRoutes(deps, apiAccess),
    // Before whatever reads a number there.
    orderExceptionRoutes(deps),
    orderRoutes(deps),
    orderLifeRoutes(deps),
    orderExchangeRoutes(deps),
    orderCollectorRoutes(deps),
    orderBuyerRoutes(deps),
    noticeRoutes(deps),
    forgetRoutes(deps),
    inboxRoutes(deps),
    accessRoutes(deps),
    sessionRoutes(),
  ]
  for (const group of groups) api.route('/', group)
  return api
}

/** What is asked so often that the quick door answers it. */
export const quickRoutes = (deps: ApiDeps): QuickRoute[] => [quickReserve(deps), quickAvailability(deps)]
