import { type Document, type Field, filled, type Selection } from '../../sandbox-document.ts'
import { type Args, execute, isField, Refusal, type Thing, type Variables } from '../../sandbox-graphql.ts'

const MUTATION = 10
const CONNECTION = 2

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
export function executeAtCost(
  document: Document,
  root: Thing,
  variables: Variables,
): { readonly data: Record<string, unknown>; readonly cost: number } {
  let cost = document.isMutation ? MUTATION : 0
  const data = execute(document, root, variables, thing => {
    cost += 'pageInfo' in thing && 'nodes' in thing ? CONNECTION : 1
  })
  return { data, cost }
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
