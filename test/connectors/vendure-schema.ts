import { readFileSync } from 'node:fs'
import { buildSchema, execute, extendSchema, type GraphQLSchema, parse, validate } from 'graphql'
import { sharedPath } from '../support/needs.ts'

/** One call as a sandbox saw and answered it. */
export type Exchange = {
  readonly query: string
  readonly operationName: string
  readonly variables: Record<string, unknown>
  readonly answer: { readonly data?: Record<string, unknown> | null; readonly errors?: unknown }
}

/** Input fields that are announced to go are left out of a schema that a server tells of itself; it takes them, and needs two of them. */
const ANNOUNCED_TO_GO = 'extend input RefundOrderInput { lines: [OrderLineInput!] shipping: Money adjustment: Money }'

/** The Admin API's schema as a server of 3.7.3 tells it, or null where it is not beside the project. */
export function officialSchema(): GraphQLSchema | null {
  const path = sharedPath('specs/vendure/admin-3.7.3.graphql')
  return path === null ? null : extendSchema(buildSchema(readFileSync(path, 'utf8')), parse(ANNOUNCED_TO_GO))
}

/** What is wrong with a document by the schema. */
export function wrongIn(schema: GraphQLSchema, query: string): string[] {
  return validate(schema, parse(query)).map(error => error.message)
}

/**
 * What is wrong with a call and its answer: the variables are read by the schema's input types, and the answer is put through the schema as if it were the server's
 * data, so that a null where none may be, an enum's value that there is not, or a field of another kind is found; what comes out must be the answer itself.
 */
export function wrongWith(schema: GraphQLSchema, { query, variables, answer }: Exchange): string[] {
  const document = parse(query)
  const rootValue = answer.data ?? {}
  const result = execute({
    ...{ schema, document, rootValue, variableValues: variables },
    fieldResolver: (source, _args, _context, info) => source[info.path.key],
    typeResolver: value => String((value as { __typename?: unknown }).__typename ?? 'unknown'),
  })
  if (result instanceof Promise) return ['the answer was not read at once']
  // What was refused as a whole holds nothing; its variables are right or wrong all the same, and those errors have no path.
  const isRefused = answer.data === undefined || answer.data === null
  const errors = (result.errors ?? []).filter(error => !isRefused || error.path === undefined)
  if (errors.length > 0 || isRefused) return errors.map(error => `${error.message} at ${error.path?.join('.') ?? 'the call'}`)
  return JSON.stringify(result.data) === JSON.stringify(answer.data) ? [] : ['the answer holds more, or other things, than was asked for']
}
