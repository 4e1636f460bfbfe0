import { join } from 'node:path'
import { sharedPath } from '../support/needs.ts'
import type { Description } from './described.ts'
import { openApiDescription } from './described-openapi.ts'

const MODELS = [
  'listingsItems_2021-08-01',
  'orders_2026-01-01',
  'ordersV0',
  'sellers',
  'feeds_2021-06-30',
  'reports_2021-06-30',
  'notifications',
]
const ERRORS = { type: 'object', required: ['errors'], properties: { errors: { type: 'array', minItems: 1 } } }

/** The models of the Selling Partner API. Login, the queue and the documents that are fetched by their own addresses are of none. */
export const description: Description = () => {
  const folder = sharedPath('specs/amazon/models')
  if (folder === null) return null
  return openApiDescription(
    MODELS.map(name => ({ file: join(folder, `${name}.json`) })),
    { isOutside: ({ pathname }) => !/^\/(listings|orders|sellers|feeds|reports|notifications)\//.test(pathname), errors: ERRORS },
  )
}
