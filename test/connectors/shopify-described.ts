import { sharedPath } from '../support/needs.ts'
import type { Description } from './described.ts'
import { graphqlDescription, readSchema } from './described-graphql.ts'

/** The schema of the Admin API. A global id names its type. */
export const description: Description = () => {
  const file = sharedPath('specs/shopify/admin-2026-10.graphql')
  if (file === null) return null
  return graphqlDescription(readSchema(file), {
    address: /\/graphql\.json$/,
    typeOf: value => /^gid:\/\/shopify\/(\w+)\//.exec(String((value as { id?: unknown }).id))?.[1] ?? 'unknown',
  })
}
