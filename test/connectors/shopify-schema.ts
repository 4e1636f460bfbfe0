import { readFileSync } from 'node:fs'
import { buildSchema, execute, type GraphQLSchema, parse, validate } from 'graphql'
import { sharedPath } from '../support/needs.ts'

/** One call as a sandbox saw and answered it. */
export type Exchange = {
  readonly query: string
  readonly operationName: string
  readonly variables: Record<string, unknown>
  readonly answer: {
    readonly data?: Record<string, unknown>
    readonly extensions?: { readonly cost?: { readonly requestedQueryCost: number } }
  }
}

/** Shopify's official schema, or null where it is not beside the project. */
export function officialSchema(): GraphQLSchema | null {
  const path = sharedPath('specs/shopify/admin-2026-10.graphql')
  return path === null ? null : buildSchema(readFileSync(path, 'utf8'))
}

/** What is wrong with a document by the schema. */
export function wrongIn(schema: GraphQLSchema, query: string): string[] {
  return validate(schema, parse(query)).map(error => error.message)
}

/**
 * What is wrong with a call and its answer: the variables are read by the schema's input types, and the answer is put through the schema as if it were the shop's
 * data, so that a null where none may be, an enum's value that there is not, or a field of another kind is found; what comes out must be the answer itself.
 */
export function wrongWith(schema: GraphQLSchema, { query, variables, answer }: Exchange): string[] {
  if (answer.data === undefined) return []
  const result = execute({
    ...{ schema, document: parse(query), rootValue: answer.data, variableValues: variables },
    fieldResolver: (source, _args, _context, info) => source[info.path.key],
    typeResolver: value => typeNamed(value),
  })
  if (result instanceof Promise) return ['the answer was not read at once']
  const errors = (result.errors ?? []).map(error => `${error.message} at ${error.path?.join('.')}`)
  const same = JSON.stringify(result.data) === JSON.stringify(answer.data)
  return same || errors.length > 0 ? errors : ['the answer holds more, or other things, than was asked for']
}

/** A global id names its type. */
function typeNamed(value: unknown): string {
  const id = (value as { id?: unknown }).id
  return /^gid:\/\/shopify\/(\w+)\//.exec(String(id))?.[1] ?? 'unknown'
}
