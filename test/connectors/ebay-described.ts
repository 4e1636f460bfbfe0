import { join } from 'node:path'
import { sharedPath } from '../support/needs.ts'
import type { Description } from './described.ts'
import { openApiDescription } from './described-openapi.ts'

const APIS = {
  '/sell/inventory/v1': 'sell_inventory_v1_oas3.json',
  '/sell/fulfillment/v1': 'sell_fulfillment_v1_oas3.json',
  '/commerce/notification/v1': 'commerce_notification_v1_oas3.json',
  '/developer/analytics/v1_beta': 'developer_analytics_v1_beta_oas3.json',
} as const
const ERRORS = {
  type: 'object',
  required: ['errors'],
  properties: { errors: { type: 'array', minItems: 1, items: { $ref: '#/components/schemas/Error' } } },
}

type Schemas = { readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> } }

/** The model says text where eBay's documentation and its answers have an object. */
function mend(model: object): Readonly<Record<string, unknown>> {
  const { components } = model as Schemas
  const { Destination } = components.schemas
  if (Destination === undefined) return { ...model }
  const properties = { ...Destination.properties, deliveryConfig: { $ref: '#/components/schemas/DeliveryConfig' } }
  return { ...model, components: { ...components, schemas: { ...components.schemas, Destination: { ...Destination, properties } } } }
}

/** The models of the Sell, Notification and Analytics APIs. Tokens are of none. */
export const description: Description = () => {
  const folder = sharedPath('specs/ebay')
  if (folder === null) return null
  return openApiDescription(
    Object.entries(APIS).map(([base, file]) => ({ base, file: join(folder, file), mend })),
    { isOutside: ({ pathname }) => pathname.startsWith('/identity/'), errors: ERRORS },
  )
}
