import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedPath } from '../support/needs.ts'
import { type Description, type Exchange, isJson, type Verdict } from './described.ts'

type Fields = Readonly<Record<string, unknown>>
type Operation = {
  readonly title: string
  readonly endpoints: readonly { readonly method: string; readonly path: string }[]
  readonly responses: readonly unknown[]
}
type Documented = {
  readonly properties: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>
  readonly operations: readonly Operation[]
}
/** What the documentation tells of a resource: its addresses, its fields with their types, and what kinds of value its examples show. */
type Resource = {
  readonly addresses: ReadonlySet<string>
  readonly types: ReadonlyMap<string, string>
  readonly kinds: ReadonlyMap<string, ReadonlySet<string>>
}

const RESOURCES = ['product-variations', 'products', 'order-refunds', 'order-notes', 'orders', 'webhooks'] as const
/** Newer than the documentation that is kept here, or written by WordPress itself. */
const NEWER = ['global_unique_id', 'name', 'type', 'parent_id']
const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  integer: Number.isInteger,
  boolean: value => typeof value === 'boolean',
  string: value => typeof value === 'string',
  'date-time': value => typeof value === 'string' && /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)?$/.test(value),
  array: Array.isArray,
}

/** The property tables and examples of the REST API v3. The shipment tracking extension and WooCommerce's settings are of none. */
export const description: Description = () => {
  const folder = sharedPath('specs/woocommerce')
  if (folder === null) return null
  const resources = RESOURCES.map(name => read(JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Documented))
  return exchange => {
    const { pathname } = exchange.url
    if (!pathname.startsWith('/wp-json/wc/v3/') || /\/(settings|data|system_status)/.test(pathname)) return { request: null, reply: null }
    // One address of the documentation lacks its "s" (webhooks).
    const address = `${exchange.method} ${pathname.replaceAll(/\/\d+/g, '/#')}`
    const resource = resources.find(({ addresses }) => addresses.has(address))
    return resource === undefined ? { request: [`${address} is not documented`], reply: null } : verdict(resource, exchange)
  }
}

function read({ properties, operations }: Documented): Resource {
  const [table] = Object.values(properties)
  const examples = operations
    .flatMap(({ responses }) => responses.flat())
    .flatMap(example => (Object.values(example as Fields).every(Array.isArray) ? Object.values(example as Fields).flat() : [example]))
  const kinds = new Map<string, Set<string>>()
  for (const example of examples)
    for (const [name, value] of Object.entries(example as Fields)) kinds.set(name, (kinds.get(name) ?? new Set()).add(kindOf(value)))
  return {
    addresses: new Set(
      operations.flatMap(({ endpoints }) =>
        endpoints.map(({ method, path }) => `${method} ${path.replaceAll(/&lt;\w+&gt;/g, '#').replace('/webhook/', '/webhooks/')}`),
      ),
    ),
    types: new Map(table?.map(one => [one.name, one.type])),
    kinds,
  }
}

function verdict({ types, kinds }: Resource, { asked, status, answered }: Exchange): Verdict {
  const request =
    asked === '' ? [] : isJson(asked) ? itemsOf(JSON.parse(asked)).flatMap(item => wrongFields(item, types)) : ['it is no JSON']
  // What stands in front of WooCommerce answers in HTML when it is too much, or fails.
  if (answered === null || status === 429 || status >= 500) return { request, reply: null }
  if (!isJson(answered)) return { request, reply: ['it is no JSON'] }
  const items = itemsOf(JSON.parse(answered))
  return { request, reply: status >= 400 ? items.flatMap(wrongRefusal) : items.flatMap(item => wrongKinds(item, kinds)) }
}

/** A list, what a batch holds, or the one thing itself. */
function itemsOf(body: unknown): Fields[] {
  if (Array.isArray(body)) return body as Fields[]
  const { create, update } = body as Fields
  return Array.isArray(create) || Array.isArray(update) ? ([create ?? [], update ?? []].flat() as Fields[]) : [body as Fields]
}

function wrongFields(item: Fields, types: ReadonlyMap<string, string>): string[] {
  return Object.entries(item).flatMap(([name, value]) => {
    const type = types.get(name)
    return TYPES[type ?? '']?.(value) === true ? [] : [`${name} (${type ?? 'not documented'}) is ${JSON.stringify(value)}`]
  })
}

function wrongRefusal({ code, message }: Fields): string[] {
  return typeof code === 'string' && typeof message === 'string' ? [] : ['a refusal has a code and a message']
}

function wrongKinds(item: Fields, kinds: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  // One of a batch that was refused stands there with its reason.
  if ('error' in item) return wrongRefusal(item.error as Fields)
  return Object.entries(item).flatMap(([name, value]) => {
    const told = kinds.get(name)
    if (told === undefined) return NEWER.includes(name) ? [] : [`${name} is in no example`]
    // Where the examples only have null, they do not tell what else it can be.
    if (value === null || [...told].every(kind => kind === 'null')) return []
    return told.has(kindOf(value)) ? [] : [`${name} is ${kindOf(value)}, in the examples ${[...told].join(' or ')}`]
  })
}
