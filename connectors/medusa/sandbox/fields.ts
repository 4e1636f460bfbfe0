/** What is another thing of its own, and is told only where it is asked for. */
const RELATIONS: ReadonlySet<string> = new Set([
  ...[
    'product',
    'prices',
    'options',
    'inventory_items',
    'inventory',
    'location_levels',
    'items',
    'detail',
    'variant',
    'fulfillments',
    'labels',
  ],
  ...[
    'shipping_address',
    'billing_address',
    'shipping_methods',
    'tax_lines',
    'adjustments',
    'credit_lines',
    'payment_collections',
    'payments',
  ],
  ...['refunds', 'captures', 'sales_channels', 'supported_currencies', 'currency', 'inventory_item'],
])

/** What is reckoned of others brings them along. */
const ALONG: Readonly<Record<string, readonly string[]>> = { fulfillment_status: ['version', 'payment_status', '*payment_collections'] }

type Asked = { all: boolean; readonly fields: Map<string, Asked> }
type Thing = Readonly<Record<string, unknown>>

/**
 * What `fields` asks for of a thing that is told whole: `a,b.c` names fields, `*b` a thing that belongs to it. Names alone replace what is told by default; only
 * things that belong to it, without a name, come beside everything.
 */
export function asked(thing: Thing, fields: string | null): Thing {
  const tokens = (fields ?? '').split(',').filter(Boolean)
  const isReplaced = tokens.some(token => !/^[*+-]/.test(token))
  if (!isReplaced) return thing
  const root: Asked = { all: false, fields: new Map([['id', leaf()]]) }
  for (const token of tokens.flatMap(one => [one, ...(ALONG[one] ?? [])])) {
    let at = root
    for (const name of token.replace(/^[*+]/, '').split('.')) {
      const next = at.fields.get(name) ?? { all: false, fields: new Map() }
      at.fields.set(name, next)
      at = next
    }
    at.all = true
  }
  return pick(thing, root)
}

const leaf = (): Asked => ({ all: true, fields: new Map() })

function pick(thing: Thing, { all, fields }: Asked): Thing {
  return Object.fromEntries(
    Object.entries(thing).flatMap(([name, value]) => {
      const deeper = fields.get(name)
      if (deeper) return [[name, Array.isArray(value) ? value.map(one => part(one, deeper)) : part(value, deeper)]]
      return all && !RELATIONS.has(name) ? [[name, value]] : []
    }),
  )
}

function part(value: unknown, how: Asked): unknown {
  return typeof value === 'object' && value !== null ? pick(value as Thing, how) : value
}
