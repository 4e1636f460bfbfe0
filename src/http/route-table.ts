import type { RouteTable } from '../usecases/principal.ts'

/**
 * Who may call each route, by method and pattern. A route of the app without an entry here (or in the table of the pages) is never run, and
 * fails a test. The OpenAPI document shows the same entries.
 */
export const apiAccess: RouteTable = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'metrics:read',
  'POST /login': 'open',
  'POST /logout': 'user',
  // Each delivery is signed; the signature is checked before anything is kept.
  'POST /webhooks/:token': 'open',

  'GET /openapi.json': 'login',
  'GET /docs': 'login',
  'GET /docs/assets/:name': 'login',
  'GET /docs/problems/:code': 'login',
  'GET /v1/session': 'login',

  'GET /v1/products': 'catalog:read',
  'POST /v1/products': 'catalog:write',
  'GET /v1/products/:handle': 'catalog:read',
  'PATCH /v1/products/:handle': 'catalog:write',
  'POST /v1/products/:handle/variants': 'catalog:write',
  'GET /v1/variants': 'catalog:read',
  'GET /v1/variants/:sku': 'catalog:read',
  'PATCH /v1/variants/:sku': 'catalog:write',

  'GET /v1/locations': 'stock:read',
  'POST /v1/locations': 'catalog:write',
  'GET /v1/locations/:code': 'stock:read',
  'PATCH /v1/locations/:code': 'catalog:write',
  'GET /v1/locations/:code/stock': 'stock:read',

  'GET /v1/stock/reasons': 'stock:read',
  // The list is the company's: what it says is not a clerk's to decide.
  'POST /v1/stock/reasons': 'stock:approve',
  'PATCH /v1/stock/reasons/:code': 'stock:approve',
  'GET /v1/stock/:sku': 'stock:read',
  'GET /v1/stock/:sku/movements': 'stock:read',
  'GET /v1/stock/:sku/explain': 'stock:read',
  'POST /v1/stock/receive': 'stock:write',
  'POST /v1/stock/adjust': 'stock:write',
  'POST /v1/stock/count': 'stock:write',
  'POST /v1/stock/sale': 'stock:write',
  'POST /v1/stock/safety-stock': 'stock:write',
  'GET /v1/stock/:sku/lots': 'stock:read',
  'PATCH /v1/stock/:sku/lots': 'stock:write',
  // Changes how every unit of the SKU is booked from now on.
  'PUT /v1/stock/:sku/lot-tracking': 'catalog:write',
  'GET /v1/lots/expiring': 'stock:read',
  'GET /v1/counts': 'stock:read',
  'POST /v1/counts': 'stock:write',
  'GET /v1/counts/:id': 'stock:read',
  'GET /v1/counts/:id/lines': 'stock:read',
  'POST /v1/counts/:id/entries': 'stock:write',
  'POST /v1/counts/:id/submit': 'stock:write',
  'POST /v1/counts/:id/cancel': 'stock:write',
  // Beside the books, for whoever did not count.
  'GET /v1/counts/:id/review': 'stock:approve',
  'POST /v1/counts/:id/recount': 'stock:approve',
  'POST /v1/counts/:id/approve': 'stock:approve',
  'POST /v1/counts/:id/reject': 'stock:approve',
  'GET /v1/availability/:sku': 'stock:read',
  'POST /v1/availability': 'stock:read',

  'GET /v1/reservations': 'stock:read',
  'POST /v1/reservations': 'stock:write',
  'GET /v1/reservations/:id': 'stock:read',
  'POST /v1/reservations/:id/release': 'stock:write',
  'POST /v1/reservations/:id/settle': 'stock:write',
  'POST /v1/reservations/:id/move': 'stock:write',

  'GET /v1/prices': 'prices:read',
  'POST /v1/prices': 'prices:write',
  'GET /v1/prices/:sku/history': 'prices:read',

  'GET /v1/accounts': 'channels:read',
  // Brings credentials of a platform into the house.
  'POST /v1/accounts': 'admin',
  'GET /v1/accounts/:name': 'channels:read',
  'POST /v1/accounts/:name/pause': 'channels:write',
  'POST /v1/accounts/:name/resume': 'channels:write',
  'GET /v1/channels': 'channels:read',
  'GET /v1/channels/:code': 'channels:read',
  'PATCH /v1/channels/:code': 'channels:write',
  'GET /v1/channels/:code/preview': 'channels:read',
  'POST /v1/channels/:code/requests': 'channels:write',
  'GET /v1/requests/:id': 'channels:read',
  'GET /v1/listings': 'channels:read',
  'POST /v1/listings/:id/match': 'channels:write',
  'GET /v1/publications': 'channels:read',
  'GET /v1/publications/:listingId/history': 'channels:read',
  'POST /v1/publications/:listingId/:field/retry': 'channels:write',

  'GET /v1/orders': 'orders:read',
  'GET /v1/orders/:id': 'orders:read',
  'POST /v1/orders/:id/ship': 'orders:write',
  'POST /v1/orders/:id/cancel': 'orders:write',
  'GET /v1/inbox': 'orders:read',
  'POST /v1/inbox/:id/replay': 'orders:write',

  'GET /v1/users': 'admin',
  'POST /v1/users': 'admin',
  'PATCH /v1/users/:id': 'admin',
  'GET /v1/keys': 'admin',
  'POST /v1/keys': 'admin',
  'POST /v1/keys/:id/revoke': 'admin',
  'GET /v1/audit': 'admin',
}
