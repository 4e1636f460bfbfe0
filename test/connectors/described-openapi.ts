import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { type Exchange, isJson, type Verdict } from './described.ts'

type Schema = Readonly<Record<string, unknown>>
type Parameter = { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema?: Schema }
type Media = { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>; readonly schema?: Schema }
type Operation = {
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: Media
  readonly responses: Readonly<Record<string, Media>>
}
type Path = Readonly<Record<string, Operation>> & { readonly parameters?: readonly Parameter[] }
type Model = Schema & { readonly paths: Readonly<Record<string, Path>> }

/** One official model: its file, where its paths begin on the sandbox, and what of it is read as its documentation says, not as it stands there. */
export type ModelFile = { readonly file: string; readonly base?: string; readonly mend?: (model: Schema) => Schema }

type Known = {
  readonly base: string
  readonly routes: readonly { readonly pattern: RegExp; readonly path: Path; readonly blanks: number }[]
  readonly compile: (schema: Schema) => ValidateFunction
}

/** Closes every object that lists its properties, so that a misspelt field is found. */
export function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const copy = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, name.startsWith('example') ? value : closed(value)]))
  return 'properties' in copy && copy.type === 'object' && !('additionalProperties' in copy)
    ? { ...copy, additionalProperties: false }
    : copy
}

/**
 * Holds exchanges against OpenAPI models (2 and 3): the address, its query, the headers that must be there, the body, the status, and the reply's body. `errors` is the
 * schema of a refusal whose status the operation does not list; calls for which `isOutside` holds are of no model. Models and validators are made when first needed.
 */
export function openApiDescription(
  models: readonly ModelFile[],
  options: { readonly isOutside: (url: URL) => boolean; readonly errors: Schema },
): (exchange: Exchange) => Verdict {
  const known = models.map(model => {
    let made: Known | null = null
    return { base: model.base ?? '', open: () => (made ??= read(model)) }
  })
  return exchange => {
    if (options.isOutside(exchange.url)) return { request: null, reply: null }
    for (const { base, open } of known) {
      if (!exchange.url.pathname.startsWith(base === '' ? '/' : `${base}/`)) continue
      const found = operationOf(open(), exchange)
      if (found !== null)
        return { request: wrongRequest(open(), found, exchange), reply: wrongReply(open(), found, exchange, options.errors) }
    }
    return { request: ['no model has such a call'], reply: null }
  }
}

function read({ file, base = '', mend = model => model }: ModelFile): Known {
  const model = mend(JSON.parse(readFileSync(file, 'utf8'))) as Model
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false })
  formats.default(ajv)
  const { definitions, components } = model
  ajv.addSchema({ $id: 'model', definitions: closed(definitions ?? {}) as object, components: closed(components ?? {}) as object })
  const validators = new Map<string, ValidateFunction>()
  return {
    base,
    // A path of its own goes before one with a parameter in that place.
    routes: Object.entries(model.paths)
      .map(([text, path]) => ({ pattern: new RegExp(`^${text.replaceAll(/\{\w+\}/g, '[^/]+')}$`), path, blanks: text.split('{').length }))
      .sort((a, b) => a.blanks - b.blanks),
    compile: schema => {
      const text = JSON.stringify(closed(schema)).replaceAll('"#/', '"model#/')
      const validate = validators.get(text) ?? ajv.compile(JSON.parse(text))
      validators.set(text, validate)
      return validate
    },
  }
}

function operationOf({ base, routes }: Known, { method, url }: Exchange): Operation | null {
  const rest = url.pathname.slice(base.length)
  const path = routes.find(({ pattern, path: each }) => pattern.test(rest) && method.toLowerCase() in each)?.path
  const operation = path?.[method.toLowerCase()]
  return operation === undefined ? null : { ...operation, parameters: [...(path?.parameters ?? []), ...(operation.parameters ?? [])] }
}

function wrongRequest(model: Known, { parameters = [], requestBody }: Operation, { url, headers, asked }: Exchange): string[] {
  const query = parameters.filter(one => one.in === 'query').map(one => one.name.replace(/\[\]$/, ''))
  const wrong = [...url.searchParams.keys()]
    .filter(name => !query.includes(name.replace(/\[.*$/, '')))
    .map(name => `there is no query parameter ${name}`)
  for (const { name, in: place } of parameters.filter(one => one.required === true)) {
    if (place === 'query' && !url.searchParams.has(name)) wrong.push(`the query parameter ${name} is missing`)
    if (place === 'header' && !headers.has(name)) wrong.push(`the header ${name} is missing`)
  }
  if (asked === '') return wrong
  const schema = parameters.find(one => one.in === 'body')?.schema ?? jsonOf(requestBody)
  return schema === undefined ? [...wrong, 'it takes no body'] : [...wrong, ...wrongBody(model, schema, asked)]
}

function wrongReply(model: Known, { responses }: Operation, { status, answered }: Exchange, errors: Schema): string[] | null {
  if (answered === null) return null
  const told = responses[String(status)] ?? (status === 207 ? responses['200'] : undefined)
  // Tokens, permissions and quotas are refused before the operation is reached.
  if (told === undefined && status < 500 && ![401, 403, 429].includes(status)) return [`no status ${status} is described`]
  const schema = told?.schema ?? jsonOf(told) ?? (status >= 400 ? errors : undefined)
  return schema === undefined || answered === '' ? [] : wrongBody(model, schema, answered)
}

function jsonOf(media: Media | undefined): Schema | undefined {
  return media?.content?.['application/json']?.schema
}

function wrongBody(model: Known, schema: Schema, text: string): string[] {
  if (!isJson(text)) return ['it is no JSON']
  const validate = model.compile(schema)
  validate(JSON.parse(text))
  return (validate.errors ?? []).map(error => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)
}
