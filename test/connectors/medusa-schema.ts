import { existsSync, readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Exchange } from './medusa-stage.ts'

const FOLDER = new URL('../../../shared/specs/medusa/', import.meta.url)

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json }
type Schema = { readonly [name: string]: unknown }
export type Recorded = {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly request?: Json
  readonly response: Json
}

/** The official description, and what a real server of 2.21.2 answered. */
export type Official = {
  readonly recorded: readonly Recorded[]
  /** What is wrong with a call by the description; an operation that is newer than it is held against the recordings. */
  readonly wrongRequest: (exchange: Exchange) => string[]
  readonly schemas: Readonly<Record<string, Schema>>
}

/** Operations that came after the description, with what SOURCE.txt and the recordings tell of them. */
const NEWER: readonly RegExp[] = [/^POST \/admin\/inventory-items\/location-levels\/batch$/, /^POST \/admin\/payments\/[^/]+\/refund$/]
/** Trimmed away from it. */
const TRIMMED: readonly RegExp[] = [/^GET \/admin\/stores$/, /^POST \/auth\/user\/emailpass$/, /^POST \/admin\/payments\/[^/]+\/refund$/]

/** The description, or null where it does not lie beside the project. */
export function officialMedusa(): Official | null {
  if (!existsSync(FOLDER)) return null
  const text = readFileSync(new URL('admin-openapi-v2.0-trimmed.json', FOLDER), 'utf8')
  const document = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'))
  const { exchanges: recorded } = JSON.parse(readFileSync(new URL('recorded-2.21.2.json', FOLDER), 'utf8'))
  const schemas: Readonly<Record<string, Schema>> = document.components.schemas
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
  const checks = new Map<string, ValidateFunction | null>()
  const paths = Object.entries(document.paths as Record<string, Record<string, Operation>>).map(([path, operations]) => ({
    pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    operations,
    path,
  }))
  const wrongRequest = ({ method, path, query, body }: Exchange): string[] => {
    const what = `${method} ${path}`
    if ([...NEWER, ...TRIMMED].some(pattern => pattern.test(what))) return []
    // A path of fixed words goes before one with a place for an id.
    const found = paths.filter(one => one.pattern.test(path)).sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0]
    const operation = found?.operations[method.toLowerCase()]
    if (!found || !operation) return [`${what} is not described`]
    const names = new Set((operation.parameters ?? []).map(one => one.name))
    const strange = [...query.keys()].map(name => name.replace(/\[.*$/, '')).filter(name => !names.has(name))
    const key = `${method} ${found.path}`
    if (!checks.has(key)) {
      const schema = operation.requestBody?.content?.['application/json']?.schema
      checks.set(key, schema ? ajv.compile({ ...schema, $defs: document.components.schemas }) : null)
    }
    const check = checks.get(key)
    const wrong = check && !check(body ?? {}) ? (check.errors ?? []).map(error => `${what}: ${error.instancePath} ${error.message}`) : []
    return [...strange.map(name => `${what} takes no ${name}`), ...wrong]
  }
  return { recorded, wrongRequest, schemas }
}

type Operation = {
  readonly parameters?: readonly { readonly name: string }[]
  readonly requestBody?: { readonly content?: { readonly 'application/json'?: { readonly schema?: Schema } } }
}

/** What is known of a value: by name what may stand there; of a list what its members are. */
export type Known = { readonly kinds: Set<string>; readonly fields: Map<string, Known>; members: Known | null }

const unknown = (): Known => ({ kinds: new Set(), fields: new Map(), members: null })
const kindOf = (value: Json): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)

/** Adds to what is known. */
export function learn(known: Known, value: Json): Known {
  known.kinds.add(kindOf(value))
  if (Array.isArray(value)) {
    known.members ??= unknown()
    for (const one of value) learn(known.members, one)
  } else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) {
      const field = known.fields.get(name) ?? unknown()
      known.fields.set(name, learn(field, one))
    }
  return known
}

/** The same of a schema, as deep as its own parts go. */
export function learnSchema(known: Known, schema: Schema, all: Readonly<Record<string, Schema>>, depth = 3): Known {
  const { $ref, allOf, oneOf, type, properties, items } = schema as {
    $ref?: string
    allOf?: Schema[]
    oneOf?: Schema[]
    type?: string
    properties?: Record<string, Schema>
    items?: Schema
  }
  if (depth === 0) return known
  const named = $ref === undefined ? undefined : all[$ref.replace('#/$defs/', '')]
  for (const one of [...(named ? [named] : []), ...(allOf ?? []), ...(oneOf ?? [])]) learnSchema(known, one, all, depth)
  if (type !== undefined) known.kinds.add(type === 'integer' ? 'number' : type)
  for (const [name, one] of Object.entries(properties ?? {})) {
    const field = known.fields.get(name) ?? unknown()
    known.fields.set(name, learnSchema(field, one, all, depth - 1))
  }
  if (items) {
    known.members ??= unknown()
    learnSchema(known.members, items, all, depth - 1)
  }
  return known
}

