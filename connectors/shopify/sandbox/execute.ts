import { type Document, type Field, filled, type Selection } from './document.ts'

/** Something of the shop: values, further things, and functions of a field's arguments. */
export type Thing = { readonly [field: string]: unknown }
export type Args = Readonly<Record<string, unknown>>
export type Resolver = (args: Args, directives: Readonly<Record<string, Args>>) => unknown

/** A call that is wrong as a whole. */
export class Refusal extends Error {
  readonly code: string | null
  constructor(message: string, code: string | null = null) {
    super(message)
    this.code = code
  }
}

export type Variables = Readonly<Record<string, unknown>>

const MUTATION = 10
const CONNECTION = 2

const isField = (one: Selection): one is Field => 'key' in one

/** What the operation would cost at the most: scalar 0, object 1, connection by its size; lists without a size count once. */
export function requestedCost({ isMutation, fields }: Document, variables: Variables): number {
  const inside = (all: readonly Selection[]): number => all.reduce((sum, one) => sum + (isField(one) ? costOf(one) : inside(one.fields)), 0)
  const costOf = (field: Field): number => {
    if (field.fields.length === 0) return 0
    const { first, ids, names } = filled(field.args, variables)
    const size = typeof first === 'number' ? first : Array.isArray(ids) ? ids.length : Array.isArray(names) ? names.length : 1
    const nodes = field.fields.find(one => isField(one) && one.name === 'nodes')
    if (nodes && isField(nodes) && typeof first === 'number')
      return CONNECTION + size * (1 + inside(nodes.fields)) + inside(field.fields.filter(one => one !== nodes))
    return size * (1 + inside(field.fields))
  }
  return (isMutation ? MUTATION : 0) + inside(fields)
}

/** The answer, just as it was asked for, and what it cost by what it really holds. */
export function execute(
  document: Document,
  root: Thing,
  variables: Variables,
): { readonly data: Record<string, unknown>; readonly cost: number } {
  let cost = document.isMutation ? MUTATION : 0
  const pick = (thing: Thing, all: readonly Selection[]): Record<string, unknown> => {
    const found: Record<string, unknown> = {}
    for (const one of all) {
      if (isField(one)) found[one.key] = shown(read(thing, one), one)
      else if (thing.__typename === one.on) Object.assign(found, pick(thing, one.fields))
    }
    return found
  }
  const read = (thing: Thing, field: Field): unknown => {
    const value = thing[field.name]
    if (value === undefined)
      throw new Refusal(`Field '${field.name}' doesn't exist on type '${String(thing.__typename ?? 'QueryRoot')}'`, 'undefinedField')
    if (typeof value !== 'function') return value
    const directives = Object.fromEntries(Object.entries(field.directives).map(([name, args]) => [name, filled(args, variables)]))
    return (value as Resolver)(filled(field.args, variables), directives)
  }
  const shown = (value: unknown, field: Field): unknown => {
    if (value === null || field.fields.length === 0) return value
    if (Array.isArray(value)) return value.map(one => shown(one, field))
    const isConnection = typeof value === 'object' && 'pageInfo' in value && 'nodes' in value
    cost += isConnection ? CONNECTION : 1
    return pick(value as Thing, field.fields)
  }
  return { data: pick(root, document.fields), cost }
}

/** A list as a connection: `first` of it behind the cursor `after`, which is the key of the last one that was shown. */
export function connection<T>(all: readonly T[], args: Args, keyOf: (one: T) => string, show: (one: T) => Thing): Thing {
  const { first, after } = args
  const size = Number(first)
  if (!Number.isInteger(size) || size < 1 || size > 250)
    throw new Refusal('first must be between 1 and 250', 'ARGUMENT_LITERALS_INCOMPATIBLE')
  const begin = typeof after === 'string' ? all.findIndex(one => keyOf(one) === after) + 1 : 0
  const page = all.slice(begin, begin + size)
  const last = page.at(-1)
  return {
    __typename: 'Connection',
    nodes: page.map(show),
    pageInfo: { __typename: 'PageInfo', hasNextPage: begin + size < all.length, endCursor: last === undefined ? null : keyOf(last) },
  }
}
