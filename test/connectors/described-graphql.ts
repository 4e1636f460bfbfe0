import { readFileSync } from 'node:fs'
import { buildSchema, type DocumentNode, execute, type GraphQLSchema, parse, validate } from 'graphql'
import { type Exchange, isJson, type Verdict } from './described.ts'

type Call = { readonly query: string; readonly variables?: Record<string, unknown> }
type Answer = { readonly data?: Record<string, unknown> | null; readonly errors?: readonly unknown[] }

/** An official schema. Whoever wrote it has validated it. */
export function readSchema(file: string): GraphQLSchema {
  return buildSchema(readFileSync(file, 'utf8'), { assumeValid: true, assumeValidSDL: true })
}

/**
 * Holds GraphQL calls and their answers against a schema. `typeOf` names the type of a value that may be of several; `address` is the path of the API: other calls are
 * none of it. A document is validated once.
 */
export function graphqlDescription(
  schema: GraphQLSchema,
  options: { readonly address: RegExp; readonly typeOf: (value: unknown) => string },
) {
  const documents = new Map<string, { readonly document: DocumentNode; readonly wrong: readonly string[] }>()
  const read = (query: string) => {
    const known = documents.get(query)
    if (known !== undefined) return known
    const document = parse(query)
    const made = { document, wrong: validate(schema, document).map(error => error.message) }
    documents.set(query, made)
    return made
  }
  return ({ url, asked, status, answered }: Exchange): Verdict => {
    if (!options.address.test(url.pathname)) return { request: null, reply: null }
    const { query, variables = {} }: Call = JSON.parse(asked)
    const { document, wrong } = read(query)
    if (wrong.length > 0) return { request: wrong, reply: null }
    // Refused before it was read: there is nothing of the schema in it.
    if (answered === null || status !== 200) return { request: [], reply: null }
    if (!isJson(answered)) return { request: [], reply: ['it is no JSON'] }
    const answer: Answer = JSON.parse(answered)
    if (answer.data === undefined || answer.data === null)
      return { request: [], reply: answer.errors === undefined ? ['it has neither data nor errors'] : [] }
    const { request, reply } = wrongAnswer(schema, document, { variables, data: answer.data, typeOf: options.typeOf })
    return { request, reply }
  }
}

/**
 * The variables are read by the schema's input types, and the answer is put through the schema as if it were the platform's data, so that a null where none may be, an
 * enum's value that there is not, or a field of another kind is found; what comes out must be the answer itself.
 */
function wrongAnswer(
  schema: GraphQLSchema,
  document: DocumentNode,
  {
    variables,
    data,
    typeOf,
  }: { readonly variables: Record<string, unknown>; readonly data: Record<string, unknown>; readonly typeOf: (value: unknown) => string },
): { readonly request: readonly string[]; readonly reply: readonly string[] } {
  const result = execute({
    ...{ schema, document, rootValue: data, variableValues: variables },
    fieldResolver: (source, _args, _context, info) => source[info.path.key],
    typeResolver: typeOf,
  })
  if (result instanceof Promise) return { request: [], reply: ['the answer was not read at once'] }
  const wrong = (result.errors ?? []).map(error => `${error.message} at ${error.path?.join('.') ?? 'its variables'}`)
  if (result.data === undefined) return { request: wrong, reply: [] }
  const isSame = JSON.stringify(result.data) === JSON.stringify(data)
  return { request: [], reply: isSame || wrong.length > 0 ? wrong : ['it holds more, or other things, than was asked for'] }
}