/** Where a value holds what is not known of it, or is of another kind. Null and what is empty may stand anywhere. */
export function strangeIn(known: Known | null | undefined, value: Json, path = ''): string[] {
  const kind = kindOf(value)
  if (kind === 'null') return []
  if (!known) return [`${path} is not known`]
  const isOther = known.kinds.size > 0 && !known.kinds.has(kind) && !(known.kinds.size === 1 && known.kinds.has('null'))
  if (isOther) return [`${path} is ${kind}, not ${[...known.kinds].join(' or ')}`]
  if (Array.isArray(value)) return value.flatMap((one, at) => strangeIn(known.members, one, `${path}[${at}]`))
  if (typeof value !== 'object' || value === null || known.fields.size === 0) return []
  return Object.entries(value).flatMap(([name, one]) => strangeIn(known.fields.get(name), one, `${path}.${name}`))
}

/** What a value lacks of what another has, by name; lists are told by their first members. */
export function missingIn(value: Json, like: Json, path = ''): string[] {
  if (Array.isArray(like)) {
    const [theirs] = like
    return Array.isArray(value) && value[0] !== undefined && theirs !== undefined ? missingIn(value[0], theirs, `${path}[]`) : []
  }
  if (typeof like !== 'object' || like === null || typeof value !== 'object' || value === null || Array.isArray(value)) return []
  const own = value as { readonly [name: string]: Json }
  return Object.entries(like).flatMap(([name, one]) =>
    name in own ? missingIn(own[name] ?? null, one, `${path}.${name}`) : [`${path}.${name} is missing`],
  )
}

/** What all recordings and the description tell of answers, by the name that they stand under. */
export function knownAnswers({ recorded, schemas }: Official): Known {
  /** What all recordings and the description tell of answers, by the name that they stand under. */
  const known: Known = { kinds: new Set(['object']), fields: new Map(), members: null }
  for (const { response, status } of recorded) if (status === 200) learn(known, response)
  const order = known.fields.get('order')
  const parcels = {
    type: 'array',
    items: { allOf: ['AdminOrderFulfillment', 'AdminFulfillment'].map(name => ({ $ref: `#/$defs/${name}` })) },
  }
  const payments = { type: 'array', items: { $ref: '#/$defs/AdminPaymentCollection' } }
  if (order)
    learnSchema(
      order,
      { allOf: [{ $ref: '#/$defs/AdminOrder' }, { properties: { fulfillments: parcels, payment_collections: payments } }] },
      schemas,
      4,
    )
  if (order) known.fields.set('orders', { kinds: new Set(['array']), fields: new Map(), members: order })
  const variants = known.fields.get('variants')?.members
  const [item] = recorded.flatMap(({ response }) => (isObject(response) && 'inventory_item' in response ? [response.inventory_item] : []))
  if (variants) learn(variants, { product: { id: '', title: '', status: '' }, inventory_items: [{ inventory: item ?? null }] })
  for (const { response } of recorded)
    if (variants && isObject(response) && Array.isArray(response.updated)) learn(variants, (response.updated[0] ?? null) as never)
  const place = known.fields.get('stock_locations')?.members
  if (place) learnSchema(place, { $ref: '#/$defs/AdminStockLocation' }, schemas)
  if (place) learn(place, { sales_channels: [{ id: '', name: '', is_disabled: false }] })
  const held = known.fields.get('reservations')?.members
  const level = known.fields
    .get('variants')
    ?.members?.fields.get('inventory_items')
    ?.members?.fields.get('inventory')
    ?.fields.get('location_levels')
  // Told where `fields` asks for them: of what 2.21.2 answers, not of the description.
  if (held) learn(held, { allow_backorder: false })
  if (level) held?.fields.get('inventory_item')?.fields.set('location_levels', level)
  known.fields.set('reservation', learnSchema(unknown(), { $ref: '#/$defs/AdminReservation' }, schemas))
  learn(known, { id: '', object: 'reservation', deleted: true })
  known.fields.set('payment', learnSchema(unknown(), { $ref: '#/$defs/AdminPayment' }, schemas))
  return known
}

/** What is wrong with a call, and with its answer where it was granted. */
export function wrongWith(official: Official, known: Known, exchange: Exchange): string[] {
  const { method, path, status, answer } = exchange
  const strange = status === 200 ? strangeIn(known, answer as Json, `${method} ${path.replaceAll(/_01K\w+/g, '')}`) : []
  // What is answered with garbage on purpose is no answer of Medusa's.
  const isGarbage = JSON.stringify(answer) === '{"success":true}'
  return [...official.wrongRequest(exchange), ...(isGarbage ? [] : strange)]
}

function isObject(value: unknown): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
