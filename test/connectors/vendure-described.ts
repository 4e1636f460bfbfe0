import type { Description } from './described.ts'
import { graphqlDescription } from './described-graphql.ts'
import { officialSchema } from './vendure-schema.ts'

/** The schema of the Admin API, as a server tells it. Members of unions name themselves. */
export const description: Description = () => {
  const schema = officialSchema()
  if (schema === null) return null
  const typeOf = (value: unknown): string => String((value as { __typename?: unknown }).__typename ?? 'unknown')
  return graphqlDescription(schema, { address: /\/admin-api$/, typeOf })
}
