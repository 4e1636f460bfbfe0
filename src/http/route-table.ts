import type { RouteTable } from '../usecases/principal.ts'

/** Who may call each route of the API. A route of the app without an entry is never run, and fails a test. */
export const apiAccess: RouteTable = {
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'metrics:read',
  'POST /login': 'open',
  'POST /logout': 'user',
  'POST /webhooks/:token': 'open',
}
